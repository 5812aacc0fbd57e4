package io.github.spotspec.function;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** The whole function in front of a {@link FakeAws}, with a clock that tests move. */
final class FunctionUnderTest {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final String CALLER = "arn:aws:iam::111122223333:user/alice";

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final FakeAws aws = new FakeAws();
    private final SpotHandler handler;
    private Instant now = START;
    private int remainingMillis = 30_000;

    FunctionUnderTest(String... regions) {
        handler = new SpotHandler(
                Settings.parse("{\"service\":\"Test/Spot@us-west-2\",\"regions\":[\"" + String.join("\",\"", regions)
                        + "\"],\"secretArn\":\"arn:aws:secretsmanager:us-west-2:111122223333:secret:s\",\"tasks\":[\"price\",\"history\","
                        + "\"score\",\"requests\",\"instances\",\"launch\",\"extend\",\"cancel\",\"terminate\",\"end\",\"check\"],"
                        + "\"maxInstances\":10,\"defaultLease\":28800,\"maxLease\":604800}"),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAROLE", "role-secret")),
                aws,
                () -> now,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** What the function answered. */
    record Answer(int status, Map<?, ?> headers, String body) {
        Map<?, ?> json() {
            return (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        }

        String error() {
            return String.valueOf(json().get("error"));
        }

        String details() {
            return String.valueOf(json().get("details"));
        }

        Map<?, ?> meta() {
            return (Map<?, ?>) Objects.requireNonNull(json().get("meta"));
        }

        List<?> data() {
            return (List<?>) Objects.requireNonNull(json().get("data"));
        }

        Map<?, ?> row(int index) {
            return (Map<?, ?>) data().get(index);
        }
    }

    FakeAws aws() {
        return aws;
    }

    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    void waits(java.time.Duration time) {
        now = now.plus(time);
    }

    void hasLeft(java.time.Duration time) {
        remainingMillis = (int) time.toMillis();
    }

    /** Posts a body as a signed caller's request. */
    Answer post(String body) {
        return handle(event("POST", "/", CALLER, body, false));
    }

    /** Handles an event. */
    Answer handle(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), out, new TestContext());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Map<?, ?> answer = (Map<?, ?>) Objects.requireNonNull(Json.parse(out.toString(StandardCharsets.UTF_8)));
        return new Answer(
                ((Number) Objects.requireNonNull(answer.get("statusCode"))).intValue(),
                (Map<?, ?>) Objects.requireNonNull(answer.get("headers")),
                (String) Objects.requireNonNull(answer.get("body")));
    }

    /** Returns a Function URL event. */
    static String event(String method, String path, @Nullable String caller, String body, boolean base64) {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("http", Map.of("method", method, "path", path, "sourceIp", "192.0.2.1"));
        if (caller != null) {
            context.put("authorizer", Map.of("iam", Map.of("userArn", caller)));
        }
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("version", "2.0");
        event.put("rawPath", path);
        event.put("requestContext", context);
        event.put("body", body);
        event.put("isBase64Encoded", base64);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = Json.writer(bytes)) {
            Json.write(out, event);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private final class TestContext implements Context {
        @Override
        public String getAwsRequestId() {
            return "request-1";
        }

        @Override
        public String getLogGroupName() {
            return "group";
        }

        @Override
        public String getLogStreamName() {
            return "stream";
        }

        @Override
        public String getFunctionName() {
            return "spot";
        }

        @Override
        public String getFunctionVersion() {
            return "1";
        }

        @Override
        public String getInvokedFunctionArn() {
            return "arn:aws:lambda:us-west-2:111122223333:function:spot:live";
        }

        @Override
        public @Nullable CognitoIdentity getIdentity() {
            return null;
        }

        @Override
        public @Nullable ClientContext getClientContext() {
            return null;
        }

        @Override
        public int getRemainingTimeInMillis() {
            return remainingMillis;
        }

        @Override
        public int getMemoryLimitInMB() {
            return 1024;
        }

        @Override
        public LambdaLogger getLogger() {
            throw new UnsupportedOperationException("the function writes its own log");
        }
    }
}
