package io.github.spotspec.function;

import io.github.spotspec.function.deployment.GuardRails;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.deployment.VolumeLimits;
import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.operator.ClientConfiguration;
import io.github.spotspec.function.operator.Time;
import io.github.spotspec.function.snapshot.CannedAws;
import io.github.spotspec.function.snapshot.CannedContext;
import io.github.spotspec.function.snapshot.TlsWarmUp;
import io.github.spotspec.function.token.MinterHandler;
import io.github.spotspec.function.token.MinterSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.stream.Collectors;
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
    private static final String PRICE_LIST = "api.pricing.";

    /** How Lambda's answer to a request begins that went well. */
    private static final String SUCCESS = "{\"statusCode\":200,";

    private static final String SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rehearsal";
    private static final String KEY_SECRET = SECRET + "-" + CannedAws.KEY;
    private static final String REVOCATIONS_SECRET = SECRET + "-" + CannedAws.REVOCATIONS;

    /** Once loads and links everything; a few times more have the JVM compile what it has seen. */
    private static final int TIMES = 3;

    /** A handshake goes on to get quicker for longer. */
    private static final int HANDSHAKES = 8;

    /** What is asked of each task, or of one in several ways, by what the log calls it. */
    private static final Map<String, Map<String, Object>> REQUESTS = requests();

    private static final String FOR_PEOPLE = "price of a need";

    private final Region home;
    private final boolean bearsTokens;
    private final PrintStream log;

    /**
     * Makes a rehearsal.
     *
     * @param home the region that it plays in
     * @param bearsTokens whether callers bring tokens
     * @param log hears how it went
     */
    Rehearsal(Region home, boolean bearsTokens, PrintStream log) {
        this.home = home;
        this.bearsTokens = bearsTokens;
        this.log = log;
    }

    private static Map<String, Map<String, Object>> requests() {
        Map<String, Map<String, Object>> requests = new LinkedHashMap<>();
        List<String> types = List.of("m7g.large");
        List<String> instance = List.of("i-00000000000000001");
        // Of all pools, which takes many of its parts.
        requests.put("price", Map.of("sort", "price"));
        requests.put(
                FOR_PEOPLE, Map.of("task", "price", "vcpu", "2", "architecture", "arm64", "with", List.of("onDemand")));
        requests.put("history", Map.of("types", types));
        requests.put("score", Map.of("types", List.of("m7g.large", "c7g.large", "r7g.large"), "count", 1));
        requests.put("requests", Map.of());
        requests.put("instances", Map.of());
        requests.put(
                "launch",
                Map.of("types", types, "ami", "resolve:ssm:/aws/service/image", "dryRun", false, "mfaCode", "123456"));
        requests.put("extend", Map.of("instanceIds", instance, "lease", "1h"));
        requests.put("cancel", Map.of("spotInstanceRequestIds", List.of("sir-00000001")));
        requests.put("terminate", Map.of("instanceIds", instance));
        requests.put("end", Map.of("instanceIds", instance));
        requests.put("check", Map.of());
        return requests;
    }

    /** Returns the names of the tasks that are rehearsed. */
    static Set<String> tasks() {
        return REQUESTS.entrySet().stream().map(Rehearsal::task).collect(Collectors.toUnmodifiableSet());
    }

    private static String task(Map.Entry<String, Map<String, Object>> request) {
        return String.valueOf(request.getValue().getOrDefault("task", request.getKey()));
    }

    private Settings settings() {
        return new Settings(
                CannedAws.SERVICE,
                List.of(home.id()),
                SECRET,
                tasks(),
                Set.of("launch"),
                KEY_SECRET,
                bearsTokens ? KEY_SECRET : null,
                bearsTokens ? REVOCATIONS_SECRET : null,
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
                        VolumeLimits.NONE,
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
                answers = carryOut(aws);
            }
            TlsWarmUp.decrypt();
            for (int i = 0; i < HANDSHAKES; i++) {
                for (URI endpoint : aws.endpoints()) {
                    // Another handshake is the same, and the price list may be on the other side of the world.
                    if (!endpoint.getHost().startsWith(PRICE_LIST)) {
                        TlsWarmUp.shakeHands(endpoint);
                    }
                }
            }
            report(answers);
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

    /** Tells what was rehearsed; what did not go well starts slowly, and would never be noticed otherwise. */
    private void report(Map<String, String> answers) {
        List<String> failed = answers.entrySet().stream()
                .filter(answer -> !answer.getValue().startsWith(SUCCESS))
                .map(Map.Entry::getKey)
                .toList();
        if (failed.isEmpty()) {
            say("INFO", "Rehearsed for the snapshot: " + String.join(", ", answers.keySet()) + ".");
        } else {
            say("WARN", "The rehearsal for the snapshot did not go well: " + String.join(", ", failed) + ".");
        }
    }

    /** Carries everything out once, and returns what Lambda would be answered. */
    Map<String, String> carryOut(CannedAws aws) throws IOException {
        SpotHandler function =
                new SpotHandler(settings(), home, ClientConfiguration.ownCredentials(), aws, Time.system(), unheard());
        Map<String, String> headers = bearsTokens ? Map.of("authorization", "Bearer " + token(aws)) : Map.of();
        Map<String, String> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Object>> request : REQUESTS.entrySet()) {
            aws.begin();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            function.handleRequest(in(event(request, headers)), answer, new CannedContext());
            answers.put(request.getKey(), answer.toString(StandardCharsets.UTF_8));
        }
        return answers;
    }

    /** Returns a token as the minter of the deployment would make it. */
    private String token(CannedAws aws) throws IOException {
        MinterHandler minter = new MinterHandler(
                new MinterSettings(
                        CannedAws.SERVICE,
                        List.of(home.id()),
                        List.copyOf(tasks()),
                        KEY_SECRET,
                        REVOCATIONS_SECRET,
                        "https://rehearsal.invalid/",
                        Duration.ofDays(1)),
                home,
                ClientConfiguration.ownCredentials(),
                aws,
                Time.system(),
                unheard());
        ByteArrayOutputStream minted = new ByteArrayOutputStream();
        minter.handleRequest(in(Json.text(Map.of("tasks", List.copyOf(tasks())))), minted, new CannedContext());
        return Json.parse(minted.toString(StandardCharsets.UTF_8)) instanceof Map<?, ?> answer
                ? String.valueOf(answer.get("token"))
                : "";
    }

    /** Their lines carry metrics, which are nobody's. */
    private static PrintStream unheard() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String event(Map.Entry<String, Map<String, Object>> request, Map<String, String> authorization) {
        Map<String, Object> body = new LinkedHashMap<>(request.getValue());
        body.put("task", task(request));
        Map<String, String> headers = new LinkedHashMap<>(authorization);
        headers.put("content-type", "application/json");
        if (request.getKey().equals(FOR_PEOPLE)) {
            headers.put("accept", "text/plain");
            headers.put("accept-encoding", "gzip");
        }
        return Json.text(Map.of(
                "rawPath",
                "/",
                "headers",
                headers,
                "requestContext",
                Map.of(
                        "http", Map.of("method", "POST", "path", "/"),
                        "authorizer", Map.of("iam", Map.of("userArn", "arn:aws:iam::111122223333:user/rehearsal"))),
                "body",
                Json.text(body)));
    }

    private void say(String level, String message) {
        log.println(Json.text(Map.of("level", level, "message", message)));
    }
}
