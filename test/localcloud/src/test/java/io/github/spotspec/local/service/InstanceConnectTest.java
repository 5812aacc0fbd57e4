package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests SendSSHPublicKey of EC2 Instance Connect. */
final class InstanceConnectTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private final SmallCloud cloud = new SmallCloud();
    private final Instance instance;

    InstanceConnectTest() {
        cloud.allow("*", "*");
        instance = cloud.launch("m5.large");
        cloud.later = Duration.ofSeconds(1);
    }

    private Answer push(String id, String user, String key) {
        return cloud.json(
                "ec2-instance-connect",
                "SendSSHPublicKey",
                "{\"InstanceId\":\"" + id + "\",\"InstanceOSUser\":\"" + user + "\",\"SSHPublicKey\":\"" + key + "\"}");
    }

    private List<String> keys(String user, Duration later) {
        Instant now = io.github.spotspec.local.wire.SignedRequest.NOW.plus(cloud.later);
        return instance.pushedKeys().active(user, now.plus(later));
    }

    @Test
    void keyIsActiveForOneMinuteAndOneUser() {
        assertEquals(200, push(instance.id(), "ubuntu", KEY).status());

        assertEquals(List.of(), keys("ec2-user", Duration.ZERO));
        assertEquals(List.of(KEY), keys("ubuntu", Duration.ofSeconds(59)));
        assertEquals(List.of(), keys("ubuntu", Duration.ofSeconds(60)));
    }

    @ParameterizedTest
    @CsvSource({
        "i-0badbadbadbadbad0, ubuntu, EC2InstanceNotFoundException",
        "instance, ubuntu, InvalidArgsException",
        "THIS, a b, InvalidArgsException",
        "THIS, -o, InvalidArgsException"
    })
    void rejectsWrongArguments(String id, String user, String error) {
        assertEquals(
                error, push(id.equals("THIS") ? instance.id() : id, user, KEY).member("__type"));
    }

    @Test
    void rejectsShortAndPrivateKeys() {
        assertEquals(
                "InvalidArgsException",
                push(instance.id(), "ubuntu", "ssh-ed25519 AAAA").member("__type"));
        assertEquals(
                "InvalidArgsException",
                push(instance.id(), "ubuntu", "-----BEGIN OPENSSH PRIVATE KEY-----" + "A".repeat(100))
                        .member("__type"));
    }

    @Test
    void rejectsInstanceThatDoesNotRun() {
        cloud.query("ec2", "Action", "TerminateInstances", "InstanceId.1", instance.id());

        assertEquals(
                "EC2InstanceStateInvalidException",
                push(instance.id(), "ubuntu", KEY).member("__type"));
    }

    @ParameterizedTest
    @CsvSource({
        "ec2:osuser, root, root, AccessDeniedException",
        "ec2:osuser, root, ubuntu, null",
        "aws:ResourceTag/team, red, ubuntu, AccessDeniedException",
        "ec2:ResourceTag/team, red, ubuntu, AccessDeniedException",
        "ec2:ResourceTag/team, blue, ubuntu, null"
    })
    void authorizesByUserAndTag(String key, String value, String user, String error) {
        cloud.put(
                "Deny",
                "{\"Effect\":\"Deny\",\"Action\":\"ec2-instance-connect:SendSSHPublicKey\",\"Resource\":"
                        + "\"arn:aws:ec2:*:*:instance/*\",\"Condition\":{\"StringEquals\":{\"" + key + "\":\"" + value
                        + "\"}}}");

        assertEquals(error, push(instance.id(), user, KEY).member("__type"));
    }
}
