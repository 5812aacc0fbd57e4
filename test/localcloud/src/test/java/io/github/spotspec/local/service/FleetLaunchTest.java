package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.FleetCalls.REGION;
import static io.github.spotspec.local.service.FleetCalls.codeOf;
import static io.github.spotspec.local.service.FleetCalls.config;
import static io.github.spotspec.local.service.FleetCalls.counts;
import static io.github.spotspec.local.service.FleetCalls.errors;
import static io.github.spotspec.local.service.FleetCalls.fleet;
import static io.github.spotspec.local.service.FleetCalls.ids;
import static io.github.spotspec.local.service.FleetCalls.override;
import static io.github.spotspec.local.service.FleetCalls.tags;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.ec2.SpotRequest;
import io.github.spotspec.local.service.Faults.Fault;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.FleetBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverrides;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateAndOverridesResponse;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Tests what a fleet launches, and how it answers. */
final class FleetLaunchTest {
    private static final String TYPE = "m7g.large";
    private static final String USER_DATA = Base64.getEncoder().encodeToString(new byte[] {1, 2, 3});

    private final FleetCalls calls = new FleetCalls();
    private final List<String> zones = calls.cloud.zones(REGION, TYPE);

    private FleetLaunchTemplateOverridesRequest.Builder first() {
        return override(TYPE, zones.getFirst());
    }

    private static LaunchTemplateTagSpecificationRequest templateTags(String resourceType, String key, String value) {
        return LaunchTemplateTagSpecificationRequest.builder()
                .resourceType(ResourceType.fromValue(resourceType))
                .tags(Tag.builder().key(key).value(value).build())
                .build();
    }

    private Instance launched(CreateFleetResponse answer) {
        assertEquals(List.of(), errors(answer));
        return calls.instance(ids(answer).getFirst());
    }

    @Test
    void launchesFromTemplateAndOverrides() {
        String web = calls.cloud.network.groupNamed(REGION, "web").id();
        String template = calls.template(
                "template", data -> data.keyName("dev").userData(USER_DATA).securityGroupIds(web));
        String subnet =
                calls.cloud.network.defaultSubnet(REGION, zones.getLast()).id();

        CreateFleetResponse answer = calls.create(fleet(
                2,
                override(TYPE, zones.getLast())
                        .subnetId(subnet)
                        .maxPrice("9.5")
                        .priority(3.0)
                        .imageId(calls.cloud.images.id(REGION, "al2023-arm64"))));

        assertTrue(answer.fleetId().matches("fleet-[0-9a-f-]{36}"), answer.fleetId());
        assertEquals(2, ids(answer).size());
        assertEquals("spot", answer.instances().getFirst().lifecycleAsString());
        assertEquals(TYPE, answer.instances().getFirst().instanceTypeAsString());
        LaunchTemplateAndOverridesResponse from = answer.instances().getFirst().launchTemplateAndOverrides();
        // The call names the template and its latest version.
        assertEquals(template, from.launchTemplateSpecification().launchTemplateId());
        assertEquals("1", from.launchTemplateSpecification().version());
        assertEquals(
                FleetLaunchTemplateOverrides.builder()
                        .instanceType(TYPE)
                        .availabilityZone(zones.getLast())
                        .subnetId(subnet)
                        .maxPrice("9.5")
                        .priority(3.0)
                        .imageId(calls.cloud.images.id(REGION, "al2023-arm64"))
                        .build(),
                from.overrides());

        LaunchSpecification spec = launched(answer).launchSpecification();
        assertEquals("spot", spec.market().name());
        assertEquals("9.5", String.valueOf(spec.market().maxPrice()));
        assertEquals(subnet, spec.subnet().id());
        assertEquals("dev", spec.options().keyName());
        assertEquals(USER_DATA, spec.options().userData());
        assertEquals(List.of(web), spec.network().groups());
        assertEquals("required", spec.options().metadata().tokens());
    }

    @Test
    void mergesTagsOfRequestAndTemplate() {
        String template = calls.template(
                "template",
                data -> data.tagSpecifications(
                        templateTags("instance", "own", "template"),
                        templateTags("volume", "team", "template"),
                        templateTags("spot-instances-request", "team", "template")));

        CreateFleetResponse answer = calls.create(fleet(1, first())
                .tagSpecifications(
                        tags("fleet", "team", "fleet"),
                        tags("instance", "team", "blue"),
                        tags("volume", "team", "request", "lease", "1h")));

        Instance instance = launched(answer);
        assertEquals(
                Map.of(
                        "own", "template",
                        "team", "blue",
                        "aws:ec2:fleet-id", answer.fleetId(),
                        "aws:ec2launchtemplate:id", template,
                        "aws:ec2launchtemplate:version", "1"),
                instance.tags());
        assertEquals(
                Map.of("team", "request", "lease", "1h"),
                instance.volumes().getFirst().tags());
        SpotRequest request = calls.cloud.fleet.allRequests().getFirst();
        assertEquals(Map.of("team", "template"), request.tags());
        assertEquals(
                Map.of("team", "fleet"), calls.cloud.fleets.all().getFirst().tags());
    }

