package io.github.spotspec.function;

import io.github.spotspec.function.config.SecretArns;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.ServiceClock;
import io.github.spotspec.function.task.Task;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** The whole function with a {@link FakeAws}, and a clock that tests advance. */
final class FunctionUnderTest {
    static final Instant START = FakeClock.START;
    static final String CALLER = "arn:aws:iam::111122223333:user/alice";

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final FakeClock time;
    private final FakeAws aws;
    private final Settings settings;
    private final SpotHandler handler;
    private volatile int remainingMillis = 30_000;

    /** Creates a function that may do everything in these regions. */
    FunctionUnderTest(String... regions) {
        this("", List.of(regions));
    }

    private FunctionUnderTest(String limits, List<String> regions) {
        this(
                Settings.parse(quoted("{'service':'" + FakeEc2.SERVICE + "','regions':['" + String.join("','", regions)
                        + "'],'secretArn':'arn:aws:secretsmanager:us-west-2:111122223333:secret:s','tasks':['price','history',"
                        + "'score','requests','instances','cost','console','connect','launch','extend','cancel','terminate','end','check'],"
                        + "'maxInstances':10,'defaultLease':28800,'maxLease':604800" + limits + "}")),
                new FakeClock());
    }

    private FunctionUnderTest(Settings settings, FakeClock time) {
        this(settings, time, new FakeAws(time));
    }

