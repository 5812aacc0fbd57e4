package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.service.Faults.Fault.ErrorResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests that the client reports success only for what is done, such as an end or a longer lease. */
final class SpotClientEndIT extends SpotClientBase {
    /** The option for each output format. A table needs none. */
    private static final List<String> FORMATS = List.of("--", "--json", "--csv");

    SpotClientEndIT(LocalDeployment service) {
        super(service);
    }

    @Test
    void endFailsWhileInstancesRemain() throws Exception {
        SpotClient spot = signed();
        spot.run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--no-dry-run");
        ErrorResponse isProtected =
                new ErrorResponse(400, "OperationNotPermitted", "The instance may not be terminated.");
        service.cloud()
                .faults()
                .choose((action, region) -> action.equals("ec2:TerminateInstances") ? isProtected : null);

        inEveryFormat("end", "--all")
                .forEach((form, ran) -> assertEquals(RETRY_LATER, ran.status(), form + ran.out() + ran.err()));
        service.cloud().faults().clear();
        assertEquals(1, service.alive().size());
        assertEquals(DONE, spot.run("end", "--all").status());
    }

    @Test
    void endFailsForUnreadableRegion() throws Exception {
        SpotClient spot = signed();
        ErrorResponse denied =
                new ErrorResponse(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
        service.cloud()
                .faults()
                .choose((action, region) ->
                        region.equals("eu-west-1") && action.startsWith("ec2:Describe") ? denied : null);

        inEveryFormat("end", "--all", "--region", "all").forEach((form, ran) -> {
            assertEquals(RETRY_LATER, ran.status(), form + ran.out() + ran.err());
            assertTrue((ran.out() + ran.err()).contains("eu-west-1"), form + ran.out() + ran.err());
        });
        inEveryFormat("price", "m7g.large", "--region", "all")
                .forEach((form, ran) -> assertEquals(DONE, ran.status(), "other tasks must succeed"));
        String end = Ask.to("end").with("all", true).with("regions", "all").toString();
        assertEquals(RETRY_LATER, spot.run("ask", end).status());
        assertEquals(
                DONE,
                spot.run("end", "--all", "--region", "us-west-2,us-east-1").status());
    }

    @Test
    void endFailsWhenAnswerIsTooLong() throws Exception {
        List<String> ids = new ArrayList<>(
                IntStream.range(0, 199).mapToObj("i-%017x"::formatted).toList());
        ids.add(launch("us-west-2"));

        SpotClient.Result csv = signed().run("end", String.join(",", ids), "--csv");
        assertEquals(RETRY_LATER, csv.status(), csv.err());
        assertTrue(csv.err().contains("tooLong"), csv.err());
    }

    @Test
    void findsIdInAnyRegion() throws Exception {
        String id = launch("us-east-1");

        SpotClient.Result listed = signed().run("ls", id);
        assertEquals(DONE, listed.status(), listed.err());
        assertTrue(listed.out().contains("us-east-1"), listed.out());
        SpotClient.Result extended = signed().run("extend", id, "--lease", "9h");
        assertEquals(DONE, extended.status(), extended.err());
        assertTrue(extended.out().contains(" 9h"), extended.out());
        SpotClient.Result ended = signed().run("end", id);
        assertEquals(DONE, ended.status(), ended.err() + ended.out());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void endsInstanceThatEc2DoesNotShowYet() throws Exception {
        service.cloud().faults().showAfter(Duration.ofSeconds(2));
        for (boolean all : List.of(false, true)) {
            String id = launch("us-west-2");

            SpotClient.Result ended = signed().run("end", all ? "--all" : id);

            assertEquals(DONE, ended.status(), ended.err() + ended.out());
            assertTrue(ended.out().contains(id), ended.out());
            assertEquals(List.of(), service.alive());
        }
    }

    @Test
    void reportsUnknownIds() throws Exception {
        String nowhere = "i-00000000000000000";
        SpotClient.Result ended = signed().run("end", nowhere);
        assertEquals(REFUSED, ended.status(), ended.out());
        assertTrue(ended.err().contains("IdNotFound"), ended.err());
        String id = launch("us-east-1");
        assertPartlyDone(nowhere, signed().run("extend", id, nowhere, "--lease", "9h"));
        inEveryFormat("ls", id, nowhere).forEach((form, ran) -> assertPartlyDone(nowhere, ran));
        inEveryFormat("end", id, nowhere).forEach((form, ran) -> assertPartlyDone(nowhere, ran));
        assertEquals(List.of(), service.alive());
    }

    /** Runs a command in each format at the same time, for commands that take seconds. */
    private Map<String, SpotClient.Result> inEveryFormat(String... arguments) throws Exception {
        SpotClient spot = signed();
        Map<String, Future<SpotClient.Result>> running = new LinkedHashMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String format : FORMATS) {
                List<String> command = new ArrayList<>(List.of(arguments));
                command.add(format);
                running.put(format, executor.submit(() -> spot.run(command.toArray(String[]::new))));
            }
        }
        Map<String, SpotClient.Result> results = new LinkedHashMap<>();
        for (Map.Entry<String, Future<SpotClient.Result>> one : running.entrySet()) {
            results.put(one.getKey(), one.getValue().get());
        }
        return results;
    }

    private static void assertPartlyDone(String missing, SpotClient.Result ran) {
        assertEquals(RETRY_LATER, ran.status(), ran.out() + ran.err());
        assertTrue((ran.out() + ran.err()).contains(missing), ran.out() + ran.err());
    }

    @Test
    void shortensLeaseOnlyOnRequest() throws Exception {
        String id = launch("us-west-2");

        SpotClient.Result rejected = signed().run("extend", id, "--lease", "10m");
        assertEquals(REFUSED, rejected.status(), rejected.out());
        assertTrue(rejected.err().startsWith("LeaseShorter: "), rejected.err());
        assertEquals(
                DONE, signed().run("extend", id, "--lease", "10m", "--shorten").status());
    }

    /** Launches in a region, and returns the instance id. */
    private String launch(String region) throws Exception {
        SpotClient.Result launched =
                signed().run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--region", region, "--no-dry-run");
        assertEquals(DONE, launched.status(), launched.err());
        return service.alive().getLast().id();
    }
}
