package io.github.spotspec.function.rotation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.runtime.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;

/** The rotation function of a deployment with an operator's secret and a session secret, its clock and its log. */
final class RotationUnderTest {
    static final String SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:operator";
    static final String SESSIONS = "arn:aws:secretsmanager:us-west-2:111122223333:secret:sessions";

    private final FakeClock time = new FakeClock();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final RotationHandler handler;

    RotationUnderTest(SdkHttpClient http) {
        handler = new RotationHandler(
                new RotationSettings(FakeEc2.SERVICE, SECRET, FakeAccount.USER, List.of(SESSIONS)),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAROLE", "role-secret")),
                http,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    String handle(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), out, new FakeContext(300_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    String step(String secret, String version, String step) {
        return handle(Json.text(Map.of("SecretId", secret, "ClientRequestToken", version, "Step", step)));
    }

    /** Carries out a step of the operator's secret. */
    String step(String version, String step) {
        return step(SECRET, version, step);
    }

    /** Returns the message with which a step of the operator's secret fails. */
    String failureMessage(String version, String step) {
        String message = String.valueOf(assertThrows(IllegalStateException.class, () -> step(version, step))
                .getMessage());
        assertFalse(message.contains("secret-of"), message);
        return message;
    }

    /** Returns the time since the test started. */
    Duration elapsed() {
        return Duration.between(FakeClock.START, time.instant());
    }

    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    /** Checks that the user never had more than two keys, and that the log shows no key and no secret. */
    void assertKeyCountAndLog(FakeAccount account) {
        assertTrue(account.maxKeysAtATime() <= 2, account.maxKeysAtATime() + " keys");
        for (String secret : account.values.values()) {
            assertFalse(secret.length() > 10 && log().contains(secret), "a secret is in the log");
        }
        assertFalse(log().contains("secret-of") || log().contains("AKIA"), "a key is in the log");
    }
}