    private FunctionUnderTest(Settings settings, FakeClock time, FakeAws aws) {
        this.settings = settings;
        this.time = time;
        this.aws = aws;
        handler = new SpotHandler(
                settings,
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAROLE", "role-secret")),
                aws,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** The settings of a URL that accepts tokens. */
    static final String TOKENS = "'signingSecretArn':'" + FakeAws.SIGNING_SECRET + "','revocationsSecretArn':'"
            + FakeAws.REVOCATIONS_SECRET + "'";

    /** Returns a function in us-west-2 with these settings, in single quotes, in addition to the required ones. */
    static FunctionUnderTest with(String settings) {
        return new FunctionUnderTest("," + settings, List.of("us-west-2"));
    }

    /** Returns a function with these settings in these regions. */
    static FunctionUnderTest withRegions(String settings, String... regions) {
        return new FunctionUnderTest("," + settings, List.of(regions));
    }

    /** Returns a function in us-west-2 with only these tasks. */
    static FunctionUnderTest withTasks(String... tasks) {
        Settings all = new FunctionUnderTest("us-west-2").settings;
        return new FunctionUnderTest(
                new Settings(
                        all.service(),
                        all.regions(),
                        java.util.Set.of(tasks),
                        java.util.Set.of(),
                        new SecretArns(all.secretArns().operator(), null, null, null),
                        all.guardRails(),
                        all.fleets()),
                new FakeClock());
    }

    /** Returns a function in us-west-2 whose role is the operator. */
    static FunctionUnderTest withRoleAsOperator() {
        Settings all = new FunctionUnderTest("us-west-2").settings;
        return new FunctionUnderTest(
                new Settings(
                        all.service(),
                        all.regions(),
                        all.tasks(),
                        java.util.Set.of(),
                        new SecretArns(null, null, null, null),
                        all.guardRails(),
                        all.fleets()),
                new FakeClock());
    }

    /** Returns another process of the same function, with empty caches. */
    FunctionUnderTest newProcess() {
        return new FunctionUnderTest(settings, time, aws);
    }

    /** Returns the function of another deployment that has, by mistake or by malice, the same secrets. */
    FunctionUnderTest ofAnotherDeployment() {
        return new FunctionUnderTest(
                new Settings(
                        "Test/Other@us-west-2",
                        settings.regions(),
                        settings.tasks(),
                        settings.mfaTasks(),
                        settings.secretArns(),
                        settings.guardRails(),
                        settings.fleets()),
                time,
                aws);
    }

    /** Returns the clock, for another function that runs at the same time. */
    FakeClock clock() {
        return time;
    }

    /** Returns the function's tasks. */
    List<Task> tasks() {
        return new TaskFactory(settings, aws, time).of(settings);
    }

    /** An answer of the function. */
    record Answer(int status, Map<?, ?> headers, String body) {
        Map<?, ?> json() {
            return (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        }

        String event() {
            return String.valueOf(json().get("event"));
        }

        String error() {
            return String.valueOf(json().get("error"));
        }

        String details() {
            return String.valueOf(json().get("details"));
        }

        Map<?, ?> meta() {
            return (Map<?, ?>) Objects.requireNonNull(json().get("meta"), body);
        }

        List<?> data() {
            return (List<?>) Objects.requireNonNull(json().get("data"), body);
        }

        Map<?, ?> row(int index) {
            return (Map<?, ?>) data().get(index);
        }

        /** Returns a column, as text. */
        List<String> column(String name) {
            return data().stream()
                    .map(row -> String.valueOf(((Map<?, ?>) row).get(name)))
                    .toList();
        }

        /** Returns a field of each attempt of a launch, as text. */
        List<String> attempts(String name) {
            return ((List<?>) Objects.requireNonNull(meta().get("attempts"), body))
                    .stream()
                            .map(attempt -> String.valueOf(((Map<?, ?>) attempt).get(name)))
                            .toList();
        }

        /** Returns the pools that the answer lists as attempts or candidates, such as {@code m7g.large us-west-2a}. */
        List<String> pools(String metaName) {
            return ((List<?>) Objects.requireNonNull(meta().get(metaName), body))
                    .stream()
                            .map(pool -> (Map<?, ?>) pool)
                            .map(pool -> pool.get("InstanceType") + " " + pool.get("AvailabilityZone"))
                            .toList();
        }
    }

    FakeAws aws() {
        return aws;
    }

    FakeEc2 ec2() {
        return aws.ec2();
    }

    ServiceClock time() {
        return time;
    }

    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    void clearLog() {
        log.reset();
    }

    void advanceClock(Duration by) {
        time.sleep(by);
    }

    void setRemainingTime(Duration left) {
        remainingMillis = (int) left.toMillis();
    }

    /** Posts a body that is written with single quotes. */
    Answer send(String body) {
        return post(quoted(body));
    }

    /** Posts a body as a signed caller's request. */
    Answer post(String body) {
        return handle(event("POST", "/", CALLER, body, false));
    }

    /** Posts a body that is written with single quotes, as another caller. */
    Answer sendAs(String caller, String body) {
        return handle(event("POST", "/", caller, quoted(body), false));
    }

    /** Posts a body that is written with single quotes, with a header. */
    Answer send(String body, String header, String value) {
        return handle(event("POST", "/", CALLER, quoted(body), false, Map.of(header, value)));
    }

    /** Posts a body that is written with single quotes, unsigned, with headers and query parameters. */
    Answer sendUnsigned(String body, Map<String, String> headers, Map<String, String> query) {
        return handle(event("POST", "/", null, quoted(body), false, headers, query));
    }

    /** Posts a body that is written with single quotes, with a token. */
    Answer sendWithToken(String token, String body) {
        return sendUnsigned(body, Map.of("authorization", "Bearer " + token), Map.of());
    }

    static String quoted(String json) {
        return json.replace('\'', '"');
    }

    /** Handles a Function URL event. */
    Answer handle(String event) {
        return answer(invoke(event));
    }

    /** Returns the function's response to an event. */
    String invoke(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
                    out,
                    new FakeContext(() -> remainingMillis));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Returns the HTTP answer that Lambda makes from the function's response. */
    static Answer answer(String event) {
        Map<?, ?> answer = (Map<?, ?>) Objects.requireNonNull(Json.parse(event));
        return new Answer(
                ((Number) Objects.requireNonNull(answer.get("statusCode"))).intValue(),
                (Map<?, ?>) Objects.requireNonNull(answer.get("headers")),
                body(answer));
    }

    /** Decodes the body as Lambda and a caller do. */
    private static String body(Map<?, ?> answer) {
        String body = (String) Objects.requireNonNull(answer.get("body"));
        if (!Boolean.TRUE.equals(answer.get("isBase64Encoded"))) {
            return body;
        }
        try (InputStream gzip =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(body)))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a Function URL event. */
    static String event(String method, String path, @Nullable String caller, String body, boolean base64) {
        return event(method, path, caller, body, base64, Map.of());
    }

    /** Returns a Function URL event with headers. */
    static String event(
            String method,
            String path,
            @Nullable String caller,
            String body,
            boolean base64,
            Map<String, String> headers) {
        return event(method, path, caller, body, base64, headers, Map.of());
    }

    /** Returns a Function URL event with headers and a query. */
    static String event(
            String method,
            String path,
            @Nullable String caller,
            String body,
            boolean base64,
            Map<String, String> headers,
            Map<String, String> query) {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("http", Map.of("method", method, "path", path, "sourceIp", "192.0.2.1"));
        if (caller != null) {
            context.put("authorizer", Map.of("iam", Map.of("userArn", caller)));
        }
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("version", "2.0");
        event.put("rawPath", path);
        event.put("headers", headers);
        if (!query.isEmpty()) {
            event.put("queryStringParameters", query);
        }
        event.put("requestContext", context);
        event.put("body", body);
        event.put("isBase64Encoded", base64);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = Json.writer(bytes)) {
            Json.write(out, event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