    @Test
    void overridesBlockDevicesByName() {
        calls.template(
                "template",
                data -> data.blockDeviceMappings(LaunchTemplateBlockDeviceMappingRequest.builder()
                        .deviceName("/dev/xvda")
                        .ebs(ebs -> ebs.volumeSize(20).encrypted(true).iops(4_000))
                        .build()));

        LaunchSpecification spec = launched(calls.create(fleet(
                        1,
                        first().blockDeviceMappings(
                                        FleetBlockDeviceMappingRequest.builder()
                                                .deviceName("/dev/sdf")
                                                .ebs(ebs -> ebs.volumeSize(7))
                                                .build(),
                                        FleetBlockDeviceMappingRequest.builder()
                                                .deviceName("/dev/xvda")
                                                .ebs(ebs -> ebs.volumeSize(30))
                                                .build()))))
                .launchSpecification();

        assertEquals(
                List.of("/dev/xvda 30 true 4000", "/dev/sdf 7 false null"),
                spec.volumes().stream()
                        .map(volume ->
                                volume.device() + " " + volume.size() + " " + volume.encrypted() + " " + volume.iops())
                        .toList());
    }

    @Test
    void mixesArchitecturesFromTwoTemplates() {
        calls.template();
        calls.template("intel", data -> data.imageId(calls.cloud.images.id(REGION, "al2023-x86_64")));
        String zone = calls.cloud.zones(REGION, "m5.large").getFirst();

        CreateFleetResponse answer = calls.create(fleet(60)
                .launchTemplateConfigs(config("template", first()), config("intel", override("m5.large", zone))));

        assertEquals(
                60, counts(answer).values().stream().mapToInt(count -> count).sum());
        assertEquals(2, answer.instances().size());
    }

    @Test
    void reportsOneErrorForEachOverride() {
        calls.template();
        calls.cloud.capacity.setSpot(TYPE, zones.get(1), 0);

        CreateFleetResponse answer = calls.create(fleet(
                1,
                override("m5.large", calls.cloud.zones(REGION, "m5.large").getFirst()),
                override(TYPE, zones.get(1)),
                override(TYPE, zones.get(2)).imageId("ami-00000000000000000"),
                override(TYPE, "us-east-1e")));

        assertEquals(List.of(), ids(answer));
        assertEquals(
                List.of(
                        "InsufficientInstanceCapacity",
                        "InvalidAMIID.NotFound",
                        "InvalidInput",
                        "InvalidParameterValue"),
                answer.errors().stream()
                        .map(error -> String.valueOf(error.errorCode()))
                        .sorted()
                        .toList());
        assertTrue(answer.errors().stream()
                .allMatch(error -> error.lifecycleAsString().equals("spot")));
    }

    @Test
    void reportsTypeThatZoneDoesNotOffer() {
        calls.template();
        String type = calls.cloud.market.pools(REGION).stream()
                .map(pool -> pool.type())
                .filter(one ->
                        one.arm() && calls.cloud.market.pool(REGION, one.name(), "us-east-1a", "Linux/UNIX") == null)
                .findFirst()
                .orElseThrow()
                .name();

        CreateFleetResponse answer = calls.create(fleet(1, override(type, "us-east-1a")));

        assertEquals(List.of(type + " us-east-1a InvalidFleetConfiguration"), errors(answer));
    }

    @Test
    void repeatsAnswerForSameToken() {
        calls.template();
        calls.cloud.capacity.setSpot(TYPE, zones.getFirst(), 1);
        CreateFleetRequest.Builder request = fleet(2, first()).clientToken("t");

        CreateFleetResponse answer = calls.create(request);
        assertEquals(1, ids(answer).size());
        assertEquals(1, answer.errors().size());

        calls.cloud.capacity.setSpot(TYPE, zones.getFirst(), 50);
        CreateFleetResponse repeated = calls.create(request);
        assertTrue(answer.equalsBySdkFields(repeated), repeated::toString);
        assertEquals(1, calls.cloud.fleet.all().size());
    }

