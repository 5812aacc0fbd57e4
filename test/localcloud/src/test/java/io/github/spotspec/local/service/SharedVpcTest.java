package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests launches into a shared subnet. The ARNs of subnet and security group contain the owner account. */
final class SharedVpcTest {
    private static final String REGION = "us-east-1";
    private static final String OWN = "arn:aws:ec2:*:" + SmallCloud.ACCOUNT + ":";

    private final SmallCloud cloud = new SmallCloud();
    private final Network.Subnet subnet = cloud.network.sharedSubnet(REGION);
    private final Network.Group group = cloud.network.sharedGroup(REGION);

    private void allowRunOn(String... resources) {
        String named = Stream.concat(Stream.of("arn:aws:ec2:*::image/*", OWN + "instance/*"), Stream.of(resources))
                .collect(Collectors.joining("\", \"", "[\"", "\"]"));
        cloud.put("run", """
                {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": %s}""".formatted(named));
    }

    private Answer dryRun(String group) {
        return cloud.query(
                "ec2",
                "Action",
                "RunInstances",
                "DryRun",
                "true",
                "ImageId",
                cloud.images.id(REGION, "al2023-arm64"),
                "InstanceType",
                "m7g.large",
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "SubnetId",
                subnet.id(),
                "SecurityGroupId.1",
                group);
    }

    @Test
    void needsRightsOnSharedSubnetAndGroup() {
        String sharers = OWN.replace(SmallCloud.ACCOUNT, subnet.owner());

        allowRunOn(OWN + "*", sharers + "subnet/*");
        assertEquals("UnauthorizedOperation", dryRun(group.id()).element("Code"));
        allowRunOn(OWN + "*", sharers + "security-group/*");
        assertEquals("UnauthorizedOperation", dryRun(group.id()).element("Code"));
        allowRunOn(OWN + "*", sharers + "subnet/*", sharers + "security-group/*");
        assertEquals("DryRunOperation", dryRun(group.id()).element("Code"));
    }

    @Test
    void networkInterfaceBelongsToLauncher() {
        String sharers = OWN.replace(SmallCloud.ACCOUNT, subnet.owner());

        allowRunOn(OWN + "volume/*", sharers + "*");
        assertEquals("UnauthorizedOperation", dryRun(group.id()).element("Code"));
        allowRunOn(OWN + "volume/*", OWN + "network-interface/*", sharers + "*");
        assertEquals("DryRunOperation", dryRun(group.id()).element("Code"));
    }

    @Test
    void rejectsGroupOfOtherVpc() {
        allowRunOn("*");

        Answer answer = dryRun(cloud.network.groupNamed(REGION, "web").id());
        assertEquals(List.of("InvalidParameter", 400), List.of(answer.element("Code"), answer.status()));
    }
}
