package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.FleetCalls.REGION;
import static io.github.spotspec.local.service.FleetCalls.codeOf;
import static io.github.spotspec.local.service.FleetCalls.counts;
import static io.github.spotspec.local.service.FleetCalls.errors;
import static io.github.spotspec.local.service.FleetCalls.fleet;
import static io.github.spotspec.local.service.FleetCalls.ids;
import static io.github.spotspec.local.service.FleetCalls.override;
import static io.github.spotspec.local.service.FleetCalls.tags;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.FleetBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Tests what CreateFleet and its launches need permission for, and with which condition keys. */
final class FleetRightsTest {
    private static final String TYPE = "m7g.large";
    private static final String DENIED = "UnauthorizedOperation";

    private final FleetCalls calls = new FleetCalls();
    private final SmallCloud cloud = calls.cloud;
    private final List<String> zones = cloud.zones(REGION, TYPE);

    private FleetLaunchTemplateOverridesRequest.Builder first() {
        return override(TYPE, zones.getFirst());
    }

    /** Returns a fleet that gives every value that can override a template. */
    private CreateFleetRequest.Builder everything() {
        return fleet(
                        1,
                        first().subnetId(cloud.network
                                        .defaultSubnet(REGION, zones.getFirst())
                                        .id())
                                .imageId(cloud.images.id(REGION, "al2023-arm64"))
                                .maxPrice("9")
                                .placement(placement -> placement.tenancy("default"))
                                .blockDeviceMappings(FleetBlockDeviceMappingRequest.builder()
                                        .deviceName("/dev/xvda")
                                        .ebs(ebs -> ebs.volumeSize(9)
                                                .encrypted(true)
                                                .volumeType("gp3")
                                                .iops(3_000)
                                                .throughput(125))
                                        .build()))
                .tagSpecifications(
                        tags("fleet", "team", "blue"),
                        tags("instance", "team", "blue"),
                        tags("volume", "team", "blue"));
    }

    private static void fullTemplate(RequestLaunchTemplateData.Builder data) {
        data.keyName("dev")
                .blockDeviceMappings(LaunchTemplateBlockDeviceMappingRequest.builder()
                        .deviceName("/dev/xvda")
                        .ebs(ebs -> ebs.volumeSize(9).encrypted(true))
                        .build())
                .tagSpecifications(LaunchTemplateTagSpecificationRequest.builder()
                        .resourceType(ResourceType.SPOT_INSTANCES_REQUEST)
                        .tags(Tag.builder().key("team").value("blue").build())
                        .build());
    }

