package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.iam.PolicyTexts;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Tests launches from launch templates with RunInstances. */
final class LaunchFromTemplateTest {
    private static final String REGION = "us-east-1";
    private static final String USER_DATA = Base64.getEncoder().encodeToString(new byte[] {1, 2, 3});

    private final SmallCloud cloud = new SmallCloud();
    private final Ec2Client ec2 = cloud.sdk(REGION);

    @BeforeEach
    void allowAll() {
        cloud.allow("*", "*");
        cloud.capacity.reset(true);
    }

    private static LaunchTemplateTagSpecificationRequest tags(String resourceType, String key, String value) {
        return LaunchTemplateTagSpecificationRequest.builder()
                .resourceType(ResourceType.fromValue(resourceType))
                .tags(tag(key, value))
                .build();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private static TagSpecification requestTags(String resourceType, String key, String value) {
        return TagSpecification.builder()
                .resourceType(ResourceType.fromValue(resourceType))
                .tags(tag(key, value))
                .build();
    }

    private RequestLaunchTemplateData.Builder plain() {
        return RequestLaunchTemplateData.builder()
                .imageId(cloud.images.id(REGION, "al2023-arm64"))
                .instanceType("m7g.large")
                .placement(placement -> placement.availabilityZone("us-east-1a"));
    }

    private String template(RequestLaunchTemplateData.Builder data) {
        return ec2.createLaunchTemplate(request -> request.launchTemplateName("template")
                        .launchTemplateData(data.build())
                        .tagSpecifications(requestTags("launch-template", "team", "blue")))
                .launchTemplate()
                .launchTemplateId();
    }

    private Instance run(Consumer<RunInstancesRequest.Builder> changes) {
        ec2.runInstances(request -> request.minCount(1)
                .maxCount(1)
                .launchTemplate(template -> template.launchTemplateName("template"))
                .applyMutation(changes));
        return cloud.fleet.all().getLast();
    }

    private static String codeOf(Executable act) {
        return assertThrows(Ec2Exception.class, act).awsErrorDetails().errorCode();
    }

    @Test
    void takesEverythingFromTemplate() {
        String web = cloud.network.groupNamed(REGION, "web").id();
        cloud.identities.createRole("node", PolicyTexts.policy());
        String profile = cloud.identities.createProfile("/", "node", "node");
        String id = template(plain().keyName("dev")
                .userData(USER_DATA)
                .securityGroupIds(web)
                .iamInstanceProfile(node -> node.arn(profile))
                .ebsOptimized(true)
                .monitoring(monitoring -> monitoring.enabled(true))
                .metadataOptions(options -> options.httpTokens("required").httpPutResponseHopLimit(2))
                .instanceInitiatedShutdownBehavior("terminate")
                .instanceMarketOptions(market -> market.marketType("spot").spotOptions(spot -> spot.maxPrice("9")))
                .blockDeviceMappings(LaunchTemplateBlockDeviceMappingRequest.builder()
                        .deviceName("/dev/xvda")
                        .ebs(ebs -> ebs.volumeSize(20).encrypted(true))
                        .build())
                .tagSpecifications(
                        tags("instance", "kind", "instance"),
                        tags("volume", "kind", "volume"),
                        tags("spot-instances-request", "kind", "request")));

        Instance launched = run(request -> {});

        LaunchSpecification spec = launched.launchSpecification();
        assertEquals("m7g.large", spec.type());
        assertEquals("dev", spec.options().keyName());
        assertEquals(USER_DATA, spec.options().userData());
        assertEquals(List.of(web), spec.network().groups());
        assertEquals(profile, spec.options().profileArn());
        assertEquals("required", spec.options().metadata().tokens());
        assertEquals(2, spec.options().metadata().hopLimit());
        assertEquals("terminate", spec.options().shutdownBehavior());
        assertTrue(spec.options().ebsOptimized() && spec.options().monitoring() && spec.isSpot());
        assertEquals("9", String.valueOf(spec.market().maxPrice()));
        assertEquals(20, spec.volumes().getFirst().size());
        assertTrue(spec.volumes().getFirst().encrypted());
        assertEquals(Map.of("kind", "volume"), spec.tags().volume());
        assertEquals(Map.of("kind", "request"), spec.tags().request());
        assertEquals(
                Map.of("kind", "instance", "aws:ec2launchtemplate:id", id, "aws:ec2launchtemplate:version", "1"),
                launched.tags());
    }

    @Test
    void requestOverridesTemplate() {
        template(plain().keyName("dev")
                .securityGroups("web")
                .tagSpecifications(LaunchTemplateTagSpecificationRequest.builder()
                        .resourceType(ResourceType.INSTANCE)
                        .tags(tag("a", "template"), tag("b", "template"))
                        .build()));

        String zone = cloud.zones(REGION, "m6g.large").getLast();

        Instance launched = run(request -> request.instanceType("m6g.large")
                .keyName("ops")
                .securityGroups("default")
                .placement(placement -> placement.availabilityZone(zone))
                .tagSpecifications(requestTags("instance", "b", "request")));

        LaunchSpecification spec = launched.launchSpecification();
        assertEquals("m6g.large", spec.type());
        assertEquals("ops", spec.options().keyName());
        assertEquals(zone, spec.subnet().zone());
        assertEquals(
                List.of(cloud.network.groupNamed(REGION, "default").id()),
                spec.network().groups());
        assertEquals(
                List.of("template", "request"),
                List.of(launched.tags().get("a"), launched.tags().get("b")));
    }

    @Test
    void groupNamesNeedTheDefaultSubnet() {
        template(plain().securityGroups("web"));

        assertEquals(
                List.of(cloud.network.groupNamed(REGION, "web").id()),
                run(request -> {}).launchSpecification().network().groups());
        assertEquals(
                "InvalidParameterCombination",
                codeOf(() -> run(request -> request.subnetId(
                        cloud.network.defaultSubnet(REGION, "us-east-1a").id()))));
    }

    @ParameterizedTest
    @CsvSource({"$Latest, true", "$Default, true", "1, true", "2, false"})
    void findsVersion(String version, boolean exists) {
        template(plain());
        Consumer<RunInstancesRequest.Builder> ofVersion = request -> request.launchTemplate(
                template -> template.launchTemplateName("template").version(version));

        if (exists) {
            assertEquals("m7g.large", run(ofVersion).launchSpecification().type());
        } else {
            assertEquals("InvalidLaunchTemplateId.VersionNotFound", codeOf(() -> run(ofVersion)));
        }
    }

    @Test
    void reportsMissingTemplateOrParts() {
        assertEquals("InvalidLaunchTemplateName.NotFoundException", codeOf(() -> run(request -> {})));

        // EC2 does not look for what a template names until it launches.
        template(plain().keyName("nobody"));
        assertEquals("InvalidKeyPair.NotFound", codeOf(() -> run(request -> {})));
    }

    @Test
    void tagsOfSpotRequestsNeedSpotInstances() {
        template(plain().tagSpecifications(tags("spot-instances-request", "team", "blue")));

        assertEquals("InvalidParameterValue", codeOf(() -> run(request -> {})));
        assertTrue(run(request -> request.instanceMarketOptions(market -> market.marketType("spot")))
                .launchSpecification()
                .isSpot());
    }

    @Test
    void rejectsBlockDeviceMappingsInBoth() {
        template(plain().blockDeviceMappings(LaunchTemplateBlockDeviceMappingRequest.builder()
                .deviceName("/dev/xvda")
                .ebs(ebs -> ebs.volumeSize(20))
                .build()));

        assertEquals(
                "NotInLocalCloud",
                codeOf(() -> run(request -> request.blockDeviceMappings(BlockDeviceMapping.builder()
                        .deviceName("/dev/xvda")
                        .ebs(ebs -> ebs.volumeSize(30))
                        .build()))));
    }

    @Test
    void needsRightsOnTemplate() {
        template(plain());
        String everythingElse = """
                {"Effect": "Allow", "Action": "ec2:RunInstances", "NotResource": "arn:aws:ec2:*:*:launch-template/*"}""";
        cloud.put("Allow", everythingElse);
        assertEquals("UnauthorizedOperation", codeOf(() -> run(request -> {})));

        for (String team : List.of("red", "blue")) {
            cloud.put("template", """
                    {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:launch-template/*",
                     "Condition": {"StringEquals": {"aws:ResourceTag/team": "%s"}}}""".formatted(team));
            if (team.equals("red")) {
                assertEquals("UnauthorizedOperation", codeOf(() -> run(request -> {})));
            }
        }
        run(request -> {});
    }

    @Test
    void policyRequiresCertainTemplate() {
        String id = template(plain());
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                 "Condition": {"ArnNotLike": {"ec2:LaunchTemplate": "arn:aws:ec2:*:*:launch-template/%s"}}}""".formatted(id));

        run(request -> {});
        assertEquals(
                "UnauthorizedOperation",
                codeOf(() -> ec2.runInstances(request -> request.minCount(1)
                        .maxCount(1)
                        .instanceType("m7g.large")
                        .imageId(cloud.images.id(REGION, "al2023-arm64")))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"image", "instance", "key-pair", "security-group"})
    void policyForbidsToOverrideTemplate(String resource) {
        template(plain().keyName("dev").securityGroups("web"));
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:%s/*",
                 "Condition": {"Bool": {"ec2:IsLaunchTemplateResource": "false"}}}""".formatted(resource));
        Map<String, Consumer<RunInstancesRequest.Builder>> overrides = Map.of(
                "image", request -> request.imageId(cloud.images.id(REGION, "al2023-arm64")),
                "instance", request -> request.instanceType("m6g.large"),
                "key-pair", request -> request.keyName("ops"),
                "security-group", request -> request.securityGroups("default"));

        run(request -> {});
        List<String> denied = new ArrayList<>();
        overrides.forEach((overridden, change) -> {
            try {
                run(change);
            } catch (Ec2Exception e) {
                denied.add(overridden + " " + e.awsErrorDetails().errorCode());
            }
        });
        assertEquals(List.of(resource + " UnauthorizedOperation"), denied);
    }

    @Test
    void metadataKeyComesFromRequestOnly() {
        template(plain().metadataOptions(options -> options.httpTokens("required")));
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                 "Condition": {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}}""");

        assertEquals("UnauthorizedOperation", codeOf(() -> run(request -> {})));
        Instance launched = run(request -> request.metadataOptions(options -> options.httpTokens("required")));
        assertEquals(
                "required", launched.launchSpecification().options().metadata().tokens());
    }

    @Test
    void describesOwnTagsOfEc2() {
        String id = template(plain());
        String launched = run(request -> {}).id();

        Map<String, String> tags = ec2
                .describeInstances(request -> request.instanceIds(launched))
                .reservations()
                .getFirst()
                .instances()
                .getFirst()
                .tags()
                .stream()
                .collect(Collectors.toMap(Tag::key, Tag::value));
        assertEquals(id, tags.get("aws:ec2launchtemplate:id"));
    }
}
