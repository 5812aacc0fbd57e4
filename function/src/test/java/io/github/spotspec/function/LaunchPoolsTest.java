package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests in which pools a launch is tried, and what happens when they have no capacity. */
final class LaunchPoolsTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large','m6g.large','c7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";

    /** All pools, the cheapest first. */
    private static final List<String> BY_PRICE =
            List.of("c7g.large us-west-2b", "m6g.large us-west-2a", "m7g.large us-west-2a", "m7g.large us-west-2b");

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    LaunchPoolsTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2b", "m7g.large", "0.03")
                .price("us-west-2a", "m6g.large", "0.02")
                .price("us-west-2b", "c7g.large", "0.009")
                .score("us-west-2a", 8)
                .score("us-west-2b", 2);
    }

    @Test
    @Timeout(20)
    void readsInventoryImageAndSubnetsAtTheSameTime() {
        CountDownLatch all = new CountDownLatch(3);
        Fault meeting = (call, service) -> {
            all.countDown();
            return all.await(5, TimeUnit.SECONDS)
                    ? service.answer(call)
                    : AwsResponse.error(403, "UnauthorizedOperation", "alone");
        };
        for (String action : List.of("DescribeInstances", "DescribeImages", "DescribeSubnets")) {
            function.aws().next(action, meeting);
        }
        function.ec2().catalog().subnet("subnet-0123456789abcdef0", "us-west-2a");

        assertEquals(
                List.of("m6g.large us-west-2a", "m7g.large us-west-2a"),
                candidates(",'subnetIds':['subnet-0123456789abcdef0']"));
        assertEquals(0, all.getCount(), "one call waited for another");
    }

    @Test
    @Timeout(20)
    void repeatedLaunchDoesNotWaitForPools() {
        String launch = "{" + LAUNCH + ",'idempotencyKey':'twice'}";
        List<String> launched = function.send(launch).column("InstanceId");
        FunctionUnderTest restarted = function.newProcess();
        restarted.aws().always("DescribeImages", (call, service) -> {
            new CountDownLatch(1).await();
            return service.answer(call);
        });

        assertEquals(launched, restarted.send(launch).column("InstanceId"));
    }

    @Test
    void ranksPoolsByPriceThenName() {
        assertEquals(BY_PRICE, candidates(""));
    }

    @Test
    void ranksPoolsByScoreThenPriceOnRequest() {
        assertEquals(
                List.of("m6g.large us-west-2a", "m7g.large us-west-2a", "c7g.large us-west-2b", "m7g.large us-west-2b"),
                candidates(",'allocation':'placement-score','count':5"));
        assertTrue(function.aws().calls("GetSpotPlacementScores").getFirst().has("TargetCapacity=5"));
    }

    @Test
    void rejectsRankingByScoreForFewerThanThreeTypes() {
        assertEquals(
                "TooFewTypes",
                function.send(
                                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','allocation':'placement-score'}")
                        .error());
    }

    @Test
    void triesOnlyPoolsInGivenZones() {
        assertEquals(List.of("c7g.large us-west-2b", "m7g.large us-west-2b"), candidates(",'zones':['us-west-2b']"));
    }

    @Test
    void usesLocalZonesOnlyIfNamed() {
        function.ec2().catalog().price("us-west-2-lax-1a", "m7g.large", "0.001");

        assertEquals(BY_PRICE, candidates(""));
        assertEquals(List.of("m7g.large us-west-2-lax-1a"), candidates(",'zones':['us-west-2-lax-1a']"));
    }

    @Test
    void acceptsZoneIds() {
        function.ec2().catalog().price("us-west-2-lax-1a", "m7g.large", "0.001");

        assertEquals(List.of("c7g.large us-west-2b", "m7g.large us-west-2b"), candidates(",'zones':['usw2-az3']"));
        assertEquals(BY_PRICE, candidates(",'zones':['us-west-2a','usw2-az3']"));
        assertEquals(List.of("m7g.large us-west-2-lax-1a"), candidates(",'zones':['usw2-lax1-az1']"));
        assertEquals(
                "InvalidRequest",
                function.send("{" + LAUNCH + ",'zones':['use1-az1']}").error());
    }

    @Test
    void launchesOneTypeInTheZoneOfAnId() {
        function.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,"
                + "'AvailabilityZoneId':'usw2-az3'}");

        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("Placement.AvailabilityZone=us-west-2b"), call.form());
    }

    @Test
    void triesOnlyPoolsInZonesOfGivenSubnets() {
        function.ec2().catalog().subnet("subnet-0000000a", "us-west-2a").subnet("subnet-0000000b", "us-west-2b");

        function.send("{" + LAUNCH + ",'subnetIds':['subnet-0000000a']}");

        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("SubnetId=subnet-0000000a"), call.form());
        assertTrue(call.has("InstanceType=m6g.large"), call.form());
        assertTrue(!call.hasParameter("Placement"), call.form());
    }

    @Test
    void requiresSubnetInGivenZone() {
        function.ec2().catalog().subnet("subnet-0000000a", "us-west-2a").subnet("subnet-0000000b", "us-west-2b");
        String both = ",'subnetIds':['subnet-0000000a','subnet-0000000b'],'zones':";

        assertEquals(List.of("c7g.large us-west-2b", "m7g.large us-west-2b"), candidates(both + "['us-west-2b']"));
        assertEquals(List.of("c7g.large us-west-2b", "m7g.large us-west-2b"), candidates(both + "['usw2-az3']"));
        FunctionUnderTest.Answer elsewhere = function.send("{" + LAUNCH + both + "['us-west-2c']}");
        assertEquals("InvalidRequest", elsewhere.error());
        assertTrue(elsewhere.details().contains("us-west-2c"), elsewhere.details());
    }

    @Test
    void reportsSubnetsOutsideTheRegion() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'subnetIds':['subnet-0badbad0']}");

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains("subnet-0badbad0"), answer.details());
    }

    @ParameterizedTest
    @CsvSource({
        "InsufficientInstanceCapacity,500",
        "InsufficientVolumeCapacity,400",
        "InsufficientVolumeCapacity,500",
        "InsufficientAddressCapacity,500",
        "InsufficientCapacityOnHost,400",
        "ReservationCapacityExceeded,400",
        "UnfulfillableCapacity,400",
        "SpotMaxPriceTooLow,400",
        "InsufficientFreeAddressesInSubnet,400",
        "Unsupported,400"
    })
    void triesNextPoolAtOnceWithoutCapacity(String code, int status) {
        function.aws().next("RunInstances", Fault.error(status, code), Fault.error(status, code));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(BY_PRICE.subList(0, 3), answer.pools("attempts"));
        assertEquals(3, function.aws().calls("RunInstances").size(), "no call is repeated");
        assertEquals(FunctionUnderTest.START, function.time().instant(), "no time is lost");
    }

    @Test
    void repeatsWhatEc2SaidOfEachPoolWithoutItsAdvice() {
        function.aws()
                .next(
                        "RunInstances",
                        (call, ec2) -> AwsResponse.error(
                                500, "InsufficientInstanceCapacity", "There is no c7g.large in us-west-2b. Try later."),
                        Fault.error(400, "Unsupported"));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(List.of("InsufficientInstanceCapacity", "Unsupported", "launched 1"), answer.attempts("Result"));
        assertEquals(
                List.of("There is no c7g.large in us-west-2b.", "the message of Unsupported."),
                answer.attempts("Reason").subList(0, 2));
    }

    @ParameterizedTest
    @CsvSource({
        "UnauthorizedOperation,403,NotAuthorized",
        "InternalError,500,Ec2Unavailable",
        "IdempotentInstanceTerminated,400,IdempotencyConflict",
        "IdempotentParameterMismatch,400,TimedOut"
    })
    void givesReasonForEveryResult(String code, int status, String result) {
        function.ec2().launches().capacity("us-west-2b", "c7g.large", 1);
        function.aws().next("RunInstances", Fault.none());
        function.aws().always("RunInstances", Fault.error(status, code));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'count':2}");

        assertEquals(List.of("launched 1", result), answer.attempts("Result"), answer.body());
        assertTrue(answer.attempts("Reason").stream().allMatch(reason -> reason.endsWith(".")), answer.body());
    }

    @ParameterizedTest
    @CsvSource({
        "MaxSpotFleetRequestCountExceeded,400,AccountLimit",
        "UnauthorizedOperation,403,NotAuthorized",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted,403,SpotRoleMissing",
        "InvalidParameterValue,400,Ec2Refused",
        "InvalidParameterCombination,400,Ec2Refused",
        "VPCIdNotSpecified,400,Ec2Refused"
    })
    void triesNoOtherPoolWhenNoneWouldHelp(String code, int status, String errorCode) {
        function.aws().always("RunInstances", Fault.error(status, code));

        assertEquals(errorCode, function.send("{" + LAUNCH + "}").error());
        assertEquals(1, function.aws().calls("RunInstances").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"MaxSpotInstanceCountExceeded", "VcpuLimitExceeded"})
    void triesOtherTypesWhenOneTypesQuotaIsReached(String code) {
        function.aws().next("RunInstances", Fault.error(400, code));

        assertEquals(BY_PRICE.subList(0, 2), function.send("{" + LAUNCH + "}").pools("attempts"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MaxSpotInstanceCountExceeded", "VcpuLimitExceeded"})
    void reportsQuotaAfterOneCallPerType(String code) {
        function.aws().always("RunInstances", Fault.error(400, code));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals("AccountLimit", answer.error());
        assertTrue(answer.details().contains(code), answer.details());
        assertEquals(3, function.aws().calls("RunInstances").size());
    }

    @Test
    void skipsTypesOfAnotherArchitecture() {
        function.aws().next("RunInstances", otherArchitecture(), otherArchitecture());

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(BY_PRICE.subList(0, 3), answer.pools("attempts"), answer.body());
        assertEquals("c7g.large us-west-2b", candidates("").getFirst());
    }

    @Test
    void reportsImageThatNoTypeCanStart() {
        function.aws().always("RunInstances", otherArchitecture());

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains("does not match the architecture 'arm64'"), answer.details());
        assertEquals(3, function.aws().calls("RunInstances").size());
    }

    @Test
    void skipsIncompatibleTypeInAllZones() {
        function.ec2().catalog().price("us-west-2b", "m6g.large", "0.02");
        function.aws()
                .always(
                        "RunInstances",
                        (call, ec2) -> call.has("InstanceType=m7g.large") ? ec2.answer(call) : enaRequired(call));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(
                List.of("c7g.large us-west-2b", "m6g.large us-west-2a", "m7g.large us-west-2a"),
                answer.pools("attempts"),
                answer.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EncryptedVolumesNotSupported | Encrypted Amazon EBS volumes may only be attached to instances that"
                        + " support them.",
                "InvalidParameterCombination | Non-Windows instances with a virtualization type of 'hvm' are"
                        + " currently not supported for this instance type.",
                "UnsupportedOperation | The instance type does not support hibernation."
            },
            quoteCharacter = '`')
    void reportsIncompatibilityAfterOneCallPerType(String code, String message) {
        function.aws().always("RunInstances", (call, ec2) -> AwsResponse.error(400, code, message));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains(code) && answer.details().contains(message), answer.details());
        assertEquals(3, function.aws().calls("RunInstances").size());
    }

    @Test
    void skipsZoneWithoutDefaultSubnetForAllTypes() {
        function.ec2().catalog().price("us-west-2b", "m6g.large", "0.01");
        function.aws()
                .always(
                        "RunInstances",
                        (call, ec2) -> call.has("Placement.AvailabilityZone=us-west-2b")
                                ? noDefaultSubnet(call)
                                : ec2.answer(call));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(List.of("c7g.large us-west-2b", "m6g.large us-west-2a"), answer.pools("attempts"), answer.body());
        assertEquals(
                200,
                function.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':true") + "}")
                        .status(),
                "a dry run skips it as well");
    }

    @Test
    void reportsMissingDefaultSubnetsAfterOneCallPerZone() {
        function.aws().always("RunInstances", (call, ec2) -> noDefaultSubnet(call));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains("InvalidInput"), answer.details());
        assertTrue(answer.details().contains("'us-west-2b'"), answer.details());
        assertEquals(2, function.aws().calls("RunInstances").size());
    }

    @Test
    void skipsZoneWithoutTheVolumeType() {
        function.aws().next("RunInstances", Fault.error(400, "VolumeTypeNotAvailableInZone"));

        assertEquals(BY_PRICE.subList(0, 2), function.send("{" + LAUNCH + "}").pools("attempts"));
    }

    private static AwsResponse enaRequired(AwsCall call) {
        return AwsResponse.error(
                400,
                "InvalidParameterCombination",
                "Enhanced networking with the Elastic Network Adapter (ENA) is required for the '"
                        + call.get("InstanceType")
                        + "' instance type. Ensure that you are using an AMI that is enabled for ENA.");
    }

    private static AwsResponse noDefaultSubnet(AwsCall call) {
        return AwsResponse.error(
                400,
                "InvalidInput",
                "No default subnet for availability zone: '" + call.get("Placement.AvailabilityZone") + "'.");
    }

    private static Fault otherArchitecture() {
        return (call, ec2) -> AwsResponse.error(
                400,
                "InvalidParameterValue",
                "The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64' of"
                        + " the specified AMI.");
    }

    @Test
    void doesNotMarkTooExpensivePoolAsUnavailable() {
        function.aws().next("RunInstances", Fault.error(400, "SpotMaxPriceTooLow"));

        function.send("{" + LAUNCH + "}");

        assertEquals("c7g.large us-west-2b", candidates("").getFirst());
    }

    @Test
    void spreadsLaunchOverSeveralPools() {
        function.ec2()
                .launches()
                .capacity("us-west-2b", "c7g.large", 1)
                .capacity("us-west-2a", "m6g.large", 0)
                .capacity("us-west-2a", "m7g.large", 2);

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'count':4}");

        assertEquals(List.of("c7g.large", "m7g.large", "m7g.large", "m7g.large"), answer.column("InstanceType"));
        assertEquals(
                List.of("us-west-2b", "us-west-2a", "us-west-2a", "us-west-2b"), answer.column("AvailabilityZone"));
        assertEquals(
                List.of("4", "3", "3", "1"),
                function.aws().calls("RunInstances").stream()
                        .map(call -> call.text("MaxCount"))
                        .toList());
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void reportsPartialLaunch() {
        function.ec2()
                .launches()
                .capacity("us-west-2b", "c7g.large", 1)
                .capacity("us-west-2a", "m6g.large", 0)
                .capacity("us-west-2a", "m7g.large", 0)
                .capacity("us-west-2b", "m7g.large", 1);

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'count':4}");

        assertEquals(200, answer.status());
        assertEquals(2, answer.data().size());
        assertEquals("4", String.valueOf(answer.meta().get("asked")));
        assertEquals("2", String.valueOf(answer.meta().get("launched")));
        assertEquals("2", String.valueOf(answer.meta().get("notLaunched")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reportsLaunchedInstancesDespiteLaterFailures(boolean listingFails) {
        function.ec2().launches().capacity("us-west-2b", "c7g.large", 1);
        function.aws().next("RunInstances", Fault.none());
        function.aws().always("RunInstances", Fault.failure());
        function.aws().next("DescribeInstances", Fault.none());
        if (listingFails) {
            function.aws().always("DescribeInstances", Fault.denied());
        }

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'count':2}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("c7g.large"), answer.column("InstanceType"));
        assertEquals("1", String.valueOf(answer.meta().get("launched")));
    }

    @Test
    void namesTriedPoolsWhenNoneHasCapacity() {
        BY_PRICE.forEach(pool -> function.ec2().launches().capacity(pool.split(" ", 2)[1], pool.split(" ", 2)[0], 0));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(503, answer.status());
        assertEquals("NoCapacity", answer.error());
        int first = answer.details().indexOf("c7g.large in us-west-2b (spot: InsufficientInstanceCapacity)");
        int second = answer.details().indexOf("m6g.large in us-west-2a");
        assertTrue(first >= 0 && first < second, answer.details());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 500})
    void reportsNoCapacityWhenVolumesHaveNone(int status) {
        function.aws().always("RunInstances", Fault.error(status, "InsufficientVolumeCapacity"));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(503, answer.status(), answer.body());
        assertEquals("NoCapacity", answer.error());
        assertEquals(4, function.aws().calls("RunInstances").size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void waitsUntilEc2KnowsTheInstanceProfile(boolean dryRun) {
        function.aws().next("RunInstances", unknownProfile(), unknownProfile(), unknownProfile());

        FunctionUnderTest.Answer answer =
                function.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':" + dryRun) + "}");

        assertEquals(200, answer.status(), answer.body());
        List<AwsCall> calls = function.aws().calls("RunInstances");
        assertEquals(4, calls.size());
        if (!dryRun) {
            assertEquals(1, calls.stream().map(AwsCall::parameters).distinct().count(), "the same call each time");
        }
    }

    @Test
    void reportsInstanceProfileThatEc2NeverKnows() {
        function.aws().always("RunInstances", unknownProfile());

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains("Invalid IAM Instance Profile ARN"), answer.details());
        Duration waited =
                Duration.between(FunctionUnderTest.START, function.time().instant());
        assertTrue(waited.toSeconds() >= 8 && waited.toSeconds() <= 13, waited.toString());
        assertTrue(function.aws().calls("RunInstances").size() <= 15, "EC2 allows two launch calls per second");
    }

    private static Fault unknownProfile() {
        return (call, ec2) -> AwsResponse.error(
                400,
                "InvalidParameterValue",
                "Value (arn:aws:iam::111122223333:instance-profile/p) for parameter iamInstanceProfile.arn is invalid."
                        + " Invalid IAM Instance Profile ARN");
    }

    @Test
    void triesTheSixtyCheapestPools() {
        for (int i = 10; i < 80; i++) {
            function.ec2()
                    .catalog()
                    .type("r7g." + i + "xlarge", 16, 64, "arm64")
                    .price("us-west-2a", "r7g." + i + "xlarge", "0." + i);
        }

        List<String> candidates = function.send("{'task':'launch','vcpu':16,'ami':'ami-0123456789abcdef0'}")
                .pools("candidates");

        assertEquals(60, candidates.size());
        assertEquals("r7g.69xlarge us-west-2a", candidates.getLast());
    }

    @Test
    void namesUnknownTypeAndLaunchesOthers() {
        function.ec2().catalog().withoutType("us-west-2", "m99.large");

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH.replace("'m7g.large'", "'m99.large'") + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("m99.large"), answer.meta().get("unknownTypes"));
        assertEquals(List.of("c7g.large"), answer.column("InstanceType"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'allocation':'placement-score'"})
    void rejectsLaunchOfUnknownTypes(String more) {
        function.ec2()
                .catalog()
                .withoutType("us-west-2", "m99.large")
                .withoutType("us-west-2", "m98.large")
                .withoutType("us-west-2", "m97.large");

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'launch','types':['m99.large','m98.large','m97.large'],'ami':'ami-0123456789abcdef0'" + more
                        + "}");

        assertEquals("UnknownType", answer.error(), answer.body());
        for (String type : List.of("m99.large", "m98.large", "m97.large")) {
            assertTrue(answer.details().contains(type), answer.details());
        }
    }

    @Test
    void stopsTryingPoolsWhenTimeRunsOut() {
        function.aws().always("RunInstances", (call, ec2) -> {
            function.advanceClock(Duration.ofSeconds(10));
            return AwsResponse.error(500, "InsufficientInstanceCapacity", "no");
        });

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(504, answer.status());
        assertEquals("TimedOut", answer.error());
        assertTrue(answer.details().contains("3 of 4"), answer.details());
    }

    @Test
    void launchesNothingThatCouldNotBeReportedInTime() {
        // New work may start in the first 25.2 of 30 seconds, and a launch needs five seconds.
        function.aws().next("RunInstances", (call, ec2) -> {
            function.advanceClock(Duration.ofMillis(20_300));
            return AwsResponse.error(500, "InsufficientInstanceCapacity", "no");
        });

        assertEquals("TimedOut", function.send("{" + LAUNCH + "}").error());
        assertEquals(1, function.aws().calls("RunInstances").size());
    }

    @Test
    void findsLateLaunchWhoseResponseIsLost() {
        function.aws().next("RunInstances", (call, ec2) -> {
            ec2.answer(call);
            function.advanceClock(Duration.ofSeconds(26));
            throw new java.io.IOException("connection reset");
        });

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("c7g.large"), answer.column("InstanceType"));
    }

    @Test
    void ranksUnavailablePoolLastForThreeMinutes() {
        function.ec2().launches().capacity("us-west-2b", "c7g.large", 0);
        function.send("{" + LAUNCH + "}");
        function.ec2().launches().capacity("us-west-2b", "c7g.large", 9);

        function.advanceClock(Duration.ofSeconds(179));
        assertEquals("c7g.large us-west-2b", candidates("").getLast());
        function.advanceClock(Duration.ofSeconds(1));
        assertEquals("c7g.large us-west-2b", candidates("").getFirst());
    }

    @Test
    void ranksPartiallyFilledPoolLast() {
        function.ec2().launches().capacity("us-west-2b", "c7g.large", 1);

        function.send("{" + LAUNCH + ",'count':2}");

        assertEquals("c7g.large us-west-2b", candidates("").getLast());
    }

    @Test
    void ranksPoolOfInterruptedInstanceLast() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2b", "c7g.large");
        managed.tag("spotspec:interrupted", "2026-03-01T11:58:00Z");

        assertEquals("c7g.large us-west-2b", candidates("").getLast());
        function.advanceClock(Duration.ofMinutes(1));
        assertEquals("c7g.large us-west-2b", candidates("").getFirst());
    }

    @Test
    void pricesPoolsForTheImagesOperatingSystem() {
        function.ec2().catalog().image("ami-0000w1nd", "1", "amazon", "Windows", "/dev/sda1", "/dev/sda1");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.07");

        FunctionUnderTest.Answer answer = function.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0000w1nd'}");

        assertEquals(List.of("m7g.large us-west-2a"), answer.pools("candidates"));
        assertTrue(function.aws().calls("DescribeSpotPriceHistory").getFirst().has("ProductDescription.1=Windows"));
    }

    @Test
    void omitsPriceOfProductWithoutSpotPrice() {
        function.ec2().catalog().image("ami-00005e12", "1", "amazon", "Windows with SQL Server Web", "/dev/sda1");
        function.aws().priceList().price("c7g.large", "0.01");

        FunctionUnderTest.Answer answer =
                function.send("{" + LAUNCH.replace("ami-0123456789abcdef0", "ami-00005e12") + ",'price':0.2}");

        assertEquals(List.of("c7g.large"), answer.column("InstanceType"), answer.body());
        assertEquals(List.of("null"), answer.column("SpotPrice"));
        assertEquals(List.of(), function.aws().priceList().queries());
    }

    private List<String> candidates(String more) {
        return function.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':true") + more + "}")
                .pools("candidates");
    }
}
