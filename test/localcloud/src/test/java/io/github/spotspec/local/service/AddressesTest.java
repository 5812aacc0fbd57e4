package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.service.SmallCloud.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the addresses and DNS names that EC2 gives instances. */
final class AddressesTest {
    private final SmallCloud cloud = new SmallCloud();

    AddressesTest() {
        cloud.allow("*", "*");
        cloud.fleet.startDelay(Duration.ofSeconds(10));
    }

    private Answer launch(String region, String... placement) {
        List<String> parameters = new ArrayList<>(List.of(
                "Action",
                "RunInstances",
                "ImageId",
                cloud.images.id(region, "al2023-arm64"),
                "InstanceType",
                "m7g.large",
                "MinCount",
                "1",
                "MaxCount",
                "1"));
        parameters.addAll(List.of(placement));
        return cloud.ec2(region, parameters.toArray(String[]::new));
    }

    private Answer describe(String region) {
        return cloud.ec2(region, "Action", "DescribeInstances");
    }

    @Test
    void givesPublicNamesInDefaultSubnetOnceRunning() {
        Answer launched = launch("us-west-2");
        assertEquals("pending", launched.element("name"));
        assertTrue(launched.text().contains("<dnsName></dnsName>"), launched.text());
        assertTrue(!launched.text().contains("<ipAddress>"), launched.text());

        cloud.later = Duration.ofSeconds(11);
        Answer running = describe("us-west-2");
        assertEquals("running", running.element("name"));
        String publicIp = running.element("ipAddress");
        assertEquals(
                "ec2-" + publicIp.replace('.', '-') + ".us-west-2.compute.amazonaws.com", running.element("dnsName"));
        assertEquals(
                "ip-" + running.element("privateIpAddress").replace('.', '-') + ".us-west-2.compute.internal",
                running.element("privateDnsName"));
    }

    @Test
    void namesFirstRegionDifferently() {
        launch("us-east-1");
        cloud.later = Duration.ofSeconds(11);

        Answer running = describe("us-east-1");
        assertTrue(running.element("dnsName").endsWith(".compute-1.amazonaws.com"), running.text());
        assertTrue(running.element("privateDnsName").endsWith(".ec2.internal"), running.text());
    }

    @Test
    void givesNoPublicAddressInOtherSubnet() {
        launch(
                "us-east-1",
                "SubnetId",
                cloud.network.sharedSubnet("us-east-1").id(),
                "SecurityGroupId.1",
                cloud.network.sharedGroup("us-east-1").id());
        cloud.later = Duration.ofSeconds(11);

        Answer running = describe("us-east-1");
        assertEquals("running", running.element("name"));
        assertTrue(!running.text().contains("<ipAddress>"), running.text());
        assertTrue(running.text().contains("<dnsName></dnsName>"), running.text());
        assertTrue(running.element("privateDnsName").startsWith("ip-"), running.text());
    }

    @Test
    void takesPublicAddressBackAtTheEnd() {
        String id = launch("us-west-2").element("instanceId");
        cloud.later = Duration.ofSeconds(11);
        cloud.ec2("us-west-2", "Action", "TerminateInstances", "InstanceId.1", id);
        cloud.later = Duration.ofSeconds(12);

        Answer ended = describe("us-west-2");
        assertEquals("terminated", ended.element("name"));
        assertTrue(!ended.text().contains("<ipAddress>"), ended.text());
        assertTrue(ended.text().contains("Client.UserInitiatedShutdown"), ended.text());
    }
}
