package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests {@code spot launch --wait}, mostly with answers of a stub, because the service asks for a minute between tries.
 */
final class SpotClientWaitIT extends SpotClientBase {
    private static final int INTERRUPTED = 130;
    private static final Pattern KEY = Pattern.compile("\"idempotencyKey\":\"([^\"]*)\"");
    private static final WireResponse LAUNCHED =
            WireResponse.of(200, "text/plain", "InstanceId\ni-0123456789abcdef0\n");

    /** The bodies of the requests to the stub, in order. */
    private final List<String> requests = new CopyOnWriteArrayList<>();

    SpotClientWaitIT(LocalDeployment service) {
        super(service);
    }

    private static WireResponse noCapacity(int retryAfter) {
        return later(503, retryAfter, "NoCapacity: No requested pool has capacity now.\n");
    }

    private static WireResponse throttled() {
        return later(429, 1, "Throttled: EC2 was throttled.\n");
    }

    private static WireResponse later(int status, int retryAfter, String text) {
        return new WireResponse(
                status,
                Map.of("content-type", "text/plain", "retry-after", Integer.toString(retryAfter)),
                text.getBytes(StandardCharsets.UTF_8));
    }

    private static WireResponse error(int status, String code) {
        return WireResponse.of(status, "text/plain", code + ": The reason.\n");
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

    private Set<String> keys() {
        return requests.stream()
                .map(KEY::matcher)
                .filter(Matcher::find)
                .map(key -> key.group(1))
                .collect(Collectors.toSet());
    }

    private static String[] launch(String... more) {
        List<String> arguments = new ArrayList<>(List.of("launch", "m7g.large", "--no-dry-run"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Test
    void repeatsSameRequestUntilItSucceeds() throws Exception {
        WireResponse unavailable = WireResponse.of(503, "application/json", "{\"message\":\"Service Unavailable\"}");
        try (Server server = stub(noCapacity(1), unavailable, error(429, "Throttled"), LAUNCHED)) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", "5m"));

            assertEquals(DONE, ran.status(), ran.err());
            assertTrue(ran.out().contains("i-0123456789abcdef0"), ran.out());
            assertEquals(4, requests.size(), requests::toString);
            assertEquals(1, Set.copyOf(requests).size(), requests::toString);
            assertEquals(1, keys().size(), requests::toString);
            assertEquals(3, ran.err().lines().count(), ran.err());
        }
    }

    @Test
    void repeatsThrottledRequestAfterTheTimeThatTheServiceAsksFor() throws Exception {
        WireResponse prices = WireResponse.of(200, "text/plain", "InstanceType\nm7g.large\n");
        try (Server server = stub(throttled(), throttled(), prices)) {
            SpotClient.Result ran = clientOf(server).run("price", "m7g.large");

            assertEquals(DONE, ran.status(), ran.err());
            assertEquals(3, requests.size(), requests::toString);
            assertEquals(1, Set.copyOf(requests).size(), requests::toString);
        }
    }

    @Test
    void repeatsThrottledRequestWithSessionThatItsCodeHasOpened() throws Exception {
        WireResponse throttled = new WireResponse(
                429,
                Map.of(
                        "content-type", "text/plain",
                        "retry-after", "1",
                        "spotspec-session", "a.session",
                        "spotspec-session-expires",
                                Instant.now().plus(Duration.ofHours(1)).toString()),
                "Throttled: EC2 was throttled.\n".getBytes(StandardCharsets.UTF_8));
        try (Server server = stub(throttled, WireResponse.of(200, "text/plain", "InstanceType\nm7g.large\n"))) {
            SpotClient.Result ran = clientOf(server).runWith("123456\n", "price", "m7g.large", "--mfa");

            assertEquals(DONE, ran.status(), ran.err());
            assertEquals(2, requests.size(), requests::toString);
            assertTrue(requests.getFirst().contains("\"mfaCode\":\"123456\""), requests::toString);
            assertTrue(requests.getLast().contains("\"session\":\"a.session\""), requests::toString);
            assertFalse(requests.getLast().contains("mfaCode"), requests::toString);
        }
    }

    @Test
    @Tag("long")
    void failsIfThreeTriesAreThrottled() throws Exception {
        try (Server server = stub(throttled())) {
            SpotClient.Result ran = clientOf(server).run("price", "m7g.large");

            assertEquals(RETRY_LATER, ran.status(), ran.err());
            assertTrue(ran.err().startsWith("Throttled: "), ran.err());
            assertEquals(3, requests.size(), requests::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"409,IdempotencyConflict", "401,MfaRequired", "403,NotAuthorized", "429,ScoreLimit"})
    void endsWaitWhenTryingAgainCannotHelp(int status, String code) throws Exception {
        try (Server server = stub(noCapacity(1), error(status, code))) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", "5m"));

            assertEquals(status == 429 ? RETRY_LATER : REFUSED, ran.status(), ran.err());
            assertTrue(ran.err().contains(code + ": The reason."), ran.err());
            assertEquals(2, requests.size());
        }
    }

    @Test
    void failsAsUsualWhenTimeIsOver() throws Exception {
        try (Server server = stub(noCapacity(1))) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", "2s", "--key", "mine"));

            assertEquals(RETRY_LATER, ran.status(), ran.err());
            assertEquals("", ran.out());
            assertTrue(ran.err().contains("NoCapacity: No requested pool"), ran.err());
            assertTrue(requests.size() >= 2, requests::toString);
            assertEquals(Set.of("mine"), keys());
        }
    }

    @Test
    void doesNotTryEarlierThanTheServiceAsks() throws Exception {
        try (Server server = stub(noCapacity(600))) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", "9m"));

            assertEquals(RETRY_LATER, ran.status(), ran.err());
            assertEquals(1, requests.size());
        }
    }

    @Test
    void repeatsWithSameKeyWhenServiceDoesNotAnswer() throws Exception {
        try (Server server = stub(WireResponse.LOST)) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", "2s"));

            assertEquals(RETRY_LATER, ran.status(), ran.err());
            assertTrue(requests.size() >= 2, requests::toString);
            assertEquals(1, keys().size(), requests::toString);
            assertTrue(ran.err().contains("--key " + keys().iterator().next()), ran.err());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "0h", "1.5h", "-1h", "5", "h", "12345678s"})
    void rejectsInvalidTime(String time) throws Exception {
        try (Server server = stub(LAUNCHED)) {
            SpotClient.Result ran = clientOf(server).run(launch("--wait", time));

            assertEquals(USAGE, ran.status(), ran.err());
            assertTrue(ran.err().contains("--wait"), ran.err());
            assertEquals(List.of(), requests);
        }
    }

