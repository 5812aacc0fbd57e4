package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests on-demand instances in place of Spot Instances: only if allowed, requested, and spot has no capacity. */
final class FallbackTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large','c7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";

    private final FunctionUnderTest function = FunctionUnderTest.with("'allowOnDemand':true");

    FallbackTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02").price("us-west-2a", "c7g.large", "0.03");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0).capacity("us-west-2a", "c7g.large", 0);
    }

    @Test
    void fallsBackWithSameLaunchWithoutMarketOptions() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','keyName':'dev'}");

        assertEquals(200, answer.status(), answer.body());
        List<AwsCall> calls = function.aws().calls("RunInstances");
        assertEquals(3, calls.size());
        assertTrue(
                calls.get(1).hasParameter("InstanceMarketOptions"), calls.get(1).form());
        AwsCall fallback = calls.getLast();
        assertFalse(fallback.hasParameter("InstanceMarketOptions"), fallback.form());
        assertTrue(fallback.has("KeyName=dev"), fallback.form());
        assertTrue(fallback.has("MetadataOptions.HttpTokens=required"), fallback.form());
        assertEquals(calls.getFirst().tagsOf("instance"), fallback.tagsOf("instance"));
        assertEquals(Map.of(), fallback.tagsOf("spot-instances-request"));
        assertEquals(List.of("on-demand"), answer.column("InstanceLifecycle"));
        assertEquals(List.of("null"), answer.column("SpotPrice"));
        assertEquals(List.of("spot", "spot", "on-demand"), answer.attempts("Market"));
    }

    @Test
    void fallsBackOnlyForInstancesThatSpotLacked() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','count':3}");

        assertEquals(List.of("spot", "on-demand", "on-demand"), answer.column("InstanceLifecycle"));
        assertTrue(function.log().contains("\"Launches\":3,\"Fallbacks\":2"), function.log());
        assertTrue(function.aws().calls("RunInstances").getLast().has("MaxCount=2"));
    }

    @Test
    void stopsOnDemandAttemptsWhenTimeRunsOut() {
        function.ec2().launches().onDemandCapacity("us-west-2a", "m7g.large", 0);
        function.aws().next("RunInstances", Fault.none());
        function.aws().next("RunInstances", Fault.none());
        function.aws().next("RunInstances", (call, ec2) -> {
            function.advanceClock(Duration.ofSeconds(21));
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}");

        assertEquals("TimedOut", answer.error());
        assertTrue(answer.details().contains("3 of 4"), answer.details());
    }

    @Test
    void triesNextPoolWhenOnDemandHasNoCapacity() {
        function.ec2().launches().onDemandCapacity("us-west-2a", "m7g.large", 0);

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}");

        assertEquals(List.of("c7g.large"), answer.column("InstanceType"));
        function.ec2().launches().onDemandCapacity("us-west-2a", "c7g.large", 0);
        assertEquals(
                "NoCapacity",
                function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}").error());
    }

    @Test
    void doesNotFallBackUnlessRequested() {
        assertEquals("NoCapacity", function.send("{" + LAUNCH + "}").error());
        assertEquals(
                "NoCapacity",
                function.send("{" + LAUNCH + ",'onNoCapacity':'fail'}").error());
        assertTrue(function.aws().calls("RunInstances").stream()
                .allMatch(call -> call.hasParameter("InstanceMarketOptions")));
    }

    @ParameterizedTest
    @CsvSource({
        "UnauthorizedOperation,403,NotAuthorized",
        "MaxSpotInstanceCountExceeded,400,AccountLimit",
        "VcpuLimitExceeded,400,AccountLimit",
        "SpotMaxPriceTooLow,400,PriceBelowSpot",
        "Unsupported,400,NoCapacity",
        "InvalidParameterValue,400,Ec2Refused",
        "InternalError,500,Ec2Unavailable"
    })
    void fallsBackOnlyOnLackOfCapacity(String code, int status, String errorCode) {
        function.aws().always("RunInstances", Fault.error(status, code));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}");

        assertEquals(errorCode, answer.error());
        assertTrue(function.aws().calls("RunInstances").stream()
                .allMatch(call -> call.hasParameter("InstanceMarketOptions")));
    }

    @Test
    void triesOnlyPoolsWithoutSpotCapacityOnDemand() {
        function.aws().next("RunInstances", Fault.error(400, "Unsupported"));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}");

        assertEquals(List.of("c7g.large"), answer.column("InstanceType"));
        assertEquals(List.of("spot", "spot", "on-demand"), answer.attempts("Market"));
    }

    @Test
    void appliesRequestsMaximumPriceToOnDemand() {
        function.aws().priceList().price("m7g.large", "0.08").price("c7g.large", "0.05");

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','price':0.05}");

        assertEquals(List.of("c7g.large"), answer.column("InstanceType"), answer.body());
        assertEquals(List.of("on-demand"), answer.column("InstanceLifecycle"));
    }

    @Test
    void reportsNoCapacityWhenOnDemandExceedsMaximumPrice() {
        function.aws().priceList().price("m7g.large", "0.08").price("c7g.large", "0.05");

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','price':0.04}");

        assertEquals("NoCapacity", answer.error());
        assertTrue(answer.details().contains("on-demand: AboveMaxPrice"), answer.details());
        assertEquals(List.of(), function.ec2().instances());
    }

    @ParameterizedTest
    @CsvSource({"0.08,m7g.large", "0.05,c7g.large", "0.04,"})
    void appliesDeploymentsMaximumPriceToOnDemand(String maxPrice, @Nullable String launched) {
        FunctionUnderTest limited = FunctionUnderTest.with("'allowOnDemand':true,'maxPrice':'" + maxPrice + "'");
        limited.ec2().catalog().price("us-west-2a", "m7g.large", "0.02").price("us-west-2a", "c7g.large", "0.03");
        limited.ec2().launches().capacity("us-west-2a", "m7g.large", 0).capacity("us-west-2a", "c7g.large", 0);
        limited.aws().priceList().price("m7g.large", "0.08").price("c7g.large", "0.05");

        FunctionUnderTest.Answer answer = limited.send("{" + LAUNCH + ",'onNoCapacity':'onDemand'}");

        if (launched == null) {
            assertEquals("NoCapacity", answer.error());
        } else {
            assertEquals(List.of(launched), answer.column("InstanceType"));
        }
    }

    @Test
    void skipsPoolWithUnknownOnDemandPrice() {
        assertEquals(
                "NoCapacity",
                function.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','price':0.05}")
                        .error());
    }

    @Test
    void doesNotTakeThePriceOfTheRegionForALocalZone() {
        function.aws().priceList().price("m7g.large", "0.08");
        function.ec2().catalog().price("us-west-2-lax-1a", "m7g.large", "0.02");
        function.ec2().launches().capacity("us-west-2-lax-1a", "m7g.large", 0);

        FunctionUnderTest.Answer answer = function.send("{'task':'launch','types':['m7g.large'],"
                + "'ami':'ami-0123456789abcdef0','lease':'3h','dryRun':false,'zones':['us-west-2-lax-1a'],"
                + "'onNoCapacity':'onDemand','price':0.08}");

        assertEquals("NoCapacity", answer.error(), answer.body());
        assertEquals(List.of(), function.ec2().instances());
    }

    @Test
    void reportsSpotLaunchWhenOnDemandPriceIsUnavailable() {
        FunctionUnderTest limited = FunctionUnderTest.with("'allowOnDemand':true,'maxPrice':'0.05'");
        limited.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        limited.ec2().launches().capacity("us-west-2a", "m7g.large", 1);
        limited.aws().priceList().denyAccess();

        FunctionUnderTest.Answer answer = limited.send("{" + LAUNCH + ",'onNoCapacity':'onDemand','count':2}");

        assertEquals(List.of("spot"), answer.column("InstanceLifecycle"), answer.body());
        assertEquals(
                List.of("launched 1", "PriceUnavailable"),
                answer.attempts("Result").stream()
                        .filter(result -> !result.startsWith("Insufficient"))
                        .toList());
    }

    @Test
    void fallsBackOncePerIdempotencyKey() {
        String launch = "{" + LAUNCH + ",'onNoCapacity':'onDemand','idempotencyKey':'k'}";

        List<String> first = function.send(launch).column("InstanceId");

        assertEquals(first, function.newProcess().send(launch).column("InstanceId"));
        assertEquals(1, function.ec2().instances().size());
    }
}
