package io.github.spotspec.function.priming;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.config.AllowLists;
import io.github.spotspec.function.config.CostLimits;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.config.InstanceLimits;
import io.github.spotspec.function.config.LeaseLimits;
import io.github.spotspec.function.config.SecretArns;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.config.VolumeLimits;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.ServiceClock;
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
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;

/**
 * Runs every task before Lambda takes a SnapStart snapshot, from the event to the answer, against {@link StubAws}. The
 * snapshot then contains what a first request would have to load, link and compile. Priming uses a separate handler
 * with other settings, clients, credentials and caches, all of which are dropped. Thread-safe.
 */
public final class SnapStartPriming implements Resource {
    private static final String PRICE_LIST = "api.pricing.";

    /** How the response to Lambda begins if a request succeeded. */
    private static final String SUCCESS = "{\"statusCode\":200,";

    private static final String SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:priming";
    private static final String KEY_SECRET = SECRET + "-" + StubAws.KEY;
    private static final String REVOCATIONS_SECRET = SECRET + "-" + StubAws.REVOCATIONS;

    /**
     * One round loads and links everything. The others make the JVM compile what each request runs, which would
     * otherwise compete with the first request for the CPU. More rounds gain nothing more.
     */
    private static final int ROUNDS = 10;

    /** A handshake keeps getting faster for more rounds than a task does. */
    private static final int HANDSHAKES = 30;

    /** The requests for each task by the name that the log uses. A task may have several. */
    private static final Map<String, Map<String, Object>> REQUESTS = requests();

    private static final String PLAIN_TEXT_PRICE = "price by requirements";

    private final Region home;
    private final boolean takesTokens;
    private final PrintStream log;
    private final HandlerFactory handlers;

    /** Creates the handlers to prime, so that this package does not depend on them. */
    @FunctionalInterface
    public interface HandlerFactory {
        /**
         * Creates a handler.
         *
         * @param http the HTTP client through which it calls AWS
         * @param log where it writes its log
         */
        RequestStreamHandler create(Settings settings, SdkHttpClient http, PrintStream log);
    }

    /**
     * Creates the priming of a function.
     *
     * @param home the function's region
     * @param takesTokens whether callers send tokens
     * @param log where to log the result
     * @param handlers creates the handler to prime
     */
    public SnapStartPriming(Region home, boolean takesTokens, PrintStream log, HandlerFactory handlers) {
        this.handlers = handlers;
        this.home = home;
        this.takesTokens = takesTokens;
        this.log = log;
    }

    private static Map<String, Map<String, Object>> requests() {
        Map<String, Map<String, Object>> requests = new LinkedHashMap<>();
        List<String> types = List.of("m7g.large");
        List<String> instance = List.of("i-00000000000000001");
        // All pools, because that runs many parts of the task.
        requests.put("price", Map.of("products", "all"));
        requests.put(
                PLAIN_TEXT_PRICE,
                Map.of("task", "price", "vcpu", "2", "architecture", "arm64", "with", List.of("onDemand")));
        requests.put("history", Map.of("types", types));
        requests.put("score", Map.of("types", List.of("m7g.large", "c7g.large", "r7g.large"), "count", 1));
        requests.put("requests", Map.of());
        requests.put("instances", Map.of());
        requests.put("cost", Map.of());
        requests.put("console", Map.of("instanceIds", instance));
        requests.put("connect", Map.of("instanceId", instance.getFirst(), "publicKey", StubAws.PUBLIC_KEY));
        requests.put(
                "launch",
                Map.of("types", types, "ami", "resolve:ssm:/aws/service/image", "dryRun", false, "mfaCode", "123456"));
        requests.put(
                "launch with a fleet",
                Map.of(
                        "task", "launch",
                        "types", types,
                        "ami", "resolve:ssm:/aws/service/image",
                        "allocation", "price-capacity-optimized",
                        "dryRun", false,
                        "mfaCode", "123456"));
        requests.put("extend", Map.of("instanceIds", instance, "lease", "1h"));
        requests.put("cancel", Map.of("spotInstanceRequestIds", List.of("sir-00000001")));
        requests.put("terminate", Map.of("instanceIds", instance));
        requests.put("end", Map.of("instanceIds", instance));
        requests.put("check", Map.of());
        requests.put("status", Map.of());
        return requests;
    }

    /** Returns the names of the tasks that priming runs. */
    public static Set<String> tasks() {
        return REQUESTS.entrySet().stream().map(SnapStartPriming::task).collect(Collectors.toUnmodifiableSet());
    }

