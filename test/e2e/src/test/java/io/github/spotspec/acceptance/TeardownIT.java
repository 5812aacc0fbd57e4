package io.github.spotspec.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.ec2.Fleet;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.service.Faults;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Tests what the teardown of an acceptance run deletes and reports, on what a killed run could leave. */
final class TeardownIT {
    private static final String REGION = "us-west-2";
    private static final String ID = "spotspec-accept-0123abcd";
    private static final String OTHER = "spotspec-accept-fedcba98";
    private static final Faults.Fault BROKEN = new Faults.Fault.ErrorResponse(400, "Broken", "It is broken.");

    private static final Teardown.Times SHORT = new Teardown.Times(
            Duration.ofMillis(300), Duration.ofMillis(100), Duration.ofMillis(10), Duration.ofMillis(50));

    /** Tries each step once, and searches once. */
    private static final Teardown.Times ONCE =
            new Teardown.Times(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /** For what is going to succeed. */
    private static final Teardown.Times LONG = new Teardown.Times(
            Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(10), Duration.ofMillis(50));

    private final Path folder;
    private final LocalCloud cloud;
    private final Account account;
    private final Ec2Client ec2;

    TeardownIT(@TempDir Path folder) throws Exception {
        this.folder = folder;
        cloud = LocalCloud.start(folder.resolve("cloud"), 7);
        cloud.state().instanceStore().capacity().reset(true);
        account = account(new Account.Attempts(Duration.ofSeconds(30), 3, Duration.ofMillis(10)));
        ec2 = account.ec2();
    }

    private Account account(Account.Attempts attempts) {
        return new Account(
                Region.of(REGION),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        cloud.admin().id(), cloud.admin().secret())),
                URI.create(cloud.url()),
                attempts);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    /** Tears a run down that has no app, and whose folder cannot be written. Returns the rows with their results. */
    private Map<String, Result> tearDown() throws Exception {
        return tearDown(SHORT);
    }

    private Map<String, Result> tearDown(Teardown.Times times) throws Exception {
        Run run = new Run(ID, account, Patience.parse("PT0S"));
        Path unwritable = Files.writeString(folder.resolve("file"), "").resolve("run");
        Teardown teardown = new Teardown(run, new Deployment(run, unwritable), times);
        Map<String, Result> rows = new LinkedHashMap<>();
        rows.put("steps", teardown.run());
        for (Promise promise : teardown.promises()) {
            rows.put(promise.words(), promise.settle(run));
        }
        return rows;
    }

    /** Returns the words of the rows that did not hold. */
    private static String notHeld(Map<String, Result> rows) {
        return rows.entrySet().stream()
                .filter(row -> row.getValue().outcome() != Result.Outcome.HELD)
                .map(row -> row.getKey() + ": " + row.getValue().words())
                .collect(Collectors.joining("\n"));
    }

    private static TagSpecification tags(String type, String run) {
        return TagSpecification.builder()
                .resourceType(type)
                .tags(Tag.builder().key(Run.TAG).value(run).build())
                .build();
    }

    /** Launches an instance with a spot request, both with the run's tag. Returns its id. */
    private String instance(BlockDeviceMapping... disks) {
        return ec2.runInstances(
                        request -> request.imageId(cloud.state().images().id(REGION, "al2023-arm64"))
                                .instanceType(AcceptanceApp.TYPE)
                                .subnetId(subnet())
                                .minCount(1)
                                .maxCount(1)
                                .blockDeviceMappings(disks)
                                .instanceMarketOptions(market -> market.marketType("spot"))
                                .tagSpecifications(
                                        tags("instance", ID), tags("volume", ID), tags("spot-instances-request", ID)))
                .instances()
                .getFirst()
                .instanceId();
    }

    private String subnet() {
        return cloud.state().network().subnets(REGION).stream()
                .filter(Network.Subnet::isDefault)
                .findFirst()
                .orElseThrow()
                .id();
    }

