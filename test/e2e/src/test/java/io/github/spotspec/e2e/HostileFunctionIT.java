package io.github.spotspec.e2e;

import static io.github.spotspec.e2e.HostileCode.ALLOWED;
import static io.github.spotspec.e2e.HostileCode.DENIED;
import static io.github.spotspec.e2e.HostileCode.GUARDED;
import static io.github.spotspec.e2e.HostileCode.tag;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.ec2.Instance;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.EbsBlockDevice;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterfaceSpecification;
import software.amazon.awssdk.services.ec2.model.Placement;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Tries to cost more, to hide instances and to end foreign ones with the operator's key. */
@ExtendWith(SharedDeployment.class)
final class HostileFunctionIT {
    private static final Tag SERVICE = tag("spotspec:service", GUARDED);
    private static final Tag LEASE = tag("spotspec:lease", "2030-01-01T00:00:00Z");
    private static final Tag HIDDEN = tag("SpotSpec:Service", GUARDED);

    private final LocalDeployment service;
    private final HostileCode hostile;

    HostileFunctionIT(LocalDeployment service) throws Exception {
        GuardRailsIT.deploy(service);
        this.service = service;
        this.hostile = new HostileCode(service);
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void cannotLaunchInstancesHiddenFromLists() {
        List<Tag> usual = List.of(SERVICE, LEASE);
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(
                    ALLOWED,
                    hostile.dryRunLaunch(ec2, tagged(List.of(SERVICE, LEASE, tag("CostCenter", "42")), usual, usual)));

            assertEquals(DENIED, hostile.dryRunLaunch(ec2, tagged(List.of(HIDDEN, LEASE), usual, usual)), "instance");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, tagged(usual, List.of(HIDDEN), usual)), "volume");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, tagged(usual, usual, List.of(HIDDEN))), "spot request");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2, tagged(List.of(SERVICE, tag("SpotSpec:Lease", "2030-01-01T00:00:00Z")), usual, usual)),
                    "lease");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(ec2, tagged(List.of(SERVICE, HIDDEN, LEASE), usual, usual)),
                    "both spellings, which would make it impossible to end");
        }
    }

    @Test
    void cannotAddTagsThatDifferOnlyInCase() throws Exception {
        Instance managed = service.instances(
                        ask(RequestBody.launch("m7g.large").without("ami").without("securityGroupIds")))
                .getFirst();
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(
                    DENIED,
                    HostileCode.errorCode(() -> ec2.createTags(
                            change -> change.resources(managed.id()).tags(LEASE, tag("SpotSpec:Service", "another")))));
        }
        assertEquals(
                "InvalidValue",
                ask(RequestBody.launch("m7g.large").without("ami").with("tags", Map.of("Spotspec:Service", "mine")))
                        .error());
    }

    @Test
    void mayRecordStateBeforeEndOfOwnInstancesOnly() throws Exception {
        Instance managed = service.instances(
                        ask(RequestBody.launch("m7g.large").without("ami").without("securityGroupIds")))
                .getFirst();
        Tag state = tag("spotspec:before-end", "2026-01-01T00:00:00Z running");
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(ALLOWED, errorOfTagging(ec2, managed, state));
            assertEquals(DENIED, errorOfTagging(ec2, managed, state, tag("spotspec:receipt", "2026-01-01T00:00:00Z")));

            service.instanceStore().tag(managed.id(), Map.of("spotspec:service", "another"));
            assertEquals(DENIED, errorOfTagging(ec2, managed, state));
        }
    }

    private static String errorOfTagging(Ec2Client ec2, Instance instance, Tag... tags) {
        return HostileCode.errorCode(() -> ec2.createTags(
                change -> change.resources(instance.id()).tags(tags).dryRun(true)));
    }

    @Test
    void cannotHaveRunningInstancesEndedAsIdle() throws Exception {
        Instance managed = service.instances(
                        ask(RequestBody.launch("m7g.large").without("ami").without("securityGroupIds")))
                .getFirst();
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            for (Tag tag : List.of(
                    tag("spotspec:end-when-idle", "PT10M"),
                    tag("spotspec:idle-warned", "2026-01-01T00:00:00Z/2030-01-01T00:00:00Z"))) {
                assertEquals(
                        DENIED,
                        HostileCode.errorCode(() -> ec2.createTags(
                                change -> change.resources(managed.id()).tags(tag))),
                        tag.key());
            }
        }
    }

    @Test
    void cannotLaunchDedicatedOrWithExistingInterface() {
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(
                    ALLOWED,
                    hostile.dryRunLaunch(ec2, volume(ebs -> ebs.iops(16_000).throughput(1_000))));

            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.placement(
                                    Placement.builder().tenancy("dedicated").build())),
                    "tenancy");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, volume(ebs -> ebs.volumeType("io2"))), "type");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, volume(ebs -> ebs.iops(16_001))), "IOPS");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, volume(ebs -> ebs.throughput(1_001))), "throughput");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.subnetId(null)
                                    .securityGroupIds(List.of())
                                    .networkInterfaces(InstanceNetworkInterfaceSpecification.builder()
                                            .deviceIndex(0)
                                            .networkInterfaceId("eni-0123456789abcdef0")
                                            .build())),
                    "an existing interface");
        }
    }

    @Test
    void neverEndsForeignOnDemandInstanceWithOwnTag() throws Exception {
        String production = launchOnDemandTaggedAsManaged();

        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(
                    DENIED, HostileCode.errorCode(() -> ec2.terminateInstances(end -> end.instanceIds(production))));
        }
        service.cloud().state().events().fireSchedules("Guarded-SpotKeeper");
        assertEquals(
                "OnDemandNotAllowed",
                ask(RequestBody.to("end").with("instanceIds", List.of(production)))
                        .error());
        assertEquals(
                "OnDemandNotAllowed",
                ask(RequestBody.to("terminate").with("instanceIds", List.of(production)))
                        .error());

        assertEquals(
                List.of(production), service.alive().stream().map(Instance::id).toList());
        service.awaitLogged("\"reason\":\"OnDemandNotAllowed\"");
        assertEquals(
                0,
                service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                        .filter(call -> call.action().equals("ec2:TerminateInstances"))
                        .filter(call -> !call.outcome().equals("UnauthorizedOperation"))
                        .count());
    }

    /** Launches an on-demand instance without the service, and gives it the tags of the service. */
    private String launchOnDemandTaggedAsManaged() {
        try (Ec2Client ec2 = service.client(
                        Ec2Client.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            String id = ec2.runInstances(run -> run.imageId(GuardRailsIT.image(service))
                            .instanceType("m7g.large")
                            .minCount(1)
                            .maxCount(1))
                    .instances()
                    .getFirst()
                    .instanceId();
            ec2.createTags(change -> change.resources(id).tags(SERVICE, tag("spotspec:lease", "2020-01-01T00:00:00Z")));
            return id;
        }
    }

    private SpotUrl.Answer ask(RequestBody ask) throws Exception {
        return new SpotUrl(service.output("Guarded", "Url"), LocalDeployment.HOME)
                .post(ask.toString(), service.caller());
    }

    private static Consumer<RunInstancesRequest.Builder> tagged(
            List<Tag> instance, List<Tag> volume, List<Tag> spotRequest) {
        return run -> run.tagSpecifications(Stream.of(
                        specification(ResourceType.INSTANCE, instance),
                        specification(ResourceType.VOLUME, volume),
                        specification(ResourceType.SPOT_INSTANCES_REQUEST, spotRequest))
                .toList());
    }

    private static TagSpecification specification(ResourceType type, List<Tag> tags) {
        return TagSpecification.builder().resourceType(type).tags(tags).build();
    }

    private static Consumer<RunInstancesRequest.Builder> volume(Consumer<EbsBlockDevice.Builder> change) {
        EbsBlockDevice.Builder ebs = EbsBlockDevice.builder().volumeSize(8).encrypted(true);
        change.accept(ebs);
        return run -> run.blockDeviceMappings(BlockDeviceMapping.builder()
                .deviceName("/dev/xvda")
                .ebs(ebs.build())
                .build());
    }
}