    @Test
    void rejectsWaitOfDryRun() throws Exception {
        try (Server server = stub(LAUNCHED)) {
            SpotClient.Result ran = clientOf(server).run("launch", "m7g.large", "--wait", "2h", "--dry-run");

            assertEquals(USAGE, ran.status(), ran.err());
            assertTrue(ran.err().contains("--dry-run"), ran.err());
            assertEquals(List.of(), requests);
        }
    }

    @Test
    void interruptedWaitPrintsCommandThatGoesOn() throws Exception {
        try (Server server = stub(noCapacity(60))) {
            SpotClient spot = clientOf(server);
            SpotClient.Result ran =
                    spot.interrupt("next try", launch("--tag", "note=it's \"mine\"; $HOME", "--wait", "2h"));

            assertEquals(INTERRUPTED, ran.status(), ran.err());
            assertTrue(ran.err().contains(keys().iterator().next()), ran.err());
            assertEquals(List.of(), spot.temporaryFiles());
            String command = ran.err().lines().toList().getLast();
            try (Server recovered = stub(LAUNCHED)) {
                SpotClient.Result resumed = clientOf(recovered).runCommand("", List.of("sh", "-c", command));

                assertEquals(DONE, resumed.status(), command + ": " + resumed.err());
            }
            assertEquals(2, requests.size());
            assertEquals(Set.of(sorted(requests.getFirst())), Set.of(sorted(requests.getLast())));
        }
    }

    /** Returns the members of a flat JSON object, whose order depends on the order of the options. */
    private static Set<String> sorted(String json) {
        return Set.of(json.substring(1, json.length() - 1).split(",(?=\")"));
    }

