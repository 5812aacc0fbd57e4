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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** Tests the rotation function: each step, repeated, failing, and out of order. */
final class RotationTest {
    private static final String SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:operator";
    private static final String SESSIONS = "arn:aws:secretsmanager:us-west-2:111122223333:secret:sessions";
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    private final FakeClock time = new FakeClock();
    private final FakeAccount account = new FakeAccount(Json.text(Map.of(
            "accessKeyId",
            "AKIAFIRST",
            "secretAccessKey",
            "secret-of-AKIAFIRST",
            "serialNumber",
            "arn:aws:iam::111122223333:mfa/operator",
            "userData",
            "IyEvYmluL3No")));
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final RotationHandler handler = new RotationHandler(
            new RotationSettings("Test/Spot@us-west-2", SECRET, FakeAccount.USER, List.of(SESSIONS)),
            Region.US_WEST_2,
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAROLE", "role-secret")),
            account,
            time,
            new PrintStream(log, true, StandardCharsets.UTF_8));

    RotationTest() {
        account.addKey("AKIAFIRST", "secret-of-AKIAFIRST");
    }

    private void step(String secret, String version, String step) {
        String event = Json.text(Map.of("SecretId", secret, "ClientRequestToken", version, "Step", step));
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
                    new ByteArrayOutputStream(),
                    new FakeContext(300_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void step(String version, String step) {
        step(SECRET, version, step);
    }

    private String failureMessage(String version, String step) {
        String message = String.valueOf(assertThrows(IllegalStateException.class, () -> step(version, step))
                .getMessage());
        assertFalse(message.contains("secret-of"), message);
        return message;
    }

    private void rotate(String version) {
        account.beginRotation(version);
        STEPS.forEach(step -> step(version, step));
    }

    @AfterEach
    void checkKeyCountAndLog() {
        assertTrue(account.maxKeysAtATime() <= 2, account.maxKeysAtATime() + " keys");
        String text = log.toString(StandardCharsets.UTF_8);
        for (String secret : account.values.values()) {
            assertFalse(secret.length() > 10 && text.contains(secret), "a secret is in the log");
        }
        assertFalse(text.contains("secret-of") || text.contains("AKIA"), "a key is in the log");
    }

    @Test
    void activatesNewKeyAndKeepsTheOldOneValid() {
        rotate("second");

        assertEquals("second", account.versionAt("AWSCURRENT"));
        assertEquals("first", account.versionAt("AWSPREVIOUS"));
        assertEquals(
                Map.of(
                        "accessKeyId",
                        "AKIAMADE1",
                        "secretAccessKey",
                        "secret-of-AKIAMADE1",
                        "serialNumber",
                        "arn:aws:iam::111122223333:mfa/operator",
                        "userData",
                        "IyEvYmluL3No"),
                account.current());
        assertEquals(Set.of("AKIAFIRST", "AKIAMADE1"), account.keys.keySet());
    }

    @Test
    void deletesPreviousKeyInTheNextRotation() {
        rotate("second");
        rotate("third");

        assertEquals(Set.of("AKIAMADE1", "AKIAMADE2"), account.keys.keySet());
        assertEquals("AKIAMADE2", account.current().get("accessKeyId"));
    }

    @Test
    void toleratesEveryStepTwice() {
        account.beginRotation("second");
        for (String step : STEPS) {
            step("second", step);
            step("second", step);
        }

        assertEquals(Set.of("AKIAFIRST", "AKIAMADE1"), account.keys.keySet());
        assertEquals("AKIAMADE1", account.current().get("accessKeyId"));
        assertEquals("first", account.versionAt("AWSPREVIOUS"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"createSecret", "setSecret", "testSecret", "finishSecret"})
    void changesNothingWhenAStepRepeatsAfterTheEnd(String step) {
        rotate("second");
        account.actions.clear();

        step("second", step);

        assertEquals(List.of("DescribeSecret"), account.actions);
        assertEquals(Set.of("AKIAFIRST", "AKIAMADE1"), account.keys.keySet());
    }

    @ParameterizedTest
    @CsvSource({
        "DescribeSecret",
        "GetSecretValue",
        "ListAccessKeys",
        "DeleteAccessKey",
        "CreateAccessKey",
        "PutSecretValue",
        "UpdateSecretVersionStage"
    })
    void recoversFromFailedOrLostCallsByRepeating(String action) {
        for (String version : List.of("second", "third", "fourth", "fifth")) {
            if (version.equals("third")) {
                account.failNext(action);
            } else if (version.equals("fourth")) {
                account.loseResponseOf(action);
            }
            account.beginRotation(version);
            String before = account.versionAt("AWSCURRENT");
            for (String step : STEPS) {
                try {
                    step(version, step);
                } catch (IllegalStateException e) {
                    if (!step.equals("finishSecret")) {
                        assertEquals(before, account.versionAt("AWSCURRENT"));
                    }
                    assertTrue(account.keys.containsKey(account.current().get("accessKeyId")), action);
                    step(version, step);
                }
            }
            assertEquals(version, account.versionAt("AWSCURRENT"));
            assertTrue(account.keys.containsKey(account.current().get("accessKeyId")), action);
        }
        assertTrue(log.toString(StandardCharsets.UTF_8).contains("\"ERROR\""), "the fault did not occur");
    }

    @ParameterizedTest
    @ValueSource(strings = {"setSecret", "testSecret", "finishSecret"})
    void rejectsStepBeforeTheFirst(String step) {
        account.beginRotation("second");

        assertTrue(failureMessage("second", step).contains("createSecret"));
        assertEquals("first", account.versionAt("AWSCURRENT"));
    }

    @Test
    void waitsForTheNewKeyToWork() {
        account.beginRotation("second");
        step("second", "createSecret");
        account.rejectKeys(5);

        step("second", "testSecret");

        assertTrue(Duration.between(FakeClock.START, time.instant()).toSeconds() >= 14, "it did not wait");
    }

    @ParameterizedTest
    @ValueSource(strings = {"testSecret", "finishSecret"})
    void doesNotActivateKeyThatDoesNotWork(String step) {
        account.beginRotation("second");
        step("second", "createSecret");
        account.rejectKeys(1_000);

        failureMessage("second", step);
        assertEquals("first", account.versionAt("AWSCURRENT"));
        assertTrue(account.keys.containsKey("AKIAFIRST"));
    }

    @Test
    void doesNotActivateKeyOfAnotherUser() {
        account.beginRotation("second");
        step("second", "createSecret");
        account.setCallerArn("arn:aws:iam::111122223333:user/another-operator");

        assertTrue(failureMessage("second", "testSecret").contains("user/another-operator"));
    }

    @Test
    void rejectsUnknownVersionStepOrSecret() {
        account.beginRotation("second");

        assertTrue(failureMessage("third", "createSecret").contains("third"));
        assertTrue(failureMessage("first-of-all", "finishSecret").contains("first-of-all"));
        assertTrue(failureMessage("second", "deleteSecret").contains("deleteSecret"));
        assertThrows(IllegalStateException.class, () -> step(SECRET + "-other", "second", "createSecret"));
        assertEquals(Set.of("AKIAFIRST"), account.keys.keySet());
        assertEquals(List.of("DescribeSecret", "DescribeSecret", "DescribeSecret"), account.actions);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json, secret-of-somebody", "[]", "7"})
    void changesNoKeyWhenTheSecretIsUnreadable(String value) {
        account.values.put("first", value);
        account.beginRotation("second");

        assertTrue(failureMessage("second", "createSecret").contains("'accessKeyId'"));
        assertEquals(Set.of("AKIAFIRST"), account.keys.keySet());
    }

    @Test
    void replacesMissingKey() {
        account.keys.clear();

        rotate("second");

        assertEquals(Set.of("AKIAMADE1"), account.keys.keySet());
        assertEquals("AKIAMADE1", account.current().get("accessKeyId"));
    }

    @Test
    void abandonsRotationWhoseNewKeyIsMissing() {
        account.beginRotation("second");
        step("second", "createSecret");
        account.keys.remove("AKIAMADE1");

        assertTrue(failureMessage("second", "createSecret").contains("second"));

        assertEquals(null, account.versionAt("AWSPENDING"));
        rotate("third");
        assertEquals("AKIAMADE2", account.current().get("accessKeyId"));
    }

    @Test
    void replacesSessionSecretWithoutChangingKeys() {
        account.values.put("first", "A".repeat(64));
        account.beginRotation("second");
        STEPS.forEach(step -> step(SESSIONS, "second", step));

        String now = String.valueOf(account.values.get(account.versionAt("AWSCURRENT")));
        assertTrue(now.matches("[A-Za-z0-9]{64}"), "letters and digits only");
        assertFalse(now.equals("A".repeat(64)));
        assertEquals("first", account.versionAt("AWSPREVIOUS"));
        assertTrue(account.actions.stream().noneMatch(action -> action.contains("Key") || action.contains("Caller")));
    }
}