    /** Creates a fleet with an instance, neither of which has a lease. */
    private String fleet(String type, String run) {
        String template = ec2.createLaunchTemplate(request -> request.launchTemplateName(run)
                        .launchTemplateData(
                                data -> data.imageId(cloud.state().images().id(REGION, "al2023-arm64")))
                        .tagSpecifications(tags("launch-template", run)))
                .launchTemplate()
                .launchTemplateId();
        String id = ec2.createFleet(request -> request.type("instant")
                        .targetCapacitySpecification(
                                target -> target.totalTargetCapacity(1).defaultTargetCapacityType("spot"))
                        .launchTemplateConfigs(FleetLaunchTemplateConfigRequest.builder()
                                .launchTemplateSpecification(
                                        from -> from.launchTemplateId(template).version("1"))
                                .overrides(FleetLaunchTemplateOverridesRequest.builder()
                                        .instanceType(AcceptanceApp.TYPE)
                                        .subnetId(subnet())
                                        .build())
                                .build())
                        .tagSpecifications(tags("fleet", run), tags("instance", run)))
                .fleetId();
        cloud.state().fleets().changeType(id, type);
        return id;
    }

    private Fleet fleet(String id) {
        return cloud.state().fleets().all().stream()
                .filter(fleet -> fleet.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private String state(String id) {
        return cloud.state().fleets().state(fleet(id));
    }

    private boolean alive(String fleetId) {
        return fleet(fleetId).instances().stream().anyMatch(Instance::isAlive);
    }

    private int firstCall(String action) {
        return cloud.state().authorizer().auditTrail().apiCalls().stream()
                .map(AuditTrail.ApiCall::action)
                .toList()
                .indexOf(action);
    }

    private void createRole(String name) {
        cloud.state().identities().createRole(name, PolicyDocument.trusting("Service", "ec2.amazonaws.com"));
    }

    @Test
    void holdsIfNothingIsLeft() throws Exception {
        assertEquals("", notHeld(tearDown()));
    }

    @Test
    void deletesFleetWithItsInstancesBeforeItEndsInstances() throws Exception {
        String id = fleet("maintain", ID);

        Map<String, Result> rows = tearDown();

        assertEquals("", notHeld(rows));
        assertEquals("deleted", state(id));
        assertFalse(alive(id));
        assertTrue(firstCall("ec2:DeleteFleets") < firstCall("ec2:TerminateInstances"));
    }

    @Test
    void keepsFleetsAndInstancesOfOtherRuns() throws Exception {
        String id = fleet("request", OTHER);

        assertEquals("", notHeld(tearDown()));
        assertEquals("active", state(id));
        assertTrue(alive(id));
    }

    @Test
    void endsInstancesOfInstantFleetAndAcceptsItsRecord() throws Exception {
        String id = fleet("instant", ID);

        assertEquals("", notHeld(tearDown()));
        assertFalse(alive(id));
    }

    @Test
    void reportsFleetThatCannotBeDeleted() throws Exception {
        String id = fleet("request", ID);
        cloud.faults().choose((action, region) -> action.equals("ec2:DeleteFleets") ? BROKEN : null);

        String notHeld = notHeld(tearDown());

        assertTrue(notHeld.contains("cannot delete fleets: Broken"), notHeld);
        assertTrue(notHeld.contains(id + " active"), notHeld);
        assertTrue(notHeld.contains("fleet/" + id), notHeld);
    }

    /** As after a network that was away for a while. Each action fails once, with an error that no client repeats. */
    @Test
    void repeatsStepsAndSearchesThatFail() throws Exception {
        String id = fleet("maintain", ID);
        cloud.state().objects().createBucket(ID);
        Set<String> failed = ConcurrentHashMap.newKeySet();
        cloud.faults().choose((action, region) -> failed.add(action) ? BROKEN : null);

        Map<String, Result> rows = tearDown(LONG);

        assertEquals("", notHeld(rows));
        assertFalse(alive(id));
        assertTrue(
                failed.containsAll(List.of("ec2:TerminateInstances", "s3:DELETE", "tagging:GetResources")),
                () -> failed.toString());
    }

    @Test
    void endsInstancesThoughTheirRequestsCannotBeCancelled() throws Exception {
        String instance = instance();
        cloud.faults().choose((action, region) -> action.equals("ec2:CancelSpotInstanceRequests") ? BROKEN : null);

        tearDown();

        assertFalse(cloud.state()
                .instanceStore()
                .get(REGION, List.of(instance))
                .getFirst()
                .isAlive());
    }

    /** All calls are made once, so that only a repeated call can succeed. */
    @ParameterizedTest
    @MethodSource
    void repeatsCallsThatGetNoAnswerOrATemporaryOne(Faults.Fault fault) throws Exception {
        cloud.state().objects().createBucket(ID);
        List.of("cloudformation:DescribeStacks", "s3:GET", "s3:DELETE", "tagging:GetResources")
                .forEach(action -> cloud.faults().next(action, fault));

        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> assertEquals("", notHeld(tearDown(ONCE))));
        assertFalse(cloud.state().objects().buckets().containsKey(ID));
    }

    static List<Faults.Fault> repeatsCallsThatGetNoAnswerOrATemporaryOne() {
        return List.of(
                new Faults.Fault.LostResponse(),
                new Faults.Fault.ErrorResponse(400, "Throttling", "Rate exceeded"),
                new Faults.Fault.ErrorResponse(503, "SlowDown", "Please reduce your request rate."));
    }

    @Test
    void endsCallThatGetsNoAnswerInTime() throws Exception {
        Account hasty = account(new Account.Attempts(Duration.ofMillis(100), 2, Duration.ofMillis(1)));
        cloud.faults().choose((action, region) -> new Faults.Fault.DelayedResponse(Duration.ofMinutes(10)));

        assertTimeoutPreemptively(
                Duration.ofMinutes(1),
                () -> assertThrows(IOException.class, () -> hasty.call("s3", "GET", "/" + ID, "", Map.of())));
    }

    /** The index of tags still shows the volume that ended with its instance. */
    @Test
    void reportsOnlyVolumesThatEc2StillHas() throws Exception {
        String ended = instance();
        String kept = instance(BlockDeviceMapping.builder()
                .deviceName("/dev/sdf")
                .ebs(disk -> disk.volumeSize(8).deleteOnTermination(false))
                .build());

        String notHeld = notHeld(tearDown());

        for (Instance.Volume volume : volumes(ended)) {
            assertFalse(notHeld.contains(volume.id()), notHeld);
        }
        assertEquals(2, volumes(kept).size());
        for (Instance.Volume volume : volumes(kept)) {
            assertEquals(!volume.made().deleteOnTermination(), notHeld.contains("volume/" + volume.id()), notHeld);
        }
    }

    private List<Instance.Volume> volumes(String instance) {
        return cloud.state()
                .instanceStore()
                .get(REGION, List.of(instance))
                .getFirst()
                .volumes();
    }

    @Test
    void reportsSearchThatKeepsFailing() throws Exception {
        cloud.faults().choose((action, region) -> action.equals("tagging:GetResources") ? BROKEN : null);

        String notHeld = notHeld(tearDown());

        assertTrue(notHeld.contains("has the run's tag: ") && notHeld.contains("It is broken."), notHeld);
    }

    @Test
    void reportsRolesProfilesUsersAndPoliciesWithTheRunsName() throws Exception {
        Identities identities = cloud.state().identities();
        createRole(ID + "-caller");
        createRole(OTHER + "-caller");
        identities.createProfile("/", ID + "-instance", ID + "-caller");
        identities.createUser(ID + "-operator");
        identities.putManagedPolicy(
                ID + "-policy", PolicyDocument.parse(Map.of("Version", "2012-10-17", "Statement", List.of())));

        String notHeld = notHeld(tearDown());

        for (String name : List.of(
                "role/" + ID + "-caller",
                "instance-profile/" + ID + "-instance",
                "user/" + ID + "-operator",
                "policy/" + ID + "-policy")) {
            assertTrue(notHeld.contains(name), notHeld);
        }
        assertFalse(notHeld.contains(OTHER), notHeld);
    }

    /** The rate of these calls is the account's, so that others need it, too. */
    @Test
    void asksIamAtTheBeginningAndAtTheEndIfThePauseIsLong() throws Exception {
        createRole(ID + "-caller");

        tearDown(new Teardown.Times(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ofSeconds(30)));

        assertEquals(
                2,
                cloud.state().authorizer().auditTrail().apiCalls().stream()
                        .filter(call -> call.action().equals("iam:ListRoles"))
                        .count());
    }

    @Test
    void deletesStackAndBucketThoughTheAppCannotBeSynthesized() throws Exception {
        cloud.state().objects().createBucket(ID);
        cloud.state().objects().put(ID, "asset.zip", new byte[1]);
        var set = cloud.stacks().createChangeSet(REGION, ID, "set", true, """
                {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}""", Map.of(), Map.of(Run.TAG, ID));
        Stack stack = Objects.requireNonNull(cloud.stacks().find(REGION, ID));
        cloud.stacks().execute(stack, set);
        while (!stack.status().equals("CREATE_COMPLETE")) {
            Thread.onSpinWait();
        }

        assertEquals("", notHeld(tearDown()));
        assertEquals("DELETE_COMPLETE", stack.status());
        assertFalse(cloud.state().objects().buckets().containsKey(ID));
    }
}