    @Test
    void interruptedLaunchPrintsItsKeyToo() throws Exception {
        Function<WireRequest, WireResponse> slow = request -> {
            requests.add(request.text());
            try {
                Files.createFile(folder.resolve("asked"));
                new CountDownLatch(1).await();
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return WireResponse.LOST;
        };
        try (Server server = Server.start(null, slow)) {
            SpotClient.Result ran = clientOf(server).interrupt(folder.resolve("asked"), launch());

            assertEquals(INTERRUPTED, ran.status(), ran.err());
            assertTrue(ran.err().contains("--key " + keys().iterator().next()), ran.err());
        }
    }

    @Test
    void showsOneLineInTerminal() throws Exception {
        assumeTrue(SpotClient.hasTerminal(), "script, of util-linux, is not on the PATH");
        try (Server server = stub(noCapacity(1), noCapacity(1), LAUNCHED)) {
            SpotClient.Result ran =
                    clientOf(server).with("TERM", "xterm").runInTerminal(String.join(" ", launch("--wait", "5m")));

            assertEquals(DONE, ran.status(), ran.out());
            String progress = ran.out().substring(0, ran.out().indexOf("InstanceId"));
            assertEquals(2, progress.split("next try", -1).length - 1, progress);
            assertFalse(progress.strip().contains("\n"), progress);
        }
    }

    @Test
    void rejectedCodeEndsWait() throws Exception {
        try (Server server = stub(error(401, "MfaRejected"))) {
            SpotClient.Result ran = clientOf(server).runWith("123456\n", launch("--wait", "5m", "--mfa"));

            assertEquals(REFUSED, ran.status(), ran.err());
            assertEquals("MfaRejected: The reason.\n", ran.err());
            assertEquals(1, requests.size());
            assertTrue(requests.getFirst().contains("\"task\":\"status\""), requests::toString);
        }
    }

    /** The real service, behind a proxy that shortens the pauses, because the service asks for a minute. */
    @Test
    void waitsForCapacityWithOneCodeAndLaunchesOnce() throws Exception {
        TokenService tokenService = TokenService.in(service);
        String token =
                tokenService.mint("{\"tasks\":[\"launch\"]}").path("token").asText();
        String code = MfaDevice.enrol(service, TokenApp.STACK).code();
        // With the token of a failed call, EC2 repeats the failure within the minute to which leases are rounded.
        service.instanceStore().keepFailedTokens(false);
        setCapacity(0);
        try (HttpClient http = HttpClient.newHttpClient();
                Server proxy = Server.start(null, request -> {
                    requests.add(request.text());
                    if (requests.size() == 4) {
                        setCapacity(5);
                    }
                    return forward(http, request);
                })) {
            SpotClient spot = clientOf(proxy).with("SPOT_TOKEN", token);

            SpotClient.Result ran = spot.runWith(
                    code + "\n",
                    "launch",
                    "is4gen.large",
                    "--ami",
                    RequestBody.ARM_IMAGE,
                    "--no-dry-run",
                    "--wait",
                    "5m",
                    "--mfa");

            assertEquals(DONE, ran.status(), ran.err());
            assertEquals(1, service.alive().size());
            assertTrue(ran.out().contains(service.alive().getFirst().id()), ran.out());
            assertEquals(4, requests.size(), ran.err());
            assertEquals(1, keys().size());
            assertEquals(
                    1, requests.stream().filter(body -> body.contains(code)).count(), "the code works only once");
            assertEquals(
                    3,
                    requests.stream()
                            .filter(body -> body.contains("\"session\":"))
                            .count());
        }
    }

    private void setCapacity(int instances) {
        for (Geography.Zone zone : Geography.zones("us-west-2")) {
            service.instanceStore().capacity().setSpot("is4gen.large", zone.name(), instances);
        }
    }

    private WireResponse forward(HttpClient http, WireRequest request) {
        HttpRequest.Builder forwarded = HttpRequest.newBuilder(URI.create(service.output(TokenApp.STACK, "Url")))
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        for (String name : List.of("authorization", "content-type", "accept")) {
            String value = request.header(name);
            if (value != null) {
                forwarded.header(name, value);
            }
        }
        try {
            HttpResponse<byte[]> response = http.send(forwarded.build(), HttpResponse.BodyHandlers.ofByteArray());
            Map<String, String> headers = new HashMap<>();
            for (String name : List.of("content-type", "spotspec-session", "spotspec-session-expires")) {
                response.headers().firstValue(name).ifPresent(value -> headers.put(name, value));
            }
            response.headers().firstValue("retry-after").ifPresent(seconds -> headers.put("retry-after", "1"));
            return new WireResponse(response.statusCode(), headers, response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void documentedWaitLaunchesAtOnceWhenThereIsCapacity() throws Exception {
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);

        SpotClient.Result ran = spot.runCommand(DocumentedCommand.of("spot launch m7g.large -y --wait 2h"));

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(1, service.alive().size());
    }
}
