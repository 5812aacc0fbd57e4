package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how {@code spot launch} asks before it launches. */
final class SpotClientLaunchIT extends SpotClientBase {
    private static final String LAUNCH = "launch m7g.large --ami " + RequestBody.ARM_IMAGE + " --lease 3h --count 2";
    private static final String QUESTION = "? [y/N] ";
    private static final WireResponse DRY_RUN = WireResponse.of(
            200, "text/plain", "TYPE  ZONE\n\nDry run: 2 × m7g.large for 3h, about $0.16 ($0.0536/h)\n");

    private final List<String> requests = new CopyOnWriteArrayList<>();

    SpotClientLaunchIT(LocalDeployment service) {
        super(service);
    }

    private static void assumeTerminal() throws Exception {
        assumeTrue(SpotClient.hasTerminal(), "script, of util-linux, is not on the PATH");
    }

    private Server stub(WireResponse... answers) throws IOException {
        return Server.start(null, request -> {
            requests.add(request.text());
            return answers[Math.min(requests.size(), answers.length) - 1];
        });
    }

    @Test
    void asksWithTheEstimateAndLaunches() throws Exception {
        assumeTerminal();

        SpotClient.Result ran = signed().runInTerminal(LAUNCH, new SpotClient.Typed(QUESTION, "y\n"));

        assertEquals(DONE, ran.status(), ran.out());
        assertTrue(
                ran.out().matches("(?s).*Launch 2 × m7g\\.large for 3h, about \\$[0-9.]+\\? \\[y/N\\] .*"), ran.out());
        assertEquals(2, service.alive().size(), ran.out());
        assertTrue(ran.out().contains(service.alive().getFirst().id()), ran.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"n\n", "\n", "yikes\n", "\u0004"})
    void launchesNothingUnlessTheAnswerIsYes(String answer) throws Exception {
        assumeTerminal();

        SpotClient.Result ran = signed().runInTerminal(LAUNCH, new SpotClient.Typed(QUESTION, answer));

        assertEquals(REFUSED, ran.status(), ran.out());
        assertTrue(ran.out().contains("nothing was launched"), ran.out());
        assertEquals(0, service.alive().size());
    }

    @Test
    void interruptedQuestionLaunchesNothing() throws Exception {
        assumeTerminal();

        SpotClient.Result ran = signed().runInTerminal(LAUNCH, new SpotClient.Typed(QUESTION, "\u0003"));

        assertEquals(130, ran.status(), ran.out());
        assertTrue(ran.out().contains("nothing was launched"), ran.out());
        assertEquals(0, service.alive().size());
    }

