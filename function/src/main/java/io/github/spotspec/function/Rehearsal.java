package io.github.spotspec.function;

import io.github.spotspec.function.deployment.GuardRails;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.operator.ClientConfiguration;
import io.github.spotspec.function.operator.Time;
import io.github.spotspec.function.snapshot.CannedAws;
import io.github.spotspec.function.snapshot.CannedContext;
import io.github.spotspec.function.snapshot.TlsWarmUp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.crac.Context;
import org.crac.Resource;
import software.amazon.awssdk.regions.Region;

/**
 * Carries every task out before Lambda takes a snapshot, from the event to the answer, in front of {@link CannedAws}: what a
 * first request would have to load, link and compile is then in the snapshot. It is another function that does it, with other
 * settings, clients, credentials and caches, which are all dropped; so nothing of a rehearsal is ever seen by a request.
 * Thread-safe.
 */
final class Rehearsal implements Resource {
    private static final String SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rehearsal";

    /** Once loads and links everything; a few times more have the JVM compile what it has seen. */
    private static final int TIMES = 3;

    /** A handshake goes on to get quicker for longer. */
    private static final int HANDSHAKES = 8;

    /** A request for each task. */
    static final Map<String, Map<String, Object>> REQUESTS = requests();

    private final Region home;
    private final PrintStream log;

    /**
     * Makes a rehearsal.
     *
     * @param home the region that it plays in
     * @param log hears how it went
     */
    Rehearsal(Region home, PrintStream log) {
        this.home = home;
        this.log = log;
    }

    private static Map<String, Map<String, Object>> requests() {
        Map<String, Map<String, Object>> requests = new LinkedHashMap<>();
        List<String> types = List.of("m7g.large");
        List<String> instance = List.of("i-00000000000000001");
        // Of all pools, which takes many of its parts.
        requests.put("price", Map.of("sort", "price"));
        requests.put("history", Map.of("types", types));
        requests.put("score", Map.of("types", List.of("m7g.large", "c7g.large", "r7g.large"), "count", 1));
        requests.put("requests", Map.of());
        requests.put("instances", Map.of());
        requests.put(
                "launch", Map.of("types", types, "ami", "ami-00000000000000001", "dryRun", false, "mfaCode", "123456"));
        requests.put("extend", Map.of("instanceIds", instance, "lease", "1h"));
        requests.put("cancel", Map.of("spotInstanceRequestIds", List.of("sir-00000001")));
        requests.put("terminate", Map.of("instanceIds", instance));
        requests.put("end", Map.of("instanceIds", instance));
        requests.put("check", Map.of());
        return requests;
    }

    private static Settings settings(Region home) {
        return new Settings(
                CannedAws.SERVICE,
                List.of(home.id()),
                SECRET,
                REQUESTS.keySet(),
                Set.of("launch"),
                SECRET,
                null,
                new GuardRails(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        null,
                        10,
                        null,
                        Duration.ofHours(8),
                        Duration.ofDays(7),
                        false,
                        List.of()));
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        try (CannedAws aws = new CannedAws(home.id())) {
            Map<String, String> answers = Map.of();
            for (int i = 0; i < TIMES; i++) {
                answers = carryOut(home, aws);
            }
            TlsWarmUp.decrypt();
            for (int i = 0; i < HANDSHAKES; i++) {
                for (URI endpoint : aws.endpoints()) {
                    TlsWarmUp.shakeHands(endpoint);
                }
            }
            say("INFO", "Rehearsed for the snapshot: " + String.join(", ", answers.keySet()) + ".");
        } catch (IOException | UncheckedIOException | GeneralSecurityException e) {
            // A function that starts slowly is better than none.
            say(
                    "WARN",
                    "The rehearsal for the snapshot ended early: "
                            + e.getClass().getSimpleName() + ".");
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        // Nothing that was rehearsed is left.
    }

    /** Carries every task out once, and returns what Lambda would be answered. */
    static Map<String, String> carryOut(Region home, CannedAws aws) throws IOException {
        SpotHandler function = new SpotHandler(
                settings(home),
                home,
                ClientConfiguration.ownCredentials(),
                aws,
                Time.system(),
                // Its lines carry metrics, which are nobody's.
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        Map<String, String> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Object>> request : REQUESTS.entrySet()) {
            aws.begin();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            function.handleRequest(
                    new ByteArrayInputStream(
                            event(request.getKey(), request.getValue()).getBytes(StandardCharsets.UTF_8)),
                    answer,
                    new CannedContext());
            answers.put(request.getKey(), answer.toString(StandardCharsets.UTF_8));
        }
        return answers;
    }

    private static String event(String task, Map<String, Object> fields) {
        Map<String, Object> body = new LinkedHashMap<>(fields);
        body.put("task", task);
        return Json.text(Map.of(
                "rawPath", "/",
                "headers", Map.of("content-type", "application/json"),
                "requestContext",
                        Map.of(
                                "http", Map.of("method", "POST", "path", "/"),
                                "authorizer",
                                        Map.of("iam", Map.of("userArn", "arn:aws:iam::111122223333:user/rehearsal"))),
                "body", Json.text(body)));
    }

    private void say(String level, String message) {
        log.println(Json.text(Map.of("level", level, "message", message)));
    }
}