    @Test
    void rejectsTokenOfOtherCallEvenIfThatLaunchedNothing() {
        calls.template();
        calls.cloud.capacity.setSpot(TYPE, zones.getFirst(), 0);
        assertEquals(List.of(), ids(calls.create(fleet(1, first()).clientToken("t"))));

        // RunInstances has a token for each zone, and CreateFleet has one for the region.
        assertEquals(
                "IdempotentParameterMismatch",
                codeOf(() -> calls.create(fleet(1, override(TYPE, zones.get(1))).clientToken("t"))));
        assertEquals(List.of(), calls.cloud.fleet.all());
    }

    @Test
    void tokenIsFreeInOtherRegions() {
        calls.template();
        calls.create(fleet(1, first()).clientToken("t"));
        Ec2Client west = calls.cloud.sdk("us-west-2");
        west.createLaunchTemplate(request -> request.launchTemplateName("template")
                .launchTemplateData(data -> data.imageId(calls.cloud.images.id("us-west-2", "al2023-arm64"))));
        String zone = calls.cloud.zones("us-west-2", TYPE).getFirst();

        CreateFleetResponse answer =
                west.createFleet(fleet(1, override(TYPE, zone)).clientToken("t").build());

        assertEquals(1, ids(answer).size());
        assertEquals(2, calls.cloud.fleets.all().size());
    }

    @Test
    void dryRunLaunchesNothingAndKeepsTokenFree() {
        calls.template();

        assertEquals(
                "DryRunOperation",
                codeOf(() -> calls.create(fleet(2, first()).clientToken("t").dryRun(true))));
        assertEquals(List.of(), calls.cloud.fleets.all());
        assertEquals(1, ids(calls.create(fleet(1, first()).clientToken("t"))).size());
    }

    @Test
    void showsInstancesOnlyAfterTheDelay() {
        calls.template();
        calls.cloud.faults.showAfter(Duration.ofSeconds(4));
        String id = ids(calls.create(fleet(1, first()))).getFirst();

        calls.cloud.later = Duration.ofMillis(3_999);
        assertEquals(
                "InvalidInstanceID.NotFound",
                codeOf(() -> calls.ec2.describeInstances(request -> request.instanceIds(id))));
        calls.cloud.later = Duration.ofSeconds(4);
        assertEquals(
                1,
                calls.ec2
                        .describeInstances(request -> request.instanceIds(id))
                        .reservations()
                        .size());
    }

    @Test
    void findsNewTemplateOnlyAfterTheDelay() {
        calls.cloud.faults.showAfter(Duration.ofSeconds(4));
        calls.template();

        assertEquals("InvalidLaunchTemplateName.NotFoundException", codeOf(() -> calls.create(fleet(1, first()))));
        calls.cloud.later = Duration.ofSeconds(4);
        assertEquals(1, ids(calls.create(fleet(1, first()))).size());
    }

    @Test
    void instancesLiveOnWithoutTheirTemplate() {
        calls.template();
        String id = ids(calls.create(fleet(1, first()))).getFirst();

        calls.ec2.deleteLaunchTemplate(request -> request.launchTemplateName("template"));
        calls.ec2.terminateInstances(request -> request.instanceIds(id));

        assertEquals(
                Instance.State.SHUTTING_DOWN,
                calls.instance(id).state(calls.instance(id).launched()));
    }

    @Test
    void failsBeforeLaunch() {
        calls.template();
        calls.cloud.faults.next("ec2:CreateFleet", new Fault.ErrorResponse(503, "Unavailable", "Unavailable"));

        assertEquals("Unavailable", codeOf(() -> calls.create(fleet(1, first()))));
        assertEquals(List.of(), calls.cloud.fleet.all());
    }

    @Test
    void losesResponseAfterLaunch() {
        calls.template();
        calls.cloud.faults.next("ec2:CreateFleet", new Fault.LostResponse());
        CreateFleetRequest.Builder request = fleet(1, first()).clientToken("t");

        assertThrows(SdkException.class, () -> calls.create(request));
        assertEquals(1, calls.cloud.fleet.all().size());
        assertEquals(
                calls.cloud.fleet.all().getFirst().id(),
                ids(calls.create(request)).getFirst());
    }

    @Test
    void failsWithOneOverride() {
        calls.template();
        calls.cloud.faults.next(
                Faults.FLEET_LAUNCH, new Fault.ErrorResponse(500, "InternalError", "An internal error has occurred"));

        CreateFleetResponse answer =
                calls.create(fleet(1, first(), override(TYPE, zones.get(1)), override(TYPE, zones.get(2))));

        assertEquals(1, ids(answer).size());
        assertEquals("InternalError", answer.errors().getFirst().errorCode());
        assertEquals(1, answer.errors().size());
    }

