package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests launches over several regions. */
final class LaunchRegionsTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,'regions':'all'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1", "eu-west-1");

    LaunchRegionsTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-east-1a", "m7g.large", "0.02")
                .price("us-east-1b", "m7g.large", "0.05")
                .price("eu-west-1a", "m7g.large", "0.04");
    }

    private FunctionUnderTest.Answer launch(String more) {
        return function.send("{" + LAUNCH + more + "}");
    }

    private static List<String> zones(@Nullable Object pools) {
        return ((List<?>) Objects.requireNonNull(pools))
                .stream()
                        .map(pool -> String.valueOf(((Map<?, ?>) pool).get("AvailabilityZone")))
                        .toList();
    }

    private static Set<Object> failed(FunctionUnderTest.Answer answer) {
        Set<Object> failed = new TreeSet<>();
        ((List<?>) Objects.requireNonNull(answer.meta().get("failed")))
                .forEach(one -> failed.add(((Map<?, ?>) one).get("region") + " " + ((Map<?, ?>) one).get("error")));
        return failed;
    }

    @Test
    void dryRunShowsPoolsOfAllRegionsCheapestFirst() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':true") + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(
                List.of("us-east-1a", "us-west-2a", "eu-west-1a", "us-east-1b"),
                zones(answer.meta().get("candidates")));
        assertEquals(
                List.of("us-west-2", "us-east-1", "eu-west-1"), answer.meta().get("regions"));
        assertEquals(List.of(), function.ec2().instances());
    }

    @Test
    @Timeout(20)
    void readsRegionsAtTheSameTime() {
        // A concurrent map keeps these two regions in the same bin, and locks a bin while it computes a value.
        FunctionUnderTest colliding = new FunctionUnderTest("us-west-1", "ca-central-1");
        colliding.ec2().catalog().price("us-west-1a", "m7g.large", "0.03").price("ca-central-1a", "m7g.large", "0.02");
        CountDownLatch both = new CountDownLatch(2);
        Fault meeting = (call, service) -> {
            both.countDown();
            return both.await(5, TimeUnit.SECONDS)
                    ? service.answer(call)
                    : AwsResponse.error(403, "UnauthorizedOperation", "alone");
        };
        colliding.aws().next("DescribeInstances", meeting, meeting);

        FunctionUnderTest.Answer answer = colliding.send("{" + LAUNCH + "}");

        assertEquals(List.of("ca-central-1"), answer.column("Region"), answer.body());
        assertEquals(0, both.getCount(), "one region waited for the other");
        assertFalse(answer.meta().containsKey("failed"), answer.body());
    }

    @Test
    void triesNextRegionWithoutCapacity() {
        function.aws().next("RunInstances", Fault.error(500, "InsufficientInstanceCapacity"));

        FunctionUnderTest.Answer answer = launch("");

        assertEquals(List.of("us-west-2"), answer.column("Region"), answer.body());
        assertEquals(List.of("us-east-1a", "us-west-2a"), zones(answer.meta().get("attempts")));
    }

    @Test
    void launchesRestInNextRegion() {
        function.ec2().launches().capacity("us-east-1a", "m7g.large", 1);

        FunctionUnderTest.Answer answer = launch(",'count':2");

        assertEquals(List.of("us-east-1", "us-west-2"), answer.column("Region"), answer.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "InvalidKeyPair.NotFound",
                "InvalidGroup.NotFound",
                "InvalidAMIID.NotFound",
                "VPCIdNotSpecified",
                "InstanceLimitExceeded"
            })
    void skipsAllPoolsOfRegionThatLacksSomething(String code) {
        function.aws().next("RunInstances", Fault.error(400, code));
        function.ec2().catalog().price("us-east-1b", "m7g.large", "0.025");

        FunctionUnderTest.Answer answer = launch("");

        assertEquals(List.of("us-west-2"), answer.column("Region"), answer.body());
        assertEquals(List.of("us-east-1a", "us-west-2a"), zones(answer.meta().get("attempts")));
    }

    @Test
    void stopsAtDenialInOneRegion() {
        function.aws().next("RunInstances", Fault.denied());

        assertEquals("NotAuthorized", launch("").error());
        assertEquals(List.of(), function.ec2().instances());
    }

    @Test
    void findsEarlierLaunchInAnyRegion() {
        List<String> first = launch(",'idempotencyKey':'k'").column("InstanceId");
        function.ec2().catalog().price("eu-west-1a", "m7g.large", "0.001");

        FunctionUnderTest.Answer again = function.newProcess().send("{" + LAUNCH + ",'idempotencyKey':'k'}");

        assertEquals(true, again.meta().get("repeated"), again.body());
        assertEquals(first, again.column("InstanceId"));
        assertEquals(1, function.ec2().instances().size());
    }

    @Test
    void rejectsKeyOfLaunchInOneOfTheRegions() {
        function.send("{" + LAUNCH.replace("'all'", "'eu-west-1'") + ",'idempotencyKey':'k'}");

        assertEquals("IdempotencyConflict", launch(",'idempotencyKey':'k'").error());
        assertEquals(1, function.ec2().instances().size());
    }

    @Test
    void doesNotLaunchWithKeyIfARegionIsUnreadable() {
        function.aws().always("DescribeInstances", unreadable("eu-west-1"));

        assertEquals("NotAuthorized", launch(",'idempotencyKey':'k'").error());
        assertEquals(List.of(), function.ec2().instances());
    }

    @Test
    void leavesOutUnreadableRegionWithoutKey() {
        function.aws().always("DescribeInstances", unreadable("us-east-1"));

        FunctionUnderTest.Answer answer = launch("");

        assertEquals(List.of("us-west-2"), answer.column("Region"), answer.body());
        assertEquals(List.of("us-west-2", "eu-west-1"), answer.meta().get("regions"));
        assertEquals(Set.of("us-east-1 NotAuthorized"), failed(answer));
    }

    @Test
    void leavesOutRegionThatHasAsManyInstancesAsAllowed() {
        for (int i = 0; i < 10; i++) {
            function.ec2().managedInstance("us-east-1a", "m7g.large");
        }

        FunctionUnderTest.Answer answer = launch("");

        assertEquals(List.of("us-west-2"), answer.column("Region"), answer.body());
        assertEquals(Set.of("us-east-1 TooManyInstances"), failed(answer));
    }

    @Test
    void usesOnlyRegionsOfNamedZones() {
        FunctionUnderTest.Answer answer = launch(",'zones':['eu-west-1a','us-east-1b']");

        assertEquals(List.of("eu-west-1"), answer.column("Region"), answer.body());
        assertEquals(List.of("us-east-1", "eu-west-1"), answer.meta().get("regions"));
    }

    @Test
    void limitsPriceByOnDemandPriceOfEachRegion() {
        function.aws().priceList().price("us-east-1", "m7g.large", "0.08").price("us-west-2", "m7g.large", "0.09");
        function.aws().next("RunInstances", Fault.error(500, "InsufficientInstanceCapacity"));

        launch(",'price':'0.085','zones':['us-east-1a','us-west-2a']");

        List<AwsCall> calls = function.aws().calls("RunInstances");
        assertTrue(
                calls.getFirst().has("InstanceMarketOptions.SpotOptions.MaxPrice=0.08"),
                calls.getFirst().form());
        assertTrue(
                calls.getLast().has("InstanceMarketOptions.SpotOptions.MaxPrice=0.085"),
                calls.getLast().form());
    }

    @Test
    void reportsOldestInstanceIfTheSameLaunchRanTwice() {
        // Another run of the same launch finds capacity in another region a moment earlier.
        function.aws().next("RunInstances", (call, ec2) -> {
            FakeInstance other = function.ec2().managedInstance("eu-west-1a", "m7g.large");
            other.tag(
                    "spotspec:request",
                    Objects.requireNonNull(call.tagsOf("instance").get("spotspec:request")));
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer = launch(",'idempotencyKey':'k'");

        assertEquals(List.of("eu-west-1"), answer.column("Region"), answer.body());
        assertEquals(2, function.ec2().alive().size(), "the keeper ends the surplus");
    }

    @Test
    void spreadsCallsOverTimeSoThatEc2DoesNotThrottle() {
        for (String zone : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i")) {
            function.ec2().catalog().price("us-west-2" + zone, "m7g.large", "0.03");
        }
        function.aws().always("RunInstances", Fault.error(500, "InsufficientInstanceCapacity"));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH.replace("'all'", "'us-west-2'") + "}");

        assertEquals("NoCapacity", answer.error());
        assertEquals(9, function.aws().calls("RunInstances").size());
        // Four calls at the same time, then one every half second.
        assertEquals(
                Duration.ofMillis(2_500),
                Duration.between(FunctionUnderTest.START, function.clock().instant()));
    }

    private static Fault unreadable(String region) {
        return Fault.error(region, 403, "UnauthorizedOperation");
    }
}