    /** Denies an action on a resource if a request has a condition key, or if it lacks the key. */
    private void denyIf(String action, String resource, String key, boolean present) {
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "%s", "Resource": "arn:aws:ec2:*:*:%s/*",
                 "Condition": {"Null": {"%s": "%s"}}}""".formatted(action, resource, key, !present));
    }

    private boolean createIsDenied(CreateFleetRequest.Builder request) {
        CreateFleetRequest dryRun = request.dryRun(true).build();
        String code = codeOf(() -> calls.ec2.createFleet(dryRun));
        request.dryRun(null);
        return code.equals(DENIED);
    }

    @ParameterizedTest
    @CsvSource({
        "fleet, aws:RequestTag/team, true",
        "fleet, aws:TagKeys, true",
        "fleet, ec2:InstanceType, false",
        "fleet, ec2:FleetType, false",
        "instance, aws:RequestTag/team, true",
        "instance, aws:TagKeys, true",
        "instance, ec2:InstanceType, true",
        "instance, ec2:Tenancy, true",
        "instance, ec2:AvailabilityZone, true",
        "instance, ec2:InstanceMarketType, false",
        "instance, ec2:MetadataHttpTokens, false",
        "instance, ec2:LaunchTemplate, false",
        "volume, aws:RequestTag/team, true",
        "volume, aws:TagKeys, true",
        "volume, ec2:Encrypted, true",
        "volume, ec2:VolumeSize, true",
        "volume, ec2:VolumeType, true",
        "volume, ec2:VolumeIops, true",
        "volume, ec2:VolumeThroughput, true",
        "image, ec2:Owner, true",
        "image, ec2:ImageID, true",
        "subnet, ec2:SubnetID, true",
        "launch-template, aws:ResourceTag/team, true",
        "launch-template, ec2:ResourceTag/team, true",
        "launch-template, aws:RequestTag/team, false"
    })
    void createFleetHasKeysOfTheCall(String resource, String key, boolean present) {
        calls.template();

        denyIf("ec2:CreateFleet", resource, key, true);
        assertEquals(present, createIsDenied(everything()));
        denyIf("ec2:CreateFleet", resource, key, false);
        assertEquals(!present, createIsDenied(everything()));
    }

    @ParameterizedTest
    @CsvSource({
        "instance, ec2:Tenancy",
        "instance, ec2:InstanceProfile",
        "volume, ec2:Encrypted",
        "volume, ec2:VolumeSize"
    })
    void createFleetHasNoKeysOfTheTemplate(String resource, String key) {
        calls.template("template", FleetRightsTest::fullTemplate);

        denyIf("ec2:CreateFleet", resource, key, true);
        assertEquals(false, createIsDenied(fleet(1, first())));
        denyIf("ec2:CreateFleet", resource, key, false);
        assertEquals(true, createIsDenied(fleet(1, first())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fleet/*", "instance/*", "volume/*", "launch-template/lt-*", "subnet/*", "image/*"})
    void createFleetNeedsRightsOnWhatItNames(String resource) {
        calls.template();

        cloud.put("Deny", PolicyTexts.statement("Deny", "ec2:CreateFleet", "arn:aws:ec2:*:*:" + resource));

        assertEquals(DENIED, codeOf(() -> calls.create(everything())));
        assertEquals(List.of(), cloud.fleets.all());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"spot-instances-request", "security-group", "key-pair", "network-interface", "image", "subnet"})
    void createFleetNeedsNoRightsOnWhatTheTemplateNames(String resource) {
        calls.template("template", FleetRightsTest::fullTemplate);

        cloud.put("Deny", PolicyTexts.statement("Deny", "ec2:CreateFleet", "arn:aws:ec2:*:*:" + resource + "/*"));

        assertEquals(1, ids(calls.create(fleet(1, first()))).size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spot-instances-request",
                "security-group",
                "key-pair",
                "network-interface",
                "image",
                "subnet",
                "instance",
                "volume",
                "launch-template"
            })
    void launchNeedsRightsOnEverythingItUses(String resource) {
        calls.template("template", FleetRightsTest::fullTemplate);

        cloud.put("Deny", PolicyTexts.statement("Deny", "ec2:RunInstances", "arn:aws:ec2:*:*:" + resource + "/*"));

        CreateFleetResponse answer = calls.create(fleet(1, first()));
        assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(answer));
        assertEquals(List.of(), ids(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"maintain", "request"})
    void policyDeniesOtherTypesByTheTagsOfInstances(String type) {
        calls.template();
        CreateFleetRequest.Builder untagged =
                fleet(1, first()).type(type).tagSpecifications(tags("fleet", "team", "blue"));
        CreateFleetRequest.Builder tagged = fleet(1, first())
                .type(type)
                .tagSpecifications(tags("fleet", "team", "blue"), tags("instance", "team", "blue"));
        assertEquals("NotInLocalCloud", codeOf(() -> calls.create(untagged)));

        denyIf("ec2:CreateFleet", "instance", "aws:RequestTag/team", false);

        assertEquals(DENIED, codeOf(() -> calls.create(untagged)));
        // EC2 accepts tags of instances only for instant fleets.
        assertEquals("InvalidParameterValue", codeOf(() -> calls.create(tagged)));
        assertEquals(1, ids(calls.create(tagged.type("instant"))).size());
    }

    @Test
    void typeIsMaintainUnlessGiven() {
        calls.template();

        assertEquals(
                "NotInLocalCloud", codeOf(() -> calls.create(fleet(1, first()).type((String) null))));
    }

    @Test
    void policyAllowsSomeTypesOfInstances() {
        calls.template();
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                 "Condition": {"StringNotLike": {"ec2:InstanceType": "m6g.*"}}}""");
        String zone = cloud.zones(REGION, "m6g.large").getFirst();

        CreateFleetResponse answer =
                calls.create(fleet(60, override(TYPE, zones.getFirst()), override("m6g.large", zone))
                        .spotOptions(spot -> spot.allocationStrategy("lowest-price")));

        assertEquals(Set.of("m6g.large " + zone), counts(answer).keySet());
        assertEquals(true, errors(answer).contains(TYPE + " " + zones.getFirst() + " " + DENIED));
    }

    @Test
    void launchOfOnDemandInstancesIsDeniedByMarketType() {
        calls.template();
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                 "Condition": {"StringNotEquals": {"ec2:InstanceMarketType": "spot"}}}""");

        CreateFleetResponse answer = calls.create(fleet(2, first())
                .targetCapacitySpecification(capacity ->
                        capacity.totalTargetCapacity(2).spotTargetCapacity(1).defaultTargetCapacityType("on-demand")));

        assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(answer));
        assertEquals("on-demand", answer.errors().getFirst().lifecycleAsString());
        assertEquals(1, ids(answer).size());
        assertEquals("spot", answer.instances().getFirst().lifecycleAsString());
    }

    @Test
    void templateCannotEvadeConditionsOfLaunch() {
        calls.template("template", data -> data.metadataOptions(options -> options.httpTokens("optional")));
        calls.template("somebody", data -> data.imageId(cloud.images.id(REGION, "somebody-x86_64")));
        cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                 "Condition": {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}}""");
        cloud.put("image", """
                {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*::image/*",
                 "Condition": {"StringNotEquals": {"ec2:Owner": "amazon"}}}""");
        String zone = cloud.zones(REGION, "m5.large").getFirst();

        assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(calls.create(fleet(1, first()))));
        assertEquals(
                List.of("m5.large " + zone + " " + DENIED),
                errors(calls.create(
                        fleet(1).launchTemplateConfigs(FleetCalls.config("somebody", override("m5.large", zone))))));
    }

    @ParameterizedTest
    @CsvSource({
        "aws:SecureTransport, false",
        "aws:SourceIp, false",
        "aws:MultiFactorAuthPresent, true",
        "aws:RequestedRegion, true",
        "aws:ViaAWSService, true",
        "ec2:InstanceMarketType, true",
        "ec2:MetadataHttpTokens, true",
        "ec2:LaunchTemplate, true",
        "ec2:IsLaunchTemplateResource, true"
    })
    void launchHasKeysOfCallerAndFleet(String key, boolean present) {
        calls.template();
        Answer session = cloud.query("sts", "Action", "GetSessionToken");
        Ec2Client ec2 = cloud.sdk(
                REGION,
                AwsSessionCredentialsIdentity.create(
                        session.element("AccessKeyId"),
                        session.element("SecretAccessKey"),
                        session.element("SessionToken")));

        denyIf("ec2:RunInstances", "instance", key, true);
        assertEquals(
                present ? 0 : 1, ids(ec2.createFleet(fleet(1, first()).build())).size());
        denyIf("ec2:RunInstances", "instance", key, false);
        assertEquals(
                present ? 1 : 0, ids(ec2.createFleet(fleet(1, first()).build())).size());
    }

    @Test
    void withholdsKeysThatTestsName() {
        calls.template();
        denyIf("ec2:RunInstances", "instance", "aws:SecureTransport", false);
        assertEquals(0, ids(calls.create(fleet(1, first()))).size());

        cloud.fleets.withholdKeys(Set.of("aws:RequestedRegion"));
        assertEquals(1, ids(calls.create(fleet(1, first()))).size());
        denyIf("ec2:RunInstances", "instance", "aws:RequestedRegion", false);
        assertEquals(0, ids(calls.create(fleet(1, first()))).size());
    }

    @Test
    void tagsNeedTheRightToTagForBothActions() {
        calls.template("template", FleetRightsTest::fullTemplate);
        Map<String, String> actions = Map.of(
                "fleet", "CreateFleet",
                "instance", "RunInstances",
                "volume", "RunInstances",
                "spot-instances-request", "RunInstances");
        actions.forEach((resource, action) -> {
            cloud.put("Deny", """
                    {"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:%s/*",
                     "Condition": {"StringEquals": {"ec2:CreateAction": "%s"}}}""".formatted(resource, action));
            if (action.equals("CreateFleet")) {
                assertEquals(DENIED, codeOf(() -> calls.create(everything())));
            } else {
                assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(calls.create(everything())));
            }
        });
        for (String resource : List.of("instance", "volume")) {
            cloud.put("Deny", """
                    {"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:%s/*",
                     "Condition": {"StringEquals": {"ec2:CreateAction": "CreateFleet"}}}""".formatted(resource));
            assertEquals(DENIED, codeOf(() -> calls.create(everything())));
        }
        assertEquals(List.of(), cloud.fleet.all());
    }

    @Test
    void launchNeedsTagOfTemplate() {
        calls.template();
        for (String team : List.of("red", "blue")) {
            cloud.put("Deny", """
                    {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:launch-template/*",
                     "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "%s"}}}""".formatted(team));
            assertEquals(
                    team.equals("blue") ? 1 : 0,
                    ids(calls.create(fleet(1, first()))).size());
        }
    }

    @Test
    void launchNeedsRightToPassRole() {
        cloud.identities.createRole("node", PolicyTexts.policy());
        String profile = cloud.identities.createProfile("/", "node", "node");
        calls.template("template", data -> data.iamInstanceProfile(node -> node.arn(profile)));
        cloud.put("Deny", PolicyTexts.statement("Deny", "iam:PassRole", "*"));

        assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(calls.create(fleet(1, first()))));
    }

    @Test
    void firstSpotLaunchNeedsRightToCreateServiceRole() {
        calls.template();
        cloud.put("Deny", PolicyTexts.statement("Deny", "iam:CreateServiceLinkedRole", "*"));

        assertEquals(
                "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
                calls.create(fleet(1, first())).errors().getFirst().errorCode());
    }

    @Test
    void dryRunDoesNotAuthorizeLaunches() {
        calls.template();
        cloud.put("Deny", PolicyTexts.statement("Deny", "ec2:RunInstances", "*"));

        assertEquals(
                "DryRunOperation", codeOf(() -> calls.create(fleet(1, first()).dryRun(true))));
        assertEquals(List.of(TYPE + " " + zones.getFirst() + " " + DENIED), errors(calls.create(fleet(1, first()))));
    }
}
