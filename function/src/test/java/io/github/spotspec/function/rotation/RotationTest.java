package io.github.spotspec.function.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the rotation function: each step, repeated, failing, and out of order. */
final class RotationTest {
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    private final FakeAccount account = new FakeAccount();
    private final RotationUnderTest rotation = new RotationUnderTest(account);

    private void rotate(String version) {
        account.beginRotation(version);
        STEPS.forEach(step -> rotation.step(version, step));
    }

    @AfterEach
    void checkKeyCountAndLog() {
        rotation.assertKeyCountAndLog(account);
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
            rotation.step("second", step);
            rotation.step("second", step);
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

        rotation.step("second", step);

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
                    rotation.step(version, step);
                } catch (IllegalStateException e) {
                    if (!step.equals("finishSecret")) {
                        assertEquals(before, account.versionAt("AWSCURRENT"));
                    }
                    assertTrue(account.keys.containsKey(account.current().get("accessKeyId")), action);
                    rotation.step(version, step);
                }
            }
            assertEquals(version, account.versionAt("AWSCURRENT"));
            assertTrue(account.keys.containsKey(account.current().get("accessKeyId")), action);
        }
        assertTrue(rotation.log().contains("\"ERROR\""), "the fault did not occur");
    }

    @ParameterizedTest
    @ValueSource(strings = {"setSecret", "testSecret", "finishSecret"})
    void rejectsStepBeforeTheFirst(String step) {
        account.beginRotation("second");

        assertTrue(rotation.failureMessage("second", step).contains("createSecret"));
        assertEquals("first", account.versionAt("AWSCURRENT"));
    }

    @Test
    void waitsForTheNewKeyToWork() {
        account.beginRotation("second");
        rotation.step("second", "createSecret");
        account.rejectKeys(5);

        rotation.step("second", "testSecret");

        assertTrue(rotation.elapsed().toSeconds() >= 14, "it did not wait");
    }

    @ParameterizedTest
    @ValueSource(strings = {"testSecret", "finishSecret"})
    void doesNotActivateKeyThatDoesNotWork(String step) {
        account.beginRotation("second");
        rotation.step("second", "createSecret");
        account.rejectKeys(1_000);

        rotation.failureMessage("second", step);
        assertEquals("first", account.versionAt("AWSCURRENT"));
        assertTrue(account.keys.containsKey("AKIAFIRST"));
    }

    @Test
    void doesNotActivateKeyOfAnotherUser() {
        account.beginRotation("second");
        rotation.step("second", "createSecret");
        account.setCallerArn("arn:aws:iam::111122223333:user/another-operator");

        assertTrue(rotation.failureMessage("second", "testSecret").contains("user/another-operator"));
    }

    @Test
    void rejectsUnknownVersionStepOrSecret() {
        account.beginRotation("second");

        assertTrue(rotation.failureMessage("third", "createSecret").contains("third"));
        assertTrue(rotation.failureMessage("first-of-all", "finishSecret").contains("first-of-all"));
        assertTrue(rotation.failureMessage("second", "deleteSecret").contains("deleteSecret"));
        assertThrows(
                IllegalStateException.class,
                () -> rotation.step(RotationUnderTest.SECRET + "-other", "second", "createSecret"));
        assertEquals(Set.of("AKIAFIRST"), account.keys.keySet());
        assertEquals(List.of("DescribeSecret", "DescribeSecret", "DescribeSecret"), account.actions);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json, secret-of-somebody", "[]", "7"})
    void changesNoKeyWhenTheSecretIsUnreadable(String value) {
        account.values.put("first", value);
        account.beginRotation("second");

        assertTrue(rotation.failureMessage("second", "createSecret").contains("'accessKeyId'"));
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
        rotation.step("second", "createSecret");
        account.keys.remove("AKIAMADE1");

        assertTrue(rotation.failureMessage("second", "createSecret").contains("second"));

        assertEquals(null, account.versionAt("AWSPENDING"));
        rotate("third");
        assertEquals("AKIAMADE2", account.current().get("accessKeyId"));
    }

    @Test
    void replacesSessionSecretWithoutChangingKeys() {
        account.values.put("first", "A".repeat(64));
        account.beginRotation("second");
        STEPS.forEach(step -> rotation.step(RotationUnderTest.SESSIONS, "second", step));

        String now = String.valueOf(account.values.get(account.versionAt("AWSCURRENT")));
        assertTrue(now.matches("[A-Za-z0-9]{64}"), "letters and digits only");
        assertFalse(now.equals("A".repeat(64)));
        assertEquals("first", account.versionAt("AWSPREVIOUS"));
        assertTrue(account.actions.stream().noneMatch(action -> action.contains("Key") || action.contains("Caller")));
    }
}
