package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.iam.Totp;
import io.github.spotspec.local.service.SmallCloud.Answer;
import io.github.spotspec.local.wire.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Tests MFA through the APIs of IAM and STS. */
final class GetSessionTokenTest {
    private static final String SERIAL_NUMBER = "arn:aws:iam::111122223333:mfa/ann";
    private static final long STEP = Totp.step(SignedRequest.NOW);

    private final SmallCloud cloud = new SmallCloud();

    private static void assertAnswers(int status, String code, Answer answer) {
        assertEquals(code, answer.element("Code"), answer.text());
        assertEquals(status, answer.status());
    }

    /** Enrolls a device with an unused current code, and returns its seed. */
    private String enrol() {
        cloud.allow("iam:*", "*");
        Answer made = cloud.query("iam", "Action", "CreateVirtualMFADevice", "VirtualMFADeviceName", "ann");
        assertEquals(SERIAL_NUMBER, made.element("SerialNumber"));
        String seed =
                new String(Base64.getDecoder().decode(made.element("Base32StringSeed")), StandardCharsets.US_ASCII);
        assertEquals(
                200,
                enable(Totp.code(seed, STEP - 2), Totp.code(seed, STEP - 1)).status());
        return seed;
    }

    private Answer enable(String first, String second) {
        return cloud.query(
                "iam",
                "Action",
                "EnableMFADevice",
                "UserName",
                "ann",
                "SerialNumber",
                SERIAL_NUMBER,
                "AuthenticationCode1",
                first,
                "AuthenticationCode2",
                second);
    }

    private Answer getSessionToken(String code) {
        return cloud.query("sts", "Action", "GetSessionToken", "SerialNumber", SERIAL_NUMBER, "TokenCode", code);
    }

    private Answer as(Answer session, String service, String form) {
        AwsCredentialsIdentity identity = AwsSessionCredentialsIdentity.create(
                session.element("AccessKeyId"), session.element("SecretAccessKey"), session.element("SessionToken"));
        return cloud.send(SignedRequest.to(service, identity).body(form).sign());
    }

    @Test
    void codeGivesTwelveHourCredentials() {
        String seed = enrol();

        Answer session = getSessionToken(Totp.code(seed, STEP));

        assertEquals(200, session.status(), session.text());
        assertTrue(session.element("AccessKeyId").startsWith("ASIA"));
        assertEquals("2026-03-04T17:06:07Z", session.element("Expiration"));
        assertEquals(
                "arn:aws:iam::111122223333:user/ann",
                as(session, "sts", "Action=GetCallerIdentity").element("Arn"));
    }

    @Test
    void needsNoPermission() {
        cloud.put("Deny", PolicyTexts.statement("Deny", "sts:*", "*"));

        assertEquals(200, cloud.query("sts", "Action", "GetSessionToken").status());
    }

    @Test
    void wrongCodeAndUnknownDeviceDiffer() {
        String seed = enrol();

        Answer wrong = getSessionToken(Totp.code(seed, STEP + 5));
        assertAnswers(403, "AccessDenied", wrong);
        Answer unknown = cloud.query(
                "sts",
                "Action",
                "GetSessionToken",
                "SerialNumber",
                "arn:aws:iam::111122223333:mfa/bob",
                "TokenCode",
                "123456");
        assertAnswers(403, "AccessDenied", unknown);
        assertNotEquals(wrong.element("Message"), unknown.element("Message"));
    }

    @ParameterizedTest
    @CsvSource({
        "DurationSeconds, 899",
        "DurationSeconds, 129601",
        "TokenCode, 12345",
        "TokenCode, 12345a",
        "SerialNumber, short",
        "SerialNumber, arn:aws:iam::111122223333:mfa/an n"
    })
    void rejectsMalformedParameters(String parameter, String value) {
        assertAnswers(400, "ValidationError", cloud.query("sts", "Action", "GetSessionToken", parameter, value));
    }

    @Test
    void sessionCannotOpenSession() {
        String seed = enrol();
        Answer session = getSessionToken(Totp.code(seed, STEP));

        assertAnswers(403, "AccessDenied", as(session, "sts", "Action=GetSessionToken"));
    }

    @Test
    void iamNeedsSessionWithMfa() {
        String seed = enrol();
        String call = "Action=DeleteVirtualMFADevice&SerialNumber=" + SERIAL_NUMBER;

        assertAnswers(403, "InvalidClientTokenId", as(cloud.query("sts", "Action", "GetSessionToken"), "iam", call));
        assertAnswers(409, "DeleteConflict", as(getSessionToken(Totp.code(seed, STEP)), "iam", call));
    }

    @Test
    void enrolmentNeedsPermission() {
        assertAnswers(
                403,
                "AccessDenied",
                cloud.query("iam", "Action", "CreateVirtualMFADevice", "VirtualMFADeviceName", "ann"));
        assertAnswers(403, "AccessDenied", enable("123456", "234567"));
    }

    @Test
    void keepsUserUntilDeviceIsDeactivated() {
        cloud.identities.createUser("bob");
        String serialNumber = cloud.identities.devices().serialNumber("bob");
        String seed = cloud.identities.devices().create("bob");
        cloud.identities.devices().enable("bob", serialNumber, Totp.code(seed, STEP - 1), Totp.code(seed, STEP));
        assertAnswers(403, "AccessDenied", cloud.query("iam", "Action", "DeleteUser", "UserName", "bob"));
        cloud.allow("iam:*", "*");

        assertAnswers(409, "DeleteConflict", cloud.query("iam", "Action", "DeleteUser", "UserName", "bob"));

        cloud.query("iam", "Action", "DeactivateMFADevice", "UserName", "bob", "SerialNumber", serialNumber);
        assertEquals(
                200,
                cloud.query("iam", "Action", "DeleteUser", "UserName", "bob").status());
        assertAnswers(404, "NoSuchEntity", cloud.query("iam", "Action", "DeleteUser", "UserName", "bob"));
    }

    @Test
    void keepsPreviousSecretValue() {
        cloud.secrets.create("arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbCdEf", "s", "one");
        cloud.allow("secretsmanager:*", "*");
        String previous = "{\"SecretId\": \"s\", \"VersionStage\": \"AWSPREVIOUS\"}";

        Answer none = cloud.json("secretsmanager", "GetSecretValue", previous);
        assertEquals("ResourceNotFoundException", none.member("__type"));
        assertEquals(400, none.status());

        cloud.json("secretsmanager", "PutSecretValue", "{\"SecretId\": \"s\", \"SecretString\": \"two\"}");
        assertEquals(
                "one", cloud.json("secretsmanager", "GetSecretValue", previous).member("SecretString"));
        assertEquals(
                "two",
                cloud.json("secretsmanager", "GetSecretValue", "{\"SecretId\": \"s\"}")
                        .member("SecretString"));
    }
}
