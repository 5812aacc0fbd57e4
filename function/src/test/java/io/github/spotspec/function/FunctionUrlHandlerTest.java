package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.runtime.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FunctionUrlHandlerTest {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"]}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    @Test
    void ignoresScheduledEventWithoutLogging() {
        assertEquals("{}", function.invoke("""
                        {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}"""));

        assertEquals("", function.log());
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void readsBase64Body() {
        String base64 = Base64.getEncoder().encodeToString(PRICE.getBytes(StandardCharsets.UTF_8));

        assertEquals(
                200,
                function.handle(FunctionUnderTest.event("POST", "/", FunctionUnderTest.CALLER, base64, true))
                        .status());
    }

    @Test
    void ignoresByteOrderMark() {
        String marked = "\ufeff" + PRICE;
        String base64 = Base64.getEncoder().encodeToString(marked.getBytes(StandardCharsets.UTF_8));
        String envelope = "\ufeff{\"construct\":{},\"attributes\":{\"task\":\"price\",\"type\":\"m7g.large\"}}";

        assertEquals(200, function.post(marked).status());
        assertEquals(
                200,
                function.handle(FunctionUnderTest.event("POST", "/", FunctionUnderTest.CALLER, base64, true))
                        .status());
        assertEquals(200, function.post(envelope).status());
        assertEquals("InvalidJson", function.post("\ufeff" + marked).error(), "only one mark is ignored");
        assertEquals("InvalidJson", function.post("\ufeff").error());
    }

    @Test
    void ignoresByteOrderMarkOfTheSecret() {
        function.aws().secret().setValue("\ufeff{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\"}");

        assertEquals(200, function.post(PRICE).status());
    }

    @Test
    void rejectsInvalidBase64Body() {
        assertEquals(
                "InvalidRequest",
                function.handle(FunctionUnderTest.event("POST", "/", FunctionUnderTest.CALLER, "{}", true))
                        .error());
    }

    @Test
    void rejectsBodyLargerThan64KiB() {
        String largest = PRICE + " ".repeat(64 * 1024 - PRICE.length());

        assertEquals(200, function.post(largest).status());
        assertEquals("BodyTooLarge", function.post(largest + " ").error());
        String base64 = Base64.getEncoder().encodeToString((largest + " ").getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "BodyTooLarge",
                function.handle(FunctionUnderTest.event("POST", "/", FunctionUnderTest.CALLER, base64, true))
                        .error());
        assertEquals("BodyTooLarge", function.post("\u20ac".repeat(30_000)).error(), "bytes count, not characters");
    }

    @Test
    void rejectsEventWithoutVerifiedCaller() {
        assertEquals(
                "CallerUnknown",
                function.handle(FunctionUnderTest.event("POST", "/", null, PRICE, false))
                        .error());
    }

    @Test
    void rejectsAnyOtherEvent() {
        for (String event : new String[] {
            "",
            "{",
            "{}",
            "[]",
            "7",
            "null",
            "{\"requestContext\":{\"http\":{}}}",
            "{\"source\":\"aws.ec2\",\"detail-type\":\"EC2 Spot Instance Interruption Warning\"}",
            "{\"task\":\"price\"}"
        }) {
            FunctionUnderTest.Answer answer = function.handle(event);
            assertEquals(400, answer.status(), event);
            assertEquals("InvalidRequest", answer.error(), event);
        }
    }

    @Test
    void namesAllowedMethod() {
        FunctionUnderTest.Answer answer =
                function.handle(FunctionUnderTest.event("GET", "/", FunctionUnderTest.CALLER, "", false));

        assertEquals(405, answer.status());
        assertEquals("POST", answer.headers().get("allow"));
    }

    @ParameterizedTest
    @CsvSource({"'gzip',gzip", "'br, GZIP;q=0.5',gzip", "'deflate, br',", "'gzip;q=0',", "'gzip; q=0.0',", "'',"})
    void compressesLongAnswerWhenAccepted(String accepted, @Nullable String encoding) {
        prices(10);

        FunctionUnderTest.Answer answer = priced(accepted);

        assertEquals(200, answer.status());
        assertEquals(encoding, answer.headers().get("content-encoding"));
        assertEquals(10, answer.data().size());
        assertEquals(priced("").body(), answer.body());
    }

    @Test
    void doesNotCompressShortAnswer() {
        prices(1);

        assertNull(priced("gzip").headers().get("content-encoding"));
    }

    private void prices(int pools) {
        for (int i = 0; i < pools; i++) {
            function.ec2().catalog().price("us-west-2a", "m7g.x" + i, "0.03");
        }
    }

    private FunctionUnderTest.Answer priced(String acceptEncoding) {
        return function.handle(FunctionUnderTest.event(
                "POST",
                "/",
                FunctionUnderTest.CALLER,
                "{\"task\":\"price\"}",
                false,
                Map.of("accept-encoding", acceptEncoding)));
    }

    @Test
    void forbidsCaching() {
        assertEquals("no-store", function.post(PRICE).headers().get("cache-control"));
    }

    @ParameterizedTest
    @CsvSource({
        "503, RequestLimitExceeded, 429, Throttled, 5",
        "500, InternalError, 502, Ec2Unavailable,",
        "400, MaxConfigLimitExceeded, 429, ScoreLimit,",
        "403, UnauthorizedOperation, 403, NotAuthorized,",
        "400, InvalidParameterValue, 400, Ec2Refused,"
    })
    void sendsRetryAfterOnlyWhenRetryingSoonHelps(
            int ec2Status, String code, int status, String error, @Nullable String seconds) {
        function.aws().ec2(Fault.error(ec2Status, code));

        FunctionUnderTest.Answer answer =
                function.send("{'task':'score','types':['m7g.large','m6g.large','c7g.large']}");

        assertEquals(status, answer.status());
        assertEquals(error, answer.error());
        assertEquals(seconds, answer.headers().get("retry-after"));
    }

    @Test
    void sendsRetryAfterWithoutCapacity() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0);

        FunctionUnderTest.Answer answer = function.send("{'task':'launch','types':['m7g.large'],'dryRun':false}");

        assertEquals("NoCapacity", answer.error());
        assertEquals("60", answer.headers().get("retry-after"));
    }

    @Test
    void logsOneLineOfJsonWithPowertoolsNames() {
        function.post(PRICE);
        function.post("{\"task\":\"pri\\nce\\\"\"}");

        String[] lines = function.log().split("\n", -1);
        assertEquals(3, lines.length, function.log());
        Map<?, ?> first = (Map<?, ?>) Objects.requireNonNull(Json.parse(lines[0]));
        assertEquals("INFO", first.get("level"));
        assertEquals("request", first.get("message"));
        assertEquals("2026-03-01T12:00:00Z", first.get("timestamp"));
        assertEquals("Test/Spot@us-west-2", first.get("service"));
        assertEquals(true, first.get("cold_start"));
        assertEquals("spot", first.get("function_name"));
        assertEquals("request-1", first.get("function_request_id"));
        assertEquals(FunctionUnderTest.CALLER, first.get("caller"));
        assertEquals("price", first.get("task"));
        Map<?, ?> second = (Map<?, ?>) Objects.requireNonNull(Json.parse(lines[1]));
        assertEquals("WARN", second.get("level"));
        assertEquals(false, second.get("cold_start"));
        assertEquals("UnknownTask", second.get("reason"));
    }

    @Test
    void logsMetricsOnlyOfWhatHappened() {
        function.post(PRICE);
        function.post("{\"task\":\"dance\"}");
        function.aws().ec2((call, ec2) -> {
            throw new IllegalStateException("something inside");
        });
        function.post(PRICE.replace("m7g", "c7g"));

        assertEquals(
                List.of(
                        "[[service]] Requests/Count Latency/Milliseconds",
                        "[[service]] Requests/Count Errors/Count Latency/Milliseconds, [[service, reason]]"
                                + " Errors/Count",
                        "[[service]] Requests/Count Errors/Count Faults/Count Latency/Milliseconds, [[service, reason]]"
                                + " Errors/Count"),
                function.log().lines().map(FunctionUrlHandlerTest::metrics).toList());
        Map<?, ?> first = (Map<?, ?>) Objects.requireNonNull(
                Json.parse(function.log().lines().findFirst().orElseThrow()));
        assertEquals(BigDecimal.ONE, first.get("Requests"));
        assertTrue(first.get("Latency") instanceof BigDecimal, first.toString());
    }

    @Test
    void countsLaunchedInstancesOnce() {
        String launch = "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','idempotencyKey':'a'";
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        function.send(launch + "}");
        function.send(launch + ",'dryRun':false}");
        function.send(launch + ",'dryRun':false}");

        assertEquals(
                List.of(
                        "[[service]] Requests/Count Latency/Milliseconds",
                        "[[service]] Requests/Count Launches/Count Latency/Milliseconds",
                        "[[service]] Requests/Count Latency/Milliseconds"),
                function.log().lines().map(FunctionUrlHandlerTest::metrics).toList());
    }

    /** Returns the dimensions, names and units of the metrics in a log line. */
    private static String metrics(String line) {
        Map<?, ?> json = (Map<?, ?>) Objects.requireNonNull(Json.parse(line));
        Map<?, ?> aws = (Map<?, ?>) Objects.requireNonNull(json.get("_aws"));
        assertEquals(
                Instant.parse(String.valueOf(json.get("timestamp"))).toEpochMilli(),
                ((BigDecimal) Objects.requireNonNull(aws.get("Timestamp"))).longValueExact());
        List<String> directives = new ArrayList<>();
        for (Object each : (List<?>) Objects.requireNonNull(aws.get("CloudWatchMetrics"))) {
            Map<?, ?> directive = (Map<?, ?>) each;
            assertEquals("spotspec", directive.get("Namespace"));
            List<String> metrics = new ArrayList<>(List.of(String.valueOf(directive.get("Dimensions"))));
            for (Object metric : (List<?>) Objects.requireNonNull(directive.get("Metrics"))) {
                String name = String.valueOf(((Map<?, ?>) metric).get("Name"));
                assertTrue(json.containsKey(name), line);
                metrics.add(name + "/" + ((Map<?, ?>) metric).get("Unit"));
            }
            directives.add(String.join(" ", metrics));
        }
        return String.join(", ", directives);
    }

    @Test
    void hidesDetailsOfInternalErrors() {
        function.aws().ec2((call, ec2) -> {
            throw new IllegalStateException("something inside, perhaps secret");
        });

        FunctionUnderTest.Answer answer = function.post(PRICE);

        assertTrue(answer.status() >= 500);
        assertFalse(answer.error().isEmpty());
        assertFalse((answer.body() + function.log()).contains("perhaps secret"));
    }
}
