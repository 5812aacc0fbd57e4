package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The task {@code connect}. */
final class ConnectTest {
    /** A key of 32 zeros. */
    static final String PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

    private FunctionUnderTest.Answer connect(String id, String more) {
        return function.send(
                "{'task':'connect','instanceId':'" + id + "','publicKey':'" + PUBLIC_KEY + "'" + more + "}");
    }

    private List<AwsCall> pushes() {
        return function.aws().calls("SendSSHPublicKey");
    }

    @Test
    void pushesKeyAndReturnsAddressesAndExpiry() {
        FunctionUnderTest.Answer answer = connect(managed.id(), "");

        assertEquals("admitted", answer.event(), answer.body());
        assertEquals("ec2-user", answer.row(0).get("OsUser"));
        assertEquals("us-west-2a", answer.row(0).get("AvailabilityZone"));
        assertEquals("10.0.0.1", answer.row(0).get("PrivateIpAddress"));
        assertEquals("2026-03-01T12:01:00Z", answer.row(0).get("KeyExpires"));
        AwsCall push = pushes().getFirst();
        assertEquals("us-west-2", push.region());
        assertEquals(managed.id(), push.get("InstanceId"));
        assertEquals("ec2-user", push.get("InstanceOSUser"));
        assertEquals(PUBLIC_KEY, push.get("SSHPublicKey"));
        assertNull(answer.meta().get("missing"));
    }

    @Test
    void findsInstanceInAnyRegion() {
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");

        assertEquals(
                "us-east-1", connect(east.id(), ",'osUser':'ubuntu'").row(0).get("Region"));
        assertEquals("ubuntu", pushes().getFirst().get("InstanceOSUser"));
    }

    @Test
    void doesNotPushToForeignOrUnknownInstance() {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");

        assertEquals("IdNotFound", connect(foreign.id(), "").error());
        assertEquals("IdNotFound", connect("i-0badbad0", "").error());
        assertEquals(List.of(), pushes());
    }

    @Test
    void rejectsUserThatTheDeploymentDoesNotAllow() {
        FunctionUnderTest.Answer answer = connect(managed.id(), ",'osUser':'root'");

        assertEquals("OsUserNotAllowed", answer.error());
        assertEquals(403, answer.status());
        assertTrue(answer.details().contains("ec2-user, ubuntu, admin"), answer.details());
        assertTrue(function.aws().calls().isEmpty(), "no call is made");
    }

    @Test
    void allowsUsersOfTheSettings() {
        FunctionUnderTest limited = FunctionUnderTest.with("'osUsers':['builder','root']");
        FakeInstance instance = limited.ec2().managedInstance("us-west-2a", "m7g.large");
        String connect = "{'task':'connect','publicKey':'" + PUBLIC_KEY + "','instanceId':'" + instance.id() + "'";

        assertEquals("builder", limited.send(connect + "}").row(0).get("OsUser"));
        assertEquals(200, limited.send(connect + ",'osUser':'root'}").status());
        assertEquals(
                "OsUserNotAllowed",
                limited.send(connect + ",'osUser':'ec2-user'}").error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-oProxyCommand", "a b", "a;b", "1a", "user@host", "$(id)", "\u00fcser", "ec2-user\n"})
    void rejectsMalformedUser(String user) {
        assertEquals(
                "InvalidValue",
                connect(managed.id(), ",'osUser':'" + user.replace("\n", "\\n") + "'")
                        .error());
    }

    @Test
    void acceptsUsersOfUpTo32Characters() {
        assertEquals(
                "OsUserNotAllowed",
                connect(managed.id(), ",'osUser':'_" + "a".repeat(31) + "'").error());
        assertEquals(
                "InvalidValue",
                connect(managed.id(), ",'osUser':'" + "a".repeat(33) + "'").error());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ssh-ed25519",
                // With a comment, an option, a line break, or two keys.
                PUBLIC_KEY + " me@host",
                "command=\"id\" " + PUBLIC_KEY,
                PUBLIC_KEY + "\n",
                PUBLIC_KEY + "\n" + PUBLIC_KEY,
                " " + PUBLIC_KEY,
                // Of another type, or with another type inside.
                "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAHwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA--",
                "ssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "-----BEGIN OPENSSH PRIVATE KEY-----"
            })
    void rejectsMalformedKey(String key) {
        FunctionUnderTest.Answer answer = function.post(io.github.spotspec.function.runtime.Json.text(
                java.util.Map.of("task", "connect", "instanceId", managed.id(), "publicKey", key)));

        assertEquals("InvalidValue", answer.error(), answer.body());
        assertEquals(List.of(), pushes());
    }

    @Test
    void requiresInstanceAndKey() {
        assertEquals(
                "MissingField",
                function.send("{'task':'connect','publicKey':'" + PUBLIC_KEY + "'}")
                        .error());
        assertEquals(
                "MissingField",
                function.send("{'task':'connect','instanceId':'" + managed.id() + "'}")
                        .error());
        assertEquals(
                "InvalidValue",
                function.send("{'task':'connect','instanceId':['" + managed.id() + "','i-00000001'],'publicKey':'"
                                + PUBLIC_KEY + "'}")
                        .error());
    }

    @ParameterizedTest
    @CsvSource({
        "pending,InstanceNotReady",
        "stopped,InstanceNotReady",
        "shutting-down,InstanceEnded",
        "terminated,InstanceEnded"
    })
    void rejectsInstanceThatDoesNotRun(String state, String error) {
        FunctionUnderTest.Answer answer = connect(managed.state(state).id(), "");

        assertEquals(error, answer.error());
        assertEquals(409, answer.status());
        assertEquals(List.of(), pushes());
    }

    @ParameterizedTest
    @CsvSource({
        "EC2InstanceStateInvalidException,InstanceNotReady",
        "EC2InstanceUnavailableException,InstanceNotReady",
        "EC2InstanceNotFoundException,IdNotFound",
        "InvalidArgsException,Ec2Refused",
        "AuthException,NotAuthorized",
        "AccessDeniedException,NotAuthorized",
        "ThrottlingException,Throttled",
        "ServiceException,Ec2Unavailable"
    })
    void mapsErrorsOfInstanceConnect(String code, String error) {
        function.aws().always("SendSSHPublicKey", (call, ec2) -> AwsResponse.jsonError(400, code));

        FunctionUnderTest.Answer answer = connect(managed.id(), "");

        assertEquals(error, answer.error(), answer.body());
        assertTrue(answer.details().contains("ec2-instance-connect:SendSSHPublicKey"), answer.details());
    }

    @Test
    void answersWithoutSuccessAreFailures() {
        function.aws().always("SendSSHPublicKey", (call, ec2) -> new AwsResponse(200, "{\"Success\":false}"));

        assertEquals("Ec2Unavailable", connect(managed.id(), "").error());
    }

    @Test
    void logsNoKeyUnlessAsked() {
        connect(managed.id(), "");

        assertFalse(function.log().contains("AAAAC3NzaC1lZDI1NTE5"), function.log());
    }
}
