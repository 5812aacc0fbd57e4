package io.github.spotspec.function.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.runtime.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;

/** Tests rotation while AWS is slow, does not answer, or changes meanwhile. */
final class RotationFailuresTest {
    private static final String SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:operator";
    private static final String SESSIONS = "arn:aws:secretsmanager:us-west-2:111122223333:secret:sessions";

    private final FakeClock time = new FakeClock();
    private final FakeAccount account =
            new FakeAccount(Json.text(Map.of("accessKeyId", "AKIAFIRST", "secretAccessKey", "secret-of-AKIAFIRST")));
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<String> calls = new ArrayList<>();
    private Consumer<String> beforeCall = call -> {};
    private final RotationHandler handler = new RotationHandler(
            new RotationSettings("Test/Spot@us-west-2", SECRET, FakeAccount.USER, List.of(SESSIONS)),
            Region.US_WEST_2,
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAROLE", "role-secret")),
            new Watched(),
            time,
            new PrintStream(log, true, StandardCharsets.UTF_8));

    RotationFailuresTest() {
        account.addKey("AKIAFIRST", "secret-of-AKIAFIRST");
        account.beginRotation("second");
    }

    /** An account with an action that runs before each call. */
    private final class Watched implements SdkHttpClient {
        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            String action = request.httpRequest()
                    .firstMatchingHeader("X-Amz-Target")
                    .map(target -> target.substring(target.indexOf('.') + 1))
                    .orElseGet(() -> form(request));
            ExecutableHttpRequest call = account.prepareRequest(request);
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() throws IOException {
                    calls.add(action);
                    try {
                        beforeCall.accept(action);
                    } catch (UncheckedIOException e) {
                        throw Objects.requireNonNull(e.getCause());
                    }
                    return call.call();
                }

                @Override
                public void abort() {
                    call.abort();
                }
            };
        }

        private static String form(HttpExecuteRequest request) {
            try {
                String body = new String(
                        request.contentStreamProvider()
                                .orElseThrow()
                                .newStream()
                                .readAllBytes(),
                        StandardCharsets.UTF_8);
                return body.replaceFirst("(?s)^(?:.*&)?Action=([A-Za-z]*).*", "$1");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            account.close();
        }
    }

    private String handle(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), out, new FakeContext(300_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private String step(String secret, String step) {
        return handle(Json.text(Map.of("SecretId", secret, "ClientRequestToken", "second", "Step", step)));
    }

    private String step(String step) {
        return step(SECRET, step);
    }

    private String failure(String step) {
        return String.valueOf(
                assertThrows(IllegalStateException.class, () -> step(step)).getMessage());
    }

    private String logged() {
        return log.toString(StandardCharsets.UTF_8);
    }

    private long identityChecks() {
        return calls.stream().filter("GetCallerIdentity"::equals).count();
    }

    @Test
    void answersAndLogsEachStep() {
        assertEquals("{}", step("createSecret"));

        for (String part : List.of(
                "\"level\":\"INFO\"",
                "\"Step\":\"createSecret\"",
                "\"SecretId\":\"" + SECRET + "\"",
                "\"ClientRequestToken\":\"second\"")) {
            assertTrue(logged().contains(part), logged());
        }
    }

    @Test
    void requiresThreeSuccessesTwoSecondsApart() {
        step("createSecret");

        step("testSecret");

        assertEquals(3, identityChecks());
        assertEquals(Duration.ofSeconds(4), Duration.between(FakeClock.START, time.instant()));
    }

    @Test
    void requiresConsecutiveSuccesses() {
        step("createSecret");
        // The third check reaches a server that does not know the key yet.
        beforeCall = call -> {
            if (call.equals("GetCallerIdentity") && identityChecks() == 3) {
                account.rejectKeys(1);
            }
        };

        step("testSecret");

        assertEquals(6, identityChecks());
    }

    @Test
    void givesUpBeforeLambdaDoes() {
        step("createSecret");
        account.rejectKeys(Integer.MAX_VALUE);

        failure("testSecret");

        Duration taken = Duration.between(FakeClock.START, time.instant());
        assertTrue(taken.compareTo(Duration.ofSeconds(290)) > 0, "it tries on, here for " + taken);
        assertTrue(taken.compareTo(Duration.ofSeconds(299)) < 0, "it leaves time to say so, here after " + taken);
        assertTrue(logged().contains("\"level\":\"ERROR\""), logged());
    }

    @Test
    void toleratesKeyThatAnotherInvocationDeletes() {
        account.addKey("AKIAOLD", "secret-of-AKIAOLD");
        beforeCall = call -> {
            if (call.equals("DeleteAccessKey")) {
                account.keys.remove("AKIAOLD");
            }
        };

        step("createSecret");

        assertEquals(Set.of("AKIAFIRST", "AKIAMADE1"), account.keys.keySet());
    }

    @Test
    void logsErrorCodeButNotMessageOfAws() {
        account.failNext("DescribeSecret");

        assertEquals("AWS answered Refused.", failure("createSecret"));
        assertTrue(logged().contains("AWS answered Refused."), logged());
    }

    @Test
    void reportsMissingAnswerOfAws() {
        beforeCall = call -> {
            throw new UncheckedIOException(new IOException("secret-of-AKIAFIRST"));
        };

        assertEquals("AWS did not answer.", failure("createSecret"));
        assertFalse(logged().contains("secret-of"), logged());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"SecretId\":7,\"ClientRequestToken\":\"second\",\"Step\":\"createSecret\"}",
                "{\"SecretId\":\"" + SECRET + "\",\"ClientRequestToken\":\"second\"}",
                "{\"SecretId\":\"" + SECRET + "\",\"Step\":\"createSecret\"}"
            })
    void ignoresEventThatIsNoStep(String event) {
        String message = String.valueOf(
                assertThrows(IllegalStateException.class, () -> handle(event)).getMessage());

        assertFalse(message.isBlank(), event);
        assertEquals(Set.of("AKIAFIRST"), account.keys.keySet());
        assertEquals("first", account.versionAt("AWSCURRENT"));
        assertEquals("second", account.versionAt("AWSPENDING"));
    }

    @Test
    void changesNothingWithoutCurrentVersion() {
        step("createSecret");
        account.stages.put("first", new TreeSet<>());

        failure("finishSecret");
        assertEquals(null, account.versionAt("AWSCURRENT"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"accessKeyId\":7,\"secretAccessKey\":\"x\"}", "{\"accessKeyId\":\"AKIAMADE1\"}", "[]"})
    void keepsCurrentKeyIfNewValueIsNoKey(String value) {
        step("createSecret");
        account.values.put("second", value);

        assertFalse(failure("finishSecret").contains("AKIAMADE1"), "the message shows the key");
        assertEquals("first", account.versionAt("AWSCURRENT"));
    }

    @Test
    void repeatedStepsKeepGeneratedSecret() {
        step(SESSIONS, "createSecret");
        String made = account.values.get("second");

        for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
            step(SESSIONS, step);
        }

        assertEquals("second", account.versionAt("AWSCURRENT"));
        assertEquals(made, account.values.get("second"));
    }
}
