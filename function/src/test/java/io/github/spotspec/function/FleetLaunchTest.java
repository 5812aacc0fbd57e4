package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeFleets;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests launches with EC2 Fleet. */
final class FleetLaunchTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large','c7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,"
                    + "'allocation':'price-capacity-optimized'";

    private final FunctionUnderTest function =
            FunctionUnderTest.withRegions("'fleets':true,'allowOnDemand':true", "us-west-2", "us-east-1", "eu-west-1");

    FleetLaunchTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2b", "m7g.large", "0.04")
                .price("us-west-2b", "c7g.large", "0.02")
                .price("us-east-1a", "m7g.large", "0.05")
                .price("eu-west-1a", "m7g.large", "0.01");
    }

    private FakeFleets fleets() {
        return function.ec2().fleets();
    }

    private FunctionUnderTest.Answer launch(String more) {
        return function.send("{" + LAUNCH + more + "}");
    }

    private List<String> actions() {
        return function.aws().calls().stream()
                .map(AwsCall::action)
                .filter(action -> !action.startsWith("DescribeInstance") && !action.startsWith("DescribeSpot"))
                .filter(action -> !action.equals("DescribeImages"))
                .toList();
    }

    /** Leaves a pool without capacity. */
    private void empty(String zone, String type) {
        function.ec2().launches().capacity(zone, type, 0);
    }

    private void emptyWest() {
        empty("us-west-2a", "m7g.large");
        empty("us-west-2b", "m7g.large");
        empty("us-west-2b", "c7g.large");
    }

    private static List<Map<String, String>> overrides(AwsCall fleet) {
        return IntStream.iterate(1, i -> i + 1)
                .takeWhile(i -> fleet.hasParameter("LaunchTemplateConfigs.1.Overrides." + i))
                .mapToObj(i -> fleet.parameters().entrySet().stream()
                        .filter(one -> one.getKey().startsWith("LaunchTemplateConfigs.1.Overrides." + i + "."))
                        .collect(Collectors.toMap(
                                one -> one.getKey().substring(one.getKey().lastIndexOf('.') + 1), Map.Entry::getValue)))
                .toList();
    }

    @Test
    void launchesFromTemplateThatItDeletes() {
        FunctionUnderTest.Answer answer = launch("");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("CreateLaunchTemplate", "CreateFleet", "DeleteLaunchTemplate"), actions());
        assertEquals(List.of(), fleets().templates("us-west-2"));
        FakeInstance launched = function.ec2().instances().getFirst();
        assertEquals(launched.id(), answer.row(0).get("InstanceId"));
        assertEquals(launched.request().id(), answer.row(0).get("SpotInstanceRequestId"));
        assertEquals("spot", answer.row(0).get("InstanceLifecycle"));
        assertEquals("price-capacity-optimized", answer.meta().get("allocation"));
        assertEquals("1", String.valueOf(answer.meta().get("launched")));
        assertEquals(List.of("launched 1"), answer.attempts("Result"));
        assertEquals(List.of(launched.type()), answer.attempts("InstanceType"));
        assertEquals(List.of(launched.zone()), answer.attempts("AvailabilityZone"));
    }

    @Test
    void asksForInstantFleetOfSpotInstancesInAllPools() {
        launch(",'count':3,'price':'0.035'");

        AwsCall fleet = function.aws().calls("CreateFleet").getFirst();
        assertTrue(fleet.has("Type=instant"), fleet.form());
        assertTrue(fleet.has("SpotOptions.AllocationStrategy=price-capacity-optimized"), fleet.form());
        assertTrue(fleet.has("TargetCapacitySpecification.TotalTargetCapacity=3"), fleet.form());
        assertTrue(fleet.has("TargetCapacitySpecification.DefaultTargetCapacityType=spot"), fleet.form());
        assertEquals(
                List.of(
                        Map.of(
                                "InstanceType", "c7g.large",
                                "AvailabilityZone", "us-west-2b",
                                "MaxPrice", "0.035"),
                        Map.of(
                                "InstanceType", "m7g.large",
                                "AvailabilityZone", "us-west-2a",
                                "MaxPrice", "0.035"),
                        Map.of(
                                "InstanceType", "m7g.large",
                                "AvailabilityZone", "us-west-2b",
                                "MaxPrice", "0.035")),
                overrides(fleet));
    }

    @Test
    void sendsStrategyOfRequest() {
        function.send("{" + LAUNCH.replace("price-capacity-optimized", "capacity-optimized") + "}");

        assertTrue(
                function.aws().calls("CreateFleet").getLast().has("SpotOptions.AllocationStrategy=capacity-optimized"));
    }

    @Test
    void tagsEverything() {
        launch(",'tags':{'team':'blue'}");

        AwsCall template = function.aws().calls("CreateLaunchTemplate").getFirst();
        AwsCall fleet = function.aws().calls("CreateFleet").getFirst();
        Map<String, String> tags = function.ec2().instances().getFirst().tags();
        assertEquals(
                Set.of(
                        "spotspec:service",
                        "spotspec:lease",
                        "spotspec:request",
                        "spotspec:caller",
                        "spotspec:allocation",
                        "team"),
                tags.keySet());
        assertEquals(tags, fleet.tagsOf("fleet"));
        assertEquals(tags, fleet.tagsOf("volume"));
        assertEquals(tags, template.tagsOf("launch-template"));
        assertEquals(tags, function.ec2().instances().getFirst().request().tags());
    }

    @Test
    void putsEverySettingOfRunInstancesIntoTemplate() {
        String settings = ",'keyName':'dev','securityGroupIds':['sg-0123456789abcdef0'],'userData':'#!/bin/sh',"
                + "'volumeSize':20,'metadataHopLimit':2,'types':['m7g.large'],"
                + "'launchSpecification':{'EbsOptimized':true,'Monitoring':{'Enabled':true}}";
        String launch = "{" + LAUNCH.replace("'types':['m7g.large','c7g.large'],", "") + settings + "}";
        function.send(launch);
        function.send(launch.replace("price-capacity-optimized", "lowest-price"));

        Map<String, String> run =
                new TreeMap<>(function.aws().calls("RunInstances").getFirst().parameters());
        run.keySet()
                .removeIf(name -> name.matches("Action|Version|ClientToken|M..Count|InstanceType|Placement.*"
                        + "|InstanceMarketOptions.*|TagSpecification.*"));
        Map<String, String> template = new TreeMap<>();
        function.aws().calls("CreateLaunchTemplate").getFirst().parameters().forEach((name, value) -> {
            if (name.startsWith("LaunchTemplateData.") && !name.contains("TagSpecification")) {
                template.put(name.substring("LaunchTemplateData.".length()), value);
            }
        });
        assertEquals(run, template);
        assertTrue(template.size() > 10, template.toString());
    }

    @Test
    void startsWithRegionOfBestPoolAndLaunchesRestInNext() {
        function.ec2().launches().capacity("eu-west-1a", "m7g.large", 1);

        FunctionUnderTest.Answer answer = launch(",'regions':'all','count':2");

        assertEquals(List.of("eu-west-1", "us-west-2"), answer.column("Region"), answer.body());
        assertTrue(
                function.aws().calls("CreateFleet").getLast().has("TargetCapacitySpecification.TotalTargetCapacity=1"));
        assertEquals(List.of(), fleets().templates("eu-west-1"));
    }

    @Test
    void dryRunShowsRegionsInOrderAndCreatesNothing() {
        FunctionUnderTest.Answer answer =
                function.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':true") + ",'regions':'all'}");

        assertEquals(
                List.of(
                        "m7g.large eu-west-1a",
                        "c7g.large us-west-2b",
                        "m7g.large us-west-2a",
                        "m7g.large us-west-2b",
                        "m7g.large us-east-1a"),
                answer.pools("candidates"));
        assertEquals("price-capacity-optimized", answer.meta().get("allocation"));
        assertEquals(List.of("RunInstances"), actions());
    }

    @Test
    void reportsNoCapacityOfEachPool() {
        emptyWest();

        FunctionUnderTest.Answer answer = launch("");

        assertEquals("NoCapacity", answer.error(), answer.body());
        assertTrue(
                answer.details().contains("m7g.large in us-west-2a (spot: UnfulfillableCapacity)"), answer.details());
        assertEquals(List.of(), fleets().templates("us-west-2"));
    }

    @Test
    void reportsPoolsWithAndWithoutCapacity() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);
        empty("us-west-2b", "m7g.large");
        empty("us-west-2b", "c7g.large");

        FunctionUnderTest.Answer answer = launch(",'count':2");

        assertEquals(1, answer.data().size(), answer.body());
        assertEquals("1", String.valueOf(answer.meta().get("notLaunched")));
        assertEquals(
                List.of("launched 1", "UnfulfillableCapacity", "InsufficientInstanceCapacity", "UnfulfillableCapacity"),
                answer.attempts("Result"));
    }

    @Test
    void fallsBackToOnDemandWithRunInstances() {
        emptyWest();

        FunctionUnderTest.Answer answer = launch(",'onNoCapacity':'onDemand'");

        assertEquals(List.of("on-demand"), answer.column("InstanceLifecycle"), answer.body());
        assertEquals(1, function.aws().calls("RunInstances").size());
    }

    @ParameterizedTest
    @CsvSource({
        "UnauthorizedOperation, NotAuthorized",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted, SpotRoleMissing",
        "InsufficientInstanceCapacity, NoCapacity",
        "InvalidFleetConfiguration, NoCapacity",
        "MaxSpotInstanceCountExceeded, AccountLimit",
        "InstanceLimitExceeded, AccountLimit",
        "SpotMaxPriceTooLow, PriceBelowSpot",
        "InternalError, Ec2Unavailable",
        "RequestLimitExceeded, Throttled",
        "SomethingNew, Ec2Refused"
    })
    void classifiesErrorOfPool(String code, String error) {
        fleets().fail("us-west-2a", "m7g.large", code);

        FunctionUnderTest.Answer answer = launch(",'zones':['us-west-2a']");

        assertEquals(error, answer.error(), answer.body());
        assertEquals(List.of(), fleets().templates("us-west-2"));
    }

    @Test
    void refusalInOnePoolEndsLaunchAndKeepsWhatItLaunched() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);
        empty("us-west-2b", "c7g.large");
        fleets().fail("us-west-2b", "m7g.large", "UnauthorizedOperation");

        FunctionUnderTest.Answer answer = launch(",'count':2,'regions':['us-west-2','us-east-1']");

        assertEquals(List.of("us-west-2"), answer.column("Region"), answer.body());
        assertTrue(answer.attempts("Result").contains("NotAuthorized"), answer.body());
        assertEquals(1, function.aws().calls("CreateFleet").size());
    }

    @Test
    void quotaOfRegionSkipsRegion() {
        fleets().fail("eu-west-1a", "m7g.large", "InstanceLimitExceeded");

        assertEquals(List.of("us-west-2"), launch(",'regions':'all'").column("Region"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CreateLaunchTemplate", "CreateFleet"})
    void denialEndsLaunch(String action) {
        function.aws().always(action, Fault.denied());

        FunctionUnderTest.Answer answer = launch(",'regions':'all'");

        assertEquals("NotAuthorized", answer.error(), answer.body());
        assertTrue(answer.details().contains("ec2:" + action), answer.details());
        assertEquals(List.of(), fleets().templates("eu-west-1"));
        assertEquals(1, function.aws().calls(action).size());
    }

    @Test
    void regionThatCannotCreateTemplatesIsSkipped() {
        function.aws().always("CreateLaunchTemplate", Fault.error("eu-west-1", 400, "MaxTemplateLimitExceeded"));
        assertEquals(List.of("us-west-2"), launch(",'regions':'all'").column("Region"));

        function.aws().always("CreateLaunchTemplate", Fault.error("eu-west-1", 500, "InternalError"));
        assertEquals(List.of("us-west-2"), launch(",'regions':'all'").column("Region"));
    }

    @Test
    void launchSucceedsIfTemplateCannotBeDeleted() {
        function.aws().always("DeleteLaunchTemplate", Fault.denied());

        assertEquals(200, launch("").status());
        assertEquals(1, fleets().templates("us-west-2").size());
    }

    @Test
    void waitsUntilEc2ShowsTemplateAndInstance() {
        function.ec2().showAfter(Duration.ofSeconds(2));

        FunctionUnderTest.Answer answer = launch("");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("10.0.0.1", answer.row(0).get("PrivateIpAddress"));
        assertEquals(1, function.ec2().instances().size());
        assertEquals(List.of(), fleets().templates("us-west-2"));
    }

    @Test
    void reportsInstanceThatEc2DoesNotShow() {
        function.aws().next("DescribeInstances", Fault.none());
        function.aws().always("DescribeInstances", Fault.error(500, "InternalError"));

        FunctionUnderTest.Answer answer = launch(",'zones':['us-west-2a']");

        assertEquals(200, answer.status(), answer.body());
        Map<?, ?> row = answer.row(0);
        assertEquals(function.ec2().instances().getFirst().id(), row.get("InstanceId"));
        assertEquals("pending", row.get("State"));
        assertEquals("spot", row.get("InstanceLifecycle"));
        assertEquals("us-west-2a", row.get("AvailabilityZone"));
        assertEquals("2026-03-01T20:00:00Z", row.get("Lease"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CreateLaunchTemplate", "CreateFleet"})
    void lostAnswerLaunchesOnce(String action) {
        function.aws().next(action, Fault.lostAnswer());

        FunctionUnderTest.Answer answer = launch(",'count':2");

        assertEquals(2, answer.data().size(), answer.body());
        assertEquals(2, function.ec2().instances().size());
        assertEquals(List.of(), fleets().templates("us-west-2"));
    }

    @Test
    void createsTemplateAgainThatAConcurrentRunHasDeleted() {
        function.aws().next("CreateFleet", (call, ec2) -> {
            String name = fleets().templates("us-west-2").getFirst();
            ec2.answer(
                    new AwsCall("us-west-2", "", Map.of("Action", "DeleteLaunchTemplate", "LaunchTemplateName", name)));
            return ec2.answer(call);
        });

        assertEquals(200, launch("").status());
        assertEquals(2, function.aws().calls("CreateLaunchTemplate").size());
    }

    @Test
    void repeatedKeyLaunchesOnce() {
        List<String> first = launch(",'count':2,'idempotencyKey':'k'").column("InstanceId");
        function.advanceClock(Duration.ofHours(1));

        FunctionUnderTest.Answer again = function.newProcess().send("{" + LAUNCH + ",'count':2,'idempotencyKey':'k'}");

        assertEquals(first, again.column("InstanceId"), again.body());
        assertEquals(true, again.meta().get("repeated"));
        assertEquals(2, function.ec2().instances().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void sameKeyAtTheSameTimeLaunchesOnce(int secondsBetween) {
        // A second later, the lease ends in another minute, so that the call differs.
        function.advanceClock(Duration.ofSeconds(59));
        String launch = "{" + LAUNCH + ",'count':2,'idempotencyKey':'k'}";
        function.aws().next("CreateFleet", (call, ec2) -> {
            // Another process carries out the same launch, after this one has looked for its key.
            function.advanceClock(Duration.ofSeconds(secondsBetween));
            assertEquals(200, function.newProcess().send(launch).status());
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer = function.send(launch);

        assertEquals(2, answer.data().size(), answer.body());
        assertEquals(2, function.ec2().instances().size());
        assertEquals(List.of(), fleets().templates("us-west-2"));
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "true, 120", "false, 120"})
    void repeatsLaunchWithoutCapacity(boolean sameProcess, int secondsBetween) {
        String launch = "{" + LAUNCH + ",'zones':['us-west-2a'],'idempotencyKey':'k'}";
        empty("us-west-2a", "m7g.large");
        assertEquals("NoCapacity", function.send(launch).error());
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 5);
        function.advanceClock(Duration.ofSeconds(secondsBetween));

        FunctionUnderTest.Answer again = (sameProcess ? function : function.newProcess()).send(launch);

        assertEquals(1, again.data().size(), again.body());
        List<AwsCall> fleets = function.aws().calls("CreateFleet");
        assertNotEquals(fleets.getFirst().get("ClientToken"), fleets.getLast().get("ClientToken"));
    }

    @Test
    void triesNextTokenUntilEc2SeesNewInstanceProfile() {
        function.aws().next("CreateFleet", (call, ec2) -> {
            fleets().fail("us-west-2a", "m7g.large", "InvalidParameterValue");
            return new AwsResponse(
                    200,
                    ec2.answer(call)
                            .body()
                            .replace(
                                    "the message of InvalidParameterValue",
                                    "Value (x) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance"
                                            + " Profile ARN"));
        });
        function.aws().next("CreateFleet", (call, ec2) -> {
            fleets().failNoMore();
            return ec2.answer(call);
        });

        assertEquals(200, launch(",'zones':['us-west-2a']").status());
    }

    @Test
    void triesPoolsThatRecentlyHadNoCapacityLast() {
        emptyWest();
        assertEquals("NoCapacity", launch("").error());
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 9);

        FunctionUnderTest.Answer answer = launch(",'regions':['us-west-2','us-east-1']");

        assertEquals(List.of("us-east-1"), answer.column("Region"), answer.body());
    }

    @Test
    void usesAnotherSubnetOfZoneIfOneHasNoAddresses() {
        function.ec2()
                .catalog()
                .subnet("subnet-0123456789abcdef0", "us-west-2a")
                .subnet("subnet-0123456789abcdef1", "us-west-2a");
        fleets().fail("us-west-2a", "m7g.large", "InsufficientFreeAddressesInSubnet");
        function.aws().next("CreateFleet", Fault.none());
        function.aws().next("CreateFleet", (call, ec2) -> {
            fleets().failNoMore();
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer =
                launch(",'subnetIds':['subnet-0123456789abcdef0','subnet-0123456789abcdef1']");

        assertEquals(1, answer.data().size(), answer.body());
        List<AwsCall> fleets = function.aws().calls("CreateFleet");
        assertEquals(
                List.of("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
                fleets.stream()
                        .map(fleet -> overrides(fleet).getFirst().get("SubnetId"))
                        .toList());
    }

    @Test
    void doesNotTryAnotherSubnetOfZoneWithoutCapacity() {
        function.ec2()
                .catalog()
                .subnet("subnet-0123456789abcdef0", "us-west-2a")
                .subnet("subnet-0123456789abcdef1", "us-west-2a");
        empty("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer =
                launch(",'subnetIds':['subnet-0123456789abcdef0','subnet-0123456789abcdef1']");

        assertEquals("NoCapacity", answer.error(), answer.body());
        assertEquals(1, function.aws().calls("CreateFleet").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "hibernate"})
    void rejectsInterruptionBehaviorThatFleetsDoNotHave(String interruption) {
        FunctionUnderTest.Answer answer = launch(",'interruption':'" + interruption + "'");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'interruption'"), answer.details());
        assertEquals(List.of(), function.aws().calls());
    }

    @ParameterizedTest
    @ValueSource(strings = {"price-capacity-optimized", "capacity-optimized"})
    void rejectsStrategyIfDeploymentDoesNotUseFleets(String strategy) {
        FunctionUnderTest.Answer answer = new FunctionUnderTest("us-west-2")
                .send("{" + LAUNCH.replace("price-capacity-optimized", strategy) + "}");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'fleets'"), answer.details());
    }

    @Test
    void lowestPriceStaysTheDefault() {
        function.send("{" + LAUNCH.replace(",'allocation':'price-capacity-optimized'", "") + "}");

        assertEquals(List.of("RunInstances"), actions());
        assertFalse(function.ec2().instances().isEmpty());
    }
}