    @Test
    void rejectsDuplicatePools() {
        calls.template();
        String subnet =
                calls.cloud.network.defaultSubnet(REGION, zones.getFirst()).id();

        assertEquals(
                "InvalidFleetConfig",
                codeOf(() -> calls.create(fleet(
                        1,
                        first(),
                        FleetLaunchTemplateOverridesRequest.builder()
                                .instanceType(TYPE)
                                .subnetId(subnet)))));
    }

    @ParameterizedTest
    @CsvSource({
        "TargetCapacitySpecification.TotalTargetCapacity, 0, InvalidParameterValue",
        "TargetCapacitySpecification.TotalTargetCapacity, 10001, InvalidParameterValue",
        "TargetCapacitySpecification.SpotTargetCapacity, 2, NotInLocalCloud",
        "TargetCapacitySpecification.TargetCapacityUnitType, vcpu, NotInLocalCloud",
        "LaunchTemplateConfigs.1.Overrides.1.MaxPrice, cheap, InvalidParameterValue",
        "LaunchTemplateConfigs.1.Overrides.1.Priority, -1, InvalidParameterValue",
        "LaunchTemplateConfigs.1.Overrides.1.WeightedCapacity, 2, NotInLocalCloud",
        "LaunchTemplateConfigs.1.Overrides.1.InstanceRequirements.VCpuCount.Min, 2, NotInLocalCloud",
        "LaunchTemplateConfigs.1.Overrides.1.BlockDeviceMapping.1.Ebs.SnapshotId, snap-1, NotInLocalCloud",
        "LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version, 2, InvalidLaunchTemplateId.VersionNotFound",
        "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName, no,"
                + " InvalidLaunchTemplateName.NotFoundException",
        "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId, lt-0123456789abcdef0,"
                + " InvalidParameterCombination",
        "SpotOptions.InstanceInterruptionBehavior, stop, NotInLocalCloud",
        "SpotOptions.MaxTotalPrice, 2, NotInLocalCloud",
        "OnDemandOptions.AllocationStrategy, prioritized, NotInLocalCloud",
        "TagSpecification.1.ResourceType, spot-instances-request, InvalidParameterValue",
        "ReplaceUnhealthyInstances, true, NotInLocalCloud",
        "Type, maintain, NotInLocalCloud",
        "Type, request, NotInLocalCloud"
    })
    void rejectsWhatItDoesNotKnow(String name, String value, String code) {
        calls.template();
        Map<String, String> parameters = new TreeMap<>(Map.of(
                "Action", "CreateFleet",
                "Type", "instant",
                "TargetCapacitySpecification.TotalTargetCapacity", "1",
                "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName", "template",
                "LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version", "1",
                "LaunchTemplateConfigs.1.Overrides.1.InstanceType", TYPE,
                "LaunchTemplateConfigs.1.Overrides.1.AvailabilityZone", zones.getFirst()));
        parameters.put(name, value);

        SmallCloud.Answer answer = calls.cloud.query(
                "ec2",
                parameters.entrySet().stream()
                        .flatMap(entry -> List.of(entry.getKey(), entry.getValue()).stream())
                        .toArray(String[]::new));

        assertEquals(code, answer.element("Code"));
        assertEquals(List.of(), calls.cloud.fleets.all());
        assertEquals(List.of(), calls.cloud.fleet.all());
    }

    @Test
    void versionIsRequired() {
        calls.template();

        assertEquals(
                "MissingParameter",
                codeOf(() -> calls.create(fleet(1).launchTemplateConfigs(config("template", first()).toBuilder()
                        .launchTemplateSpecification(template -> template.launchTemplateName("template"))
                        .build()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spot", "on-demand"})
    void rejectsMarketOptionsInTemplate(String market) {
        calls.template("template", data -> data.instanceMarketOptions(options -> options.marketType(market)));

        assertEquals("NotInLocalCloud", codeOf(() -> calls.create(fleet(1, first()))));
    }

    @Test
    void rejectsMoreThanThreeHundredPools() {
        calls.template();
        FleetLaunchTemplateOverridesRequest.Builder[] overrides = calls.cloud.market.pools(REGION).stream()
                .filter(pool ->
                        pool.product().equals("Linux/UNIX") && pool.type().arm())
                .limit(301)
                .map(pool -> override(pool.type().name(), pool.zone()))
                .toArray(FleetLaunchTemplateOverridesRequest.Builder[]::new);

        assertEquals("InvalidFleetConfig", codeOf(() -> calls.create(fleet(1, overrides))));
        assertEquals(
                1, ids(calls.create(fleet(1, Arrays.copyOf(overrides, 300)))).size());
    }
}