    private static String task(Map.Entry<String, Map<String, Object>> request) {
        return String.valueOf(request.getValue().getOrDefault("task", request.getKey()));
    }

    private Settings settings() {
        return new Settings(
                StubAws.SERVICE,
                List.of(home.id()),
                tasks(),
                Set.of("launch"),
                new SecretArns(
                        SECRET, KEY_SECRET, takesTokens ? KEY_SECRET : null, takesTokens ? REVOCATIONS_SECRET : null),
                new GuardRails(
                        AllowLists.UNRESTRICTED,
                        InstanceLimits.NONE,
                        CostLimits.NONE,
                        10,
                        VolumeLimits.NONE,
                        new LeaseLimits(Duration.ofHours(8), Duration.ofDays(7), false),
                        false,
                        List.of()),
                true);
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        try (StubAws aws = new StubAws(home.id())) {
            Map<String, String> answers = Map.of();
            for (int i = 0; i < ROUNDS; i++) {
                answers = runTasks(aws);
            }
            TlsWarmUp.decrypt();
            for (int i = 0; i < HANDSHAKES; i++) {
                for (URI endpoint : aws.endpoints()) {
                    // The price list may be on the other side of the world, and its handshake is the same as the
                    // others.
                    if (!endpoint.getHost().startsWith(PRICE_LIST)) {
                        TlsWarmUp.shakeHands(endpoint);
                    }
                }
            }
            report(answers);
        } catch (IOException | UncheckedIOException | GeneralSecurityException e) {
            // A function that starts slowly is better than no function.
            log("WARN", "Priming for the snapshot ended early: " + e.getClass().getSimpleName() + ".");
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        // Nothing of the priming is left.
    }

    /**
     * Logs which requests were primed and which failed. A task whose priming failed starts slowly, which would
     * otherwise go unnoticed.
     */
    private void report(Map<String, String> answers) {
        List<String> failed = answers.entrySet().stream()
                .filter(answer -> !answer.getValue().startsWith(SUCCESS))
                .map(Map.Entry::getKey)
                .toList();
        if (failed.isEmpty()) {
            log("INFO", "Primed for the snapshot: " + String.join(", ", answers.keySet()) + ".");
        } else {
            log("WARN", "Priming for the snapshot failed: " + String.join(", ", failed) + ".");
        }
    }

    /** Runs every request once, and returns the responses to Lambda. */
    public Map<String, String> runTasks(StubAws aws) throws IOException {
        RequestStreamHandler function = handlers.create(settings(), aws, discardingLog());
        Map<String, String> headers = takesTokens ? Map.of("authorization", "Bearer " + token(aws)) : Map.of();
        Map<String, String> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Object>> request : REQUESTS.entrySet()) {
            aws.begin();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            function.handleRequest(in(event(request, headers)), answer, new StubContext());
            answers.put(request.getKey(), answer.toString(StandardCharsets.UTF_8));
        }
        return answers;
    }

    /** Returns a token as the deployment's minter would make it. */
    private String token(StubAws aws) throws IOException {
        MinterHandler minter = new MinterHandler(
                new MinterSettings(
                        StubAws.SERVICE,
                        List.of(home.id()),
                        List.copyOf(tasks()),
                        KEY_SECRET,
                        REVOCATIONS_SECRET,
                        "https://priming.invalid/",
                        Duration.ofDays(1),
                        InstanceLimits.NONE.osUsers()),
                home,
                AwsClients.ownCredentials(),
                aws,
                ServiceClock.system(),
                discardingLog());
        ByteArrayOutputStream minted = new ByteArrayOutputStream();
        minter.handleRequest(in(Json.text(Map.of("tasks", List.copyOf(tasks())))), minted, new StubContext());
        return Json.parse(minted.toString(StandardCharsets.UTF_8)) instanceof Map<?, ?> answer
                ? String.valueOf(answer.get("token"))
                : "";
    }

    /** Returns a stream that discards the handlers' logs, because their metrics belong to no real request. */
    private static PrintStream discardingLog() {
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
        if (request.getKey().equals(PLAIN_TEXT_PRICE)) {
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
                        "authorizer", Map.of("iam", Map.of("userArn", "arn:aws:iam::111122223333:user/priming"))),
                "body",
                Json.text(body)));
    }

    private void log(String level, String message) {
        log.println(Json.text(Map.of("level", level, "message", message)));
    }
}
