package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.wire.AwsError;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The API of EC2 Instance Connect. */
final class InstanceConnectApi extends JsonApi {
    private static final int MIN_KEY = 80;
    private static final int MAX_KEY = 4_096;

    private final InstanceStore fleet;
    private final String account;
    private final InstantSource clock;

    InstanceConnectApi(InstanceStore fleet, String account, InstantSource clock) {
        this.fleet = fleet;
        this.account = account;
        this.clock = clock;
    }

    @Override
    public String service() {
        return "ec2-instance-connect";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("SendSSHPublicKey", this::sendSshPublicKey);
    }

    private Map<String, Object> sendSshPublicKey(ApiCall call, Input input) {
        String id = input.required("InstanceId");
        String osUser = input.required("InstanceOSUser");
        String key = input.required("SSHPublicKey");
        String zone = input.text("AvailabilityZone");
        Instance instance = fleet.instances(call.region()).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElse(null);
        authorize(call, id, osUser);
        if (!id.matches("i-[a-f0-9]+")
                || !osUser.matches("[A-Za-z_][A-Za-z0-9@._-]{0,30}[A-Za-z0-9$_-]?")
                || key.length() < MIN_KEY
                || key.length() > MAX_KEY
                || !key.matches("(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+=*( [ -~]*)?\\n?")) {
            throw new AwsError(400, "InvalidArgsException", "One of the parameters is not valid.");
        }
        if (instance == null) {
            throw new AwsError(400, "EC2InstanceNotFoundException", "The specified instance was not found.");
        }
        if (zone != null && !zone.equals(instance.launchSpecification().subnet().zone())) {
            throw new AwsError(400, "InvalidArgsException", "The instance is not in the Availability Zone.");
        }
        Instant now = clock.instant();
        if (instance.state(now) != Instance.State.RUNNING) {
            throw new AwsError(
                    400,
                    "EC2InstanceStateInvalidException",
                    "Unable to connect because the instance is not in a valid state.");
        }
        instance.pushedKeys().push(osUser, key.strip(), now);
        return Map.of("RequestId", call.requestId(), "Success", true);
    }

    private void authorize(ApiCall call, String id, String osUser) {
        Map<String, List<String>> context = new TreeMap<>();
        fleet.tags(id).forEach((key, value) -> {
            context.put("aws:ResourceTag/" + key, List.of(value));
            context.put("ec2:ResourceTag/" + key, List.of(value));
        });
        context.put("ec2:osuser", List.of(osUser));
        call.authorize(
                "ec2-instance-connect:SendSSHPublicKey",
                "arn:aws:ec2:" + call.region() + ":" + account + ":instance/" + id,
                context,
                List.of());
    }
}
