package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.service.Faults.Fault.ErrorResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests that the client reports success only for what is done, such as an end or a longer lease. */
final class SpotClientEndIT extends SpotClientBase {
    /** The option for each output format. A table needs none. */
    private static final List<String> FORMATS = List.of("--", "--json", "--csv");

    private static final String NOWHERE = "i-00000000000000000";

    SpotClientEndIT(LocalDeployment service) {
        super(service);
    }

    @Test
    void endFailsWhileInstancesRemain() throws Exception {
        String id = launch("us-west-2");
        ErrorResponse isProtected =
                new ErrorResponse(400, "OperationNotPermitted", "The instance may not be terminated.");
        service.cloud()
                .faults()
                .choose((action, region) -> action.equals("ec2:TerminateInstances") ? isProtected : null);

        for (List<String> end : inEachFormat("end", id)) {
            SpotClient.Result ran = signed().run(end.toArray(String[]::new));
            assertEquals(RETRY_LATER, ran.status(), end + ran.out() + ran.err());
        }
        service.cloud().faults().clear();
        assertEquals(1, service.alive().size());
        assertEquals(DONE, signed().run("end", id).status());
    }

    @Test
    void endFailsForUnreadableRegion() throws Exception {
        ErrorResponse denied =
                new ErrorResponse(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
        service.cloud()
                .faults()
                .choose((action, region) ->
                        region.equals("eu-west-1") && action.startsWith("ec2:Describe") ? denied : null);

        String end =
                RequestBody.to("end").with("all", true).with("regions", "all").toString();
        // An end of everything waits until EC2 shows nothing new, so the commands run at the same time.
        List<List<String>> commands = List.of(
                List.of("ask", end),
                List.of("end", "--all", "--region", "all", "--json"),
                List.of("end", "--all", "--region", "all", "--csv"));
        runTogether(commands).forEach((command, ran) -> {
            assertEquals(RETRY_LATER, ran.status(), command + ran.out() + ran.err());
            assertTrue((ran.out() + ran.err()).contains("eu-west-1"), command + ran.out() + ran.err());
        });
        for (List<String> price : inEachFormat("price", "m7g.large", "--region", "all")) {
            assertEquals(DONE, signed().run(price.toArray(String[]::new)).status(), "other tasks must succeed");
        }
    }

    @Test
    @Tag("long")
    void endFailsWhenAnswerIsTooLong() throws Exception {
        List<String> ids = new ArrayList<>(
                IntStream.range(0, 199).mapToObj("i-%017x"::formatted).toList());
        ids.add(launch("us-west-2"));

        SpotClient.Result csv = signed().run("end", String.join(",", ids), "--csv");
        assertEquals(RETRY_LATER, csv.status(), csv.err());
        assertTrue(csv.err().contains("tooLong"), csv.err());
        SpotClient.Result listed = signed().run("ls", String.join(",", ids), "--csv");
        assertEquals(RETRY_LATER, listed.status(), listed.err());
    }

    @Test
    void findsIdInAnyRegion() throws Exception {
        String id = launch("us-east-1");

        SpotClient.Result listed = signed().run("ls", id);
        assertEquals(DONE, listed.status(), listed.err());
        assertTrue(listed.out().contains("us-east-1"), listed.out());
        service.instanceStore().tag(id, Map.of("Name", "missing"));
        assertEquals(DONE, signed().run("ls", id, "--json").status(), "the name is not a report");
        SpotClient.Result extended = signed().run("extend", id, "--lease", "9h");
        assertEquals(DONE, extended.status(), extended.err());
        assertTrue(extended.out().contains(" 9h"), extended.out());
        SpotClient.Result ended = signed().run("end", id);
        assertEquals(DONE, ended.status(), ended.err() + ended.out());
        assertEquals(List.of(), service.alive());
    }

    @Test
    @Tag("long")
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
    void endFailsForUnknownId() throws Exception {
        List<String> end = List.of("end", launch("us-east-1"), NOWHERE);

        assertPartlyDone(end, signed().run(end.toArray(String[]::new)));
        assertEquals(List.of(), service.alive());
    }

    @Test
    @Tag("long")
    void reportsUnknownIdsInEachFormat() throws Exception {
        String id = launch("us-east-1");

        // The service waits before it reports an id as unknown, so the commands run at the same time.
        runTogether(inEachFormat("ls", id, NOWHERE)).forEach(SpotClientEndIT::assertPartlyDone);
        runTogether(inEachFormat("end", id, NOWHERE)).forEach(SpotClientEndIT::assertPartlyDone);
        assertEquals(List.of(), service.alive());
    }

    @Test
    @Tag("long")
    void extendsKnownIdsAndRejectsOnlyUnknownOnes() throws Exception {
        String id = launch("us-east-1");
        List<String> extend = List.of("extend", id, NOWHERE, "--lease", "9h");
        List<String> end = List.of("end", NOWHERE);

        Map<List<String>, SpotClient.Result> results = runTogether(List.of(extend, end));

        assertPartlyDone(extend, Objects.requireNonNull(results.get(extend)));
        SpotClient.Result rejected = Objects.requireNonNull(results.get(end));
        assertEquals(REFUSED, rejected.status(), rejected.err());
        assertTrue(rejected.err().startsWith("IdNotFound: "), rejected.err());
    }

    /** Returns a command once for each format. */
    private static List<List<String>> inEachFormat(String... arguments) {
        return FORMATS.stream()
                .map(format ->
                        Stream.concat(Stream.of(arguments), Stream.of(format)).toList())
                .toList();
    }

    /** Runs commands at the same time, and returns their results. */
    private Map<List<String>, SpotClient.Result> runTogether(List<List<String>> commands) throws Exception {
        SpotClient spot = signed();
        Map<List<String>, Future<SpotClient.Result>> running = new LinkedHashMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<String> command : commands) {
                running.put(command, executor.submit(() -> spot.run(command.toArray(String[]::new))));
            }
        }
        Map<List<String>, SpotClient.Result> results = new LinkedHashMap<>();
        for (Map.Entry<List<String>, Future<SpotClient.Result>> one : running.entrySet()) {
            results.put(one.getKey(), one.getValue().get());
        }
        return results;
    }

    private static void assertPartlyDone(List<String> command, SpotClient.Result ran) {
        assertEquals(RETRY_LATER, ran.status(), command + ran.out() + ran.err());
        assertTrue((ran.out() + ran.err()).contains(NOWHERE), command + ran.out() + ran.err());
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
                signed().run("launch", "m7g.large", "--ami", RequestBody.ARM_IMAGE, "--region", region, "--no-dry-run");
        assertEquals(DONE, launched.status(), launched.err());
        return service.alive().getLast().id();
    }
}
