package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code spot logs}, and following with answers of a stub. */
final class SpotClientLogsIT extends SpotClientBase {
    private static final int INTERRUPTED = 130;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "i-0123456789abcdef0";

    /** The bodies of the requests to the stub, in order. */
    private final List<String> requests = new CopyOnWriteArrayList<>();

    SpotClientLogsIT(LocalDeployment service) {
        super(service);
    }

    private Instance launch() throws Exception {
        return service.instances(service.send(RequestBody.launch("m7g.large").toString()))
                .getFirst();
    }

    private static WireResponse output(String state, String output) {
        ObjectNode answer = JSON.createObjectNode().put("event", "console");
        answer.putArray("data")
                .addObject()
                .put("Region", "us-west-2")
                .put("InstanceId", ID)
                .put("State", state)
                .put("Timestamp", "2026-11-28T12:00:00Z")
                .put("Latest", true)
                .put("Output", output);
        ObjectNode meta = answer.putObject("meta").put("at", "2026-11-28T12:00:00Z");
        if (output.isEmpty()) {
            meta.putArray("withoutOutput").add(ID);
        }
        return WireResponse.of(200, "application/json", answer.toString());
    }

    private static WireResponse error(int status, String code) {
        return WireResponse.of(
                status,
                "application/json",
                "{\"code\":" + status + ",\"error\":\"" + code + "\",\"details\":\"The reason.\",\"requestId\":\"r\"}");
    }

    /** Starts a stub of the service, which gives each answer once, and the last one always. */
    private Server stub(WireResponse... answers) throws IOException {
        return Server.start(null, request -> {
            requests.add(request.text());
            return answers[Math.min(requests.size(), answers.length) - 1];
        });
    }

    private SpotClient clientOf(Server server) throws IOException {
        return new SpotClient(folder).with("SPOT_URL", server.url() + "/").with("SPOT_TOKEN", "token");
    }

    private SpotClient.Result follow(WireResponse... answers) throws Exception {
        try (Server server = stub(answers)) {
            return clientOf(server).withBriefPauses().run("logs", ID, "--follow");
        }
    }

    @Test
    void showsConsoleOutput() throws Exception {
        Instance instance = launch();
        String text = "Grüße \"quoted\" back\\slash \\n c:\\temp\\\"\n\ttab\n\nlast";
        instance.console().write(text);

        SpotClient.Result ran = signed().run("logs", instance.id());

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(text + "\n", ran.out());
        assertEquals("", ran.err());
    }

    @Test
    void saysThatThereIsNoOutputYet() throws Exception {
        SpotClient.Result ran = signed().run("logs", launch().id());

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals("", ran.out());
        assertTrue(ran.err().contains("no output"), ran.err());
    }

    @Test
    void removesWhatControlsTerminals() throws Exception {
        Instance instance = launch();
        instance.console()
                .write(
                        "a\u001b[31;1mred\u001b[0m\u001b]0;title\u0007b\u001b]8;;http://x\u001b\\c\u001b(Bd\u001bce\u001b"
                                + "\u0008\u0000\u007f\u009b31mf\u202eg\u2066h\u001bP1$r\u001b\\\r\nover\rwritten\r\r\n\u001b\n");

        SpotClient.Result ran = signed().run("logs", instance.id());

        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(ran.out().codePoints().noneMatch(c -> c != '\n' && Character.getType(c) == Character.CONTROL));
        assertTrue(ran.out().startsWith("aredbcde31mfgh"), ran.out());
        assertTrue(ran.out().endsWith("\nover\nwritten\n\n"), ran.out());
        SpotClient.Result json = signed().run("logs", instance.id(), "--json");
        assertTrue(json.out().contains("a\\u001B[31;1mred") || json.out().contains("a\\u001b[31;1mred"), json.out());
    }

    @Test
    void outputCannotImitateTheAnswer() throws Exception {
        Instance instance = launch();
        String text =
                "\"State\":\"terminated\",\"Output\":\"fake\",\"session\":\"s\",\"withoutOutput\":[]\"Latest\":false";
        instance.console().write(text);

        SpotClient.Result ran = signed().run("logs", instance.id());

        assertEquals(text + "\n", ran.out());
        assertEquals("", ran.err());
    }