    @Test
    void launchesNothingWithoutTerminalAndSaysSo() throws Exception {
        SpotClient.Result ran = signed().run(LAUNCH.split(" "));

        assertEquals(USAGE, ran.status(), ran.err());
        assertTrue(ran.out().contains("Dry run: 2 × m7g.large for 3h"), ran.out());
        assertTrue(ran.err().contains("nothing was launched") && ran.err().contains("-y"), ran.err());
        assertEquals(0, service.alive().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-y", "--yes", "--no-dry-run"})
    void launchesWithoutAskingOnRequest(String option) throws Exception {
        SpotClient.Result ran = signed().run((LAUNCH + " " + option).split(" "));

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(2, service.alive().size(), ran.out());
        assertEquals("", ran.err());
    }

    @Test
    void doesNotAskToRepeatLaunchWithItsKey() throws Exception {
        assumeTerminal();
        String launch = LAUNCH + " --key asks-once";
        assertEquals(DONE, signed().run((launch + " -y").split(" ")).status());

        SpotClient.Result again = signed().runInTerminal(launch);

        assertEquals(DONE, again.status(), again.out());
        assertFalse(again.out().contains(QUESTION), again.out());
        assertEquals(2, service.alive().size(), again.out());
    }

    @Test
    void dryRunOnlyShows() throws Exception {
        assumeTerminal();

        SpotClient.Result ran = signed().runInTerminal(LAUNCH + " --dry-run");

        assertEquals(DONE, ran.status(), ran.out());
        assertFalse(ran.out().contains(QUESTION), ran.out());
        assertEquals(0, service.alive().size());
        assertEquals(USAGE, signed().run((LAUNCH + " --dry-run -y").split(" ")).status());
    }

    @Test
    void usesOneKeyForDryRunAndLaunch() throws Exception {
        assumeTerminal();
        try (Server server = stub(DRY_RUN, WireResponse.of(200, "application/json", "{}"))) {
            SpotClient spot =
                    new SpotClient(folder).with("SPOT_URL", server.url() + "/").with("SPOT_TOKEN", "token");

            SpotClient.Result ran = spot.runInTerminal(LAUNCH + " --json", new SpotClient.Typed(QUESTION, "yes\n"));

            assertEquals(DONE, ran.status(), ran.out());
            assertEquals(2, requests.size(), requests::toString);
            assertEquals(
                    requests.getFirst().replace("\"dryRun\":true", "\"dryRun\":false"),
                    requests.getLast(),
                    "only the dry run differs");
            assertTrue(requests.getLast().contains("\"idempotencyKey\":\""), requests::toString);
        }
    }

    @Test
    void onlyOneCodeIsNeededForDryRunAndLaunch() throws Exception {
        assumeTerminal();
        TokenService tokenService = TokenService.in(service);
        String token =
                tokenService.mint("{\"tasks\":[\"launch\"]}").path("token").asText();
        String code = MfaDevice.enrol(service, TokenApp.STACK).code();
        SpotClient spot = new SpotClient(folder)
                .with("SPOT_URL", service.output(TokenApp.STACK, "Url"))
                .with("SPOT_TOKEN", token);

        SpotClient.Result ran = spot.runInTerminal(
                LAUNCH, new SpotClient.Typed("MFA code: ", code + "\n"), new SpotClient.Typed(QUESTION, "y\n"));

        assertEquals(DONE, ran.status(), ran.out());
        assertEquals(2, service.alive().size(), ran.out());
    }

    @Test
    void asksWhetherToWaitIfThereIsNoCapacity() throws Exception {
        assumeTerminal();
        WireResponse none = WireResponse.of(503, "text/plain", "NoCapacity: No requested pool has capacity now.\n");
        try (Server server = stub(none, WireResponse.of(200, "text/plain", "launched\n"))) {
            SpotClient spot =
                    new SpotClient(folder).with("SPOT_URL", server.url() + "/").with("SPOT_TOKEN", "token");

            SpotClient.Result ran = spot.runInTerminal(LAUNCH + " --wait 5m", new SpotClient.Typed(QUESTION, "y\n"));
            requests.clear();
            SpotClient.Result atOnce = spot.runInTerminal(LAUNCH);

            assertEquals(DONE, ran.status(), ran.out());
            assertTrue(ran.out().contains("NoCapacity: ") && ran.out().contains("launched"), ran.out());
            assertEquals(RETRY_LATER, atOnce.status(), atOnce.out());
            assertFalse(atOnce.out().contains(QUESTION) || atOnce.out().contains("--key"), atOnce.out());
        }
    }

    @Test
    void colorsOnlyInTerminalsThatWantThem() throws Exception {
        assumeTerminal();
        SpotClient spot = signed().with("TERM", "xterm");
        signed().run((LAUNCH + " -y").split(" "));

        assertTrue(spot.runInTerminal("ls").out().contains("\u001b[32m"), "states are colored");
        assertFalse(spot.run("ls").out().contains("\u001b"), "output to a file is not");
        assertFalse(spot.with("NO_COLOR", "1").runInTerminal("ls").out().contains("\u001b["));
        assertFalse(signed().runInTerminal("ls").out().contains("\u001b["), "a dumb terminal has no colors");
    }
}
