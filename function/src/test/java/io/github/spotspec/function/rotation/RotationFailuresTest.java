package io.github.spotspec.function.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/** Tests rotation while AWS is slow, does not answer, or changes meanwhile. */
final class RotationFailuresTest {
    private final FakeAccount account = new FakeAccount();
    private final List<String> calls = new ArrayList<>();
    private Consumer<String> beforeCall = call -> {};
    private final RotationUnderTest rotation = new RotationUnderTest(new Watched());

    RotationFailuresTest() {
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

    private long identityChecks() {
        return calls.stream().filter("GetCallerIdentity"::equals).count();
    }

    @AfterEach
    void checkKeyCountAndLog() {
        rotation.assertKeyCountAndLog(account);
    }

    @Test
    void answersAndLogsEachStep() {
        assertEquals("{}", rotation.step("second", "createSecret"));

        for (String part : List.of(
                "\"level\":\"INFO\"",
                "\"Step\":\"createSecret\"",
                "\"SecretId\":\"" + RotationUnderTest.SECRET + "\"",
                "\"ClientRequestToken\":\"second\"")) {
            assertTrue(rotation.log().contains(part), rotation.log());
        }
    }

    @Test
    void requiresThreeSuccessesTwoSecondsApart() {
        rotation.step("second", "createSecret");

        rotation.step("second", "testSecret");

        assertEquals(3, identityChecks());
        assertEquals(Duration.ofSeconds(4), rotation.elapsed());
    }

    @Test
    void requiresConsecutiveSuccesses() {
        rotation.step("second", "createSecret");
        // The third check reaches a server that does not know the key yet.
        beforeCall = call -> {
            if (call.equals("GetCallerIdentity") && identityChecks() == 3) {
                account.rejectKeys(1);
            }
        };

        rotation.step("second", "testSecret");

        assertEquals(6, identityChecks());
    }

    @Test
    void givesUpBeforeLambdaDoes() {
        rotation.step("second", "createSecret");
        account.rejectKeys(Integer.MAX_VALUE);

        rotation.failureMessage("second", "testSecret");

        Duration taken = rotation.elapsed();
        assertTrue(taken.compareTo(Duration.ofSeconds(290)) > 0, "gave up after only " + taken);
        assertTrue(taken.compareTo(Duration.ofSeconds(299)) < 0, "gave up too late, after " + taken);
        assertTrue(rotation.log().contains("\"level\":\"ERROR\""), rotation.log());
    }

    @Test
    void toleratesKeyThatAnotherInvocationDeletes() {
        account.addKey("AKIAOLD", "secret-of-AKIAOLD");
        beforeCall = call -> {
            if (call.equals("DeleteAccessKey")) {
                account.keys.remove("AKIAOLD");
            }
        };

        rotation.step("second", "createSecret");

        assertEquals(Set.of("AKIAFIRST", "AKIAMADE1"), account.keys.keySet());
    }

    @Test
    void logsErrorCodeButNotMessageOfAws() {
        account.failNext("DescribeSecret");

        assertEquals("AWS answered Refused.", rotation.failureMessage("second", "createSecret"));
        assertTrue(rotation.log().contains("AWS answered Refused."), rotation.log());
        assertFalse(rotation.log().contains(FakeAccount.ERROR_MESSAGE), rotation.log());
    }

    @Test
    void reportsMissingAnswerOfAws() {
        beforeCall = call -> {
            throw new UncheckedIOException(new IOException("secret-of-AKIAFIRST"));
        };

        assertEquals("AWS did not answer.", rotation.failureMessage("second", "createSecret"));
        assertFalse(rotation.log().contains("secret-of"), rotation.log());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"SecretId\":7,\"ClientRequestToken\":\"second\",\"Step\":\"createSecret\"}",
                "{\"SecretId\":\"" + RotationUnderTest.SECRET + "\",\"ClientRequestToken\":\"second\"}",
                "{\"SecretId\":\"" + RotationUnderTest.SECRET + "\",\"Step\":\"createSecret\"}"
            })
    void rejectsUnknownStep(String event) {
        String message = String.valueOf(assertThrows(IllegalStateException.class, () -> rotation.handle(event))
                .getMessage());

        assertFalse(message.isBlank(), event);
        assertEquals(Set.of("AKIAFIRST"), account.keys.keySet());
        assertEquals("first", account.versionAt("AWSCURRENT"));
        assertEquals("second", account.versionAt("AWSPENDING"));
    }

    @Test
    void changesNothingWithoutCurrentVersion() {
        rotation.step("second", "createSecret");
        account.stages.put("first", new TreeSet<>());

        rotation.failureMessage("second", "finishSecret");
        assertEquals(null, account.versionAt("AWSCURRENT"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"accessKeyId\":7,\"secretAccessKey\":\"x\"}", "{\"accessKeyId\":\"AKIAMADE1\"}", "[]"})
    void keepsCurrentKeyIfNewValueIsInvalid(String value) {
        rotation.step("second", "createSecret");
        account.values.put("second", value);

        assertFalse(
                rotation.failureMessage("second", "finishSecret").contains("AKIAMADE1"), "the message shows the key");
        assertEquals("first", account.versionAt("AWSCURRENT"));
    }

    @Test
    void repeatedStepsKeepGeneratedSecret() {
        rotation.step(RotationUnderTest.SESSIONS, "second", "createSecret");
        String made = account.values.get("second");

        for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
            rotation.step(RotationUnderTest.SESSIONS, "second", step);
        }

        assertEquals("second", account.versionAt("AWSCURRENT"));
        assertEquals(made, account.values.get("second"));
    }
}
