package io.github.spotspec.local.iam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests virtual MFA devices and their sessions. */
final class MfaDevicesTest {
    private static final Principal.User ANN =
            new Principal.User("ann", "arn:aws:iam::111122223333:user/ann", "AIDA", false, null);

    private Instant now = Instant.parse("2026-03-01T12:00:10Z");
    private final Identities identities = new Identities("111122223333", () -> now);
    private final MfaDevices devices = identities.devices();
    private String seed = "";
    private String serialNumber = "";

    @BeforeEach
    void createAnn() {
        identities.createUser("ann");
        serialNumber = devices.serialNumber("phone");
        seed = devices.create("phone");
    }

    private static void assertRejected(String code, Executable act) {
        assertEquals(code, assertThrows(AwsError.class, act).code());
    }

    /** Returns the code of the device a number of steps from now. */
    private String code(int steps) {
        return Totp.code(seed, Totp.step(now) + steps);
    }

    private void enable() {
        devices.enable("ann", serialNumber, code(-2), code(-1));
    }

    private Identities.Session getSession(String code) {
        return identities.getSessionToken(ANN, Duration.ofHours(1), serialNumber, code);
    }

    @Test
    void deviceHasArnOfItsName() {
        assertEquals("arn:aws:iam::111122223333:mfa/phone", serialNumber);
        assertTrue(seed.matches("[A-Z2-7]{64}"), "the seed must be base32");
        assertNotEquals(seed, devices.create("tablet"));
        assertRejected("EntityAlreadyExists", () -> devices.create("phone"));
    }

    @Test
    void enablesWithTwoConsecutiveCodes() {
        assertRejected("InvalidAuthenticationCode", () -> devices.enable("ann", serialNumber, code(-1), code(-1)));
        assertRejected("InvalidAuthenticationCode", () -> devices.enable("ann", serialNumber, code(0), code(-1)));
        assertRejected("InvalidAuthenticationCode", () -> devices.enable("ann", serialNumber, code(-3), code(-2)));
        assertRejected("InvalidAuthenticationCode", () -> devices.enable("ann", serialNumber, code(1), code(2)));
        assertRejected("NoSuchEntity", () -> devices.enable("ann", "arn:aws:iam::111122223333:mfa/none", "1", "2"));
        assertRejected("AccessDenied", () -> getSession(code(0)));

        devices.enable("ann", serialNumber, code(-1), code(0));

        assertRejected("EntityAlreadyExists", () -> devices.enable("ann", serialNumber, code(0), code(1)));
        assertRejected("AccessDenied", () -> getSession(code(0)));
        assertNotNull(getSession(code(1)));
    }

    @Test
    void acceptsEachCodeOnceInOrder() {
        enable();

        assertNotNull(getSession(code(0)));
        assertRejected("AccessDenied", () -> getSession(code(0)));
        assertRejected("AccessDenied", () -> getSession(code(-1)));

        now = now.plus(Totp.STEP);
        assertNotNull(getSession(code(0)));
    }

    @Test
    void acceptsCodesOneStepOff() {
        enable();
        now = now.plusSeconds(300);

        assertRejected("AccessDenied", () -> getSession(code(-2)));
        assertRejected("AccessDenied", () -> getSession(code(2)));
        assertNotNull(getSession(code(-1)));
        assertNotNull(getSession(code(1)));
    }

    @Test
    void deviceServesOwnUserOnly() {
        identities.createUser("bob");
        enable();

        Principal.User bob = new Principal.User("bob", "arn:aws:iam::111122223333:user/bob", "AIDB", false, null);
        assertRejected(
                "AccessDenied", () -> identities.getSessionToken(bob, Duration.ofHours(1), serialNumber, code(0)));
        assertRejected("NoSuchEntity", () -> devices.deactivate("bob", serialNumber));
        assertNotNull(getSession(code(0)), "the code must stay unused");
    }

    @Test
    void limitsDevicesToEight() {
        enable();
        for (int i = 2; i <= 8; i++) {
            enableAnother("phone" + i);
        }

        assertRejected("LimitExceeded", () -> enableAnother("phone9"));
    }

    private void enableAnother(String name) {
        String another = devices.create(name);
        long step = Totp.step(now);
        devices.enable("ann", devices.serialNumber(name), Totp.code(another, step - 1), Totp.code(another, step));
    }

    @Test
    void sessionContextStatesMfa() {
        enable();
        Authorizer authorizer = new Authorizer(identities, () -> now, new AuditTrail());

        Identities.Session mfa = getSession(code(0));
        Identities.Session plain = identities.getSessionToken(ANN, Duration.ofMinutes(15), null, "");
        now = now.plusSeconds(60);

        var context = authorizer.context(true, identities.principal(mfa.accessKeyId()), "us-west-2");
        assertEquals("[true]", String.valueOf(context.get("aws:MultiFactorAuthPresent")));
        assertEquals("[60]", String.valueOf(context.get("aws:MultiFactorAuthAge")));
        context = authorizer.context(true, identities.principal(plain.accessKeyId()), "us-west-2");
        assertEquals("[false]", String.valueOf(context.get("aws:MultiFactorAuthPresent")));
        assertNull(context.get("aws:MultiFactorAuthAge"));
        context = authorizer.context(true, ANN, "us-west-2");
        assertNull(context.get("aws:MultiFactorAuthPresent"), "a long-term key must not have this condition key");
    }

    @Test
    void userWithDeviceCannotBeDeleted() {
        enable();
        Identities.Session session = getSession(code(0));

        assertRejected("DeleteConflict", () -> identities.deleteUser("ann"));
        assertRejected("DeleteConflict", () -> devices.delete(serialNumber));
        devices.deactivate("ann", serialNumber);
        assertNotNull(identities.key(session.accessKeyId()));
        identities.deleteUser("ann");
        assertNull(identities.key(session.accessKeyId()));

        assertEquals("[" + serialNumber + "]", identities.names().toString());
        devices.delete(serialNumber);
        assertRejected("NoSuchEntity", () -> devices.delete(serialNumber));
    }
}