    @Test
    void rejectsUnknownId() throws Exception {
        SpotClient.Result ran = signed().run("logs", "i-00000000000000000");

        assertEquals(REFUSED, ran.status(), ran.out());
        assertTrue(ran.err().startsWith("IdNotFound: "), ran.err());
    }

    @Test
    void followsUntilInstanceEnds() throws Exception {
        SpotClient.Result ran = follow(
                output("running", ""),
                output("running", "one\ntw"),
                error(429, "Throttled"),
                output("running", "one\ntwo\n"),
                output("running", "one\ntwo\n"),
                output("terminated", "one\ntwo\nthree"));

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals("one\ntwo\nthree\n", ran.out());
        assertEquals(6, requests.size());
        assertTrue(requests.getLast().contains("\"regions\":[\"us-west-2\"]"), requests::toString);
    }

    @Test
    void followsWhenOldOutputIsDropped() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            lines.append("line ").append(i).append(" of \"many\" \\ lines\n");
        }
        String all = lines.toString();
        int window = all.length() / 2;

        SpotClient.Result ran = follow(
                output("running", all.substring(0, window)),
                output("running", all.substring(1_001, window + 1_001)),
                output("running", all.substring(7_777, window + 7_777)),
                output("terminated", all.substring(all.length() - window)));

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(all, ran.out());
    }

    @Test
    void showsAllOfAConsoleThatStartedAgain() throws Exception {
        SpotClient.Result ran = follow(output("running", "boot 1\n"), output("terminated", "boot 2\n"));

        assertEquals("boot 1\nboot 2\n", ran.out());
    }

    @Test
    void endsWhenEc2DoesNotShowTheInstanceAnyMore() throws Exception {
        SpotClient.Result ran = follow(output("shutting-down", "one\n"), error(404, "IdNotFound"));

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals("one\n", ran.out());
    }

    @Test
    void endsWhenTryingAgainCannotHelp() throws Exception {
        SpotClient.Result ran = follow(output("running", "one\n"), error(403, "NotAuthorized"));

        assertEquals(REFUSED, ran.status(), ran.err());
        assertTrue(ran.err().contains("NotAuthorized: The reason."), ran.err());
    }

    @Test
    void stopsOnCtrlCWithOneLine() throws Exception {
        try (Server server = stub(output("running", ""))) {
            SpotClient.Result ran = clientOf(server).interrupt("no output", "logs", ID, "--follow");

            assertEquals(INTERRUPTED, ran.status(), ran.err());
            assertEquals(2, ran.err().lines().count(), ran.err());
            assertTrue(ran.err().lines().toList().getLast().contains(ID), ran.err());
        }
    }

    @Test
    void followsWithSessionOfTheFirstAnswer() throws Exception {
        WireResponse first = output("running", "one\n");
        WireResponse withSession = new WireResponse(
                200,
                Map.of(
                        "content-type",
                        "application/json",
                        "spotspec-session",
                        "sealed",
                        "spotspec-session-expires",
                        Instant.now()
                                .plusSeconds(3_600)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString()),
                first.body());
        try (Server server = stub(withSession, output("terminated", "one\ntwo\n"))) {
            SpotClient.Result ran = clientOf(server).runWith("123456\n", "logs", ID, "--follow", "--mfa");

            assertEquals("one\ntwo\n", ran.out(), ran.err());
            assertTrue(requests.getFirst().contains("\"mfaCode\":\"123456\""), requests::toString);
            assertTrue(requests.get(1).contains("\"session\":\"sealed\""), requests::toString);
            assertFalse(requests.get(1).contains("mfaCode"), requests::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logs", "logs i-1 i-2", "logs i-1 --follow --json", "logs i-1 --csv"})
    void rejectsWrongUsage(String command) throws Exception {
        SpotClient.Result ran = signed().run(command.split(" "));

        assertEquals(USAGE, ran.status(), ran.err());
    }
}
