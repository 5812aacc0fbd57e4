package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the maximum price of a launch. */
final class LaunchPriceTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large','c7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";

    private final FunctionUnderTest open = withPrices(new FunctionUnderTest("us-west-2"));
    private final FunctionUnderTest limited = withPrices(FunctionUnderTest.with("'maxPrice':'0.05'"));

    private static FunctionUnderTest withPrices(FunctionUnderTest function) {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02").price("us-west-2a", "c7g.large", "0.03");
        function.aws().priceList().price("m7g.large", "0.08").price("c7g.large", "0.04");
        return function;
    }

    @Test
    void sendsNoMaximumPriceByDefault() {
        open.send("{" + LAUNCH + "}");

        assertNull(maxPrice(open));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.025", "'0.025'"})
    void sendsTheRequestsMaximumPrice(String price) {
        open.send("{" + LAUNCH + ",'price':" + price + "}");

        assertEquals("0.025", maxPrice(open));
    }

    @Test
    void usesTheDeploymentsMaximumPriceByDefault() {
        limited.send("{" + LAUNCH + "}");

        assertEquals("0.05", maxPrice(limited));
    }

    @Test
    void reportsMaximumPriceInDryRun() {
        String dryRun = "{" + LAUNCH.replace("'dryRun':false", "'dryRun':true");

        assertFalse(open.send(dryRun + "}").meta().containsKey("maxPrice"));
        assertEquals("0.05", limited.send(dryRun + "}").meta().get("maxPrice"));
        assertEquals("0.045", limited.send(dryRun + ",'price':0.045}").meta().get("maxPrice"));
    }

    @Test
    void rejectsPriceAboveTheDeploymentsMaximum() {
        limited.send("{" + LAUNCH + ",'price':0.045}");
        assertEquals("0.045", maxPrice(limited));

        FunctionUnderTest.Answer answer = limited.send("{" + LAUNCH + ",'price':0.051}");
        assertEquals(403, answer.status());
        assertEquals("PriceNotAllowed", answer.error());
        assertTrue(answer.details().matches(".*\\b0\\.051\\b.*\\b0\\.05\\b.*"), answer.details());
    }

    @Test
    void capsMaximumPriceAtEachTypesOnDemandPrice() {
        open.ec2().launches().capacity("us-west-2a", "m7g.large", 0);

        open.send("{" + LAUNCH + ",'price':0.06}");

        assertEquals(
                java.util.List.of("0.06", "0.04"),
                open.aws().calls("RunInstances").stream()
                        .map(call -> call.text("InstanceMarketOptions.SpotOptions.MaxPrice"))
                        .toList());
    }

    @Test
    void rejectsPriceAboveEveryOnDemandPrice() {
        FunctionUnderTest.Answer answer = open.send("{" + LAUNCH + ",'price':0.081}");

        assertEquals(400, answer.status());
        assertEquals("PriceAboveOnDemand", answer.error());
        assertTrue(answer.details().contains("c7g.large") && answer.details().contains("m7g.large"), answer.details());
        assertTrue(answer.details().contains("0.04") && answer.details().contains("0.08"), answer.details());
        assertTrue(open.ec2().instances().isEmpty());
    }

    @Test
    void comparesWindowsPriceIncludingLicense() {
        open.ec2().catalog().image("ami-0000w1nd", "1", "amazon", "Windows", "/dev/sda1", "/dev/sda1");
        open.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.07");
        open.aws().priceList().windows("m7g.large", "0.17", "0.08");

        open.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0000w1nd','dryRun':false,'price':0.16}");

        assertEquals("0.16", maxPrice(open));
    }

    @Test
    void looksUpUnlistedPriceAgain() {
        open.ec2().catalog().price("us-west-2a", "z99.mega", "0.5");
        String launch = "{'task':'launch','types':['z99.mega'],'ami':'ami-0123456789abcdef0','dryRun':false,'price':9}";
        open.send(launch);
        open.aws().priceList().price("z99.mega", "8");

        assertEquals("PriceAboveOnDemand", open.send(launch).error());
    }

    @Test
    void triesOnlyTheTwentyCheapestTypesWithMaximumPrice() {
        String types = java.util.stream.IntStream.range(10, 40)
                .mapToObj(i -> {
                    open.ec2().catalog().price("us-west-2a", "t" + i + ".mega", "0." + i);
                    return "'t" + i + ".mega'";
                })
                .collect(java.util.stream.Collectors.joining(","));

        FunctionUnderTest.Answer answer =
                open.send("{'task':'launch','types':[" + types + "],'ami':'ami-0123456789abcdef0','price':0.9}");

        assertEquals(20, answer.pools("candidates").size());
        assertEquals("t29.mega us-west-2a", answer.pools("candidates").getLast());
    }

    @Test
    void acceptsPriceWhenOnDemandPriceIsNotListed() {
        open.ec2().catalog().price("us-west-2a", "z99.mega", "0.5");

        open.send("{'task':'launch','types':['z99.mega'],'ami':'ami-0123456789abcdef0','dryRun':false,'price':9}");

        assertEquals("9", maxPrice(open));
    }

    @Test
    void failsWhenOnDemandPriceIsUnavailable() {
        open.aws().priceList().denyAccess();

        assertEquals(
                "PriceUnavailable", open.send("{" + LAUNCH + ",'price':0.05}").error());
        assertTrue(open.ec2().instances().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"true,0", "false,1"})
    void rejectsPriceBelowEverySpotPrice(boolean dryRun, int calls) {
        FunctionUnderTest.Answer answer =
                open.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':" + dryRun) + ",'price':0.01}");

        assertEquals(400, answer.status(), answer.body());
        assertEquals("PriceBelowSpot", answer.error());
        assertTrue(answer.details().contains("'price'") && answer.details().contains("0.01"), answer.details());
        assertTrue(answer.details().contains("0.02 ") && answer.details().contains("m7g.large"), answer.details());
        assertEquals(
                calls,
                open.aws().calls("RunInstances").size(),
                "only the cheapest pool is tried, because the others cost more");
    }

    @Test
    void comparesTheOnlyPoolWithTheMaximumPrice() {
        FunctionUnderTest.Answer answer =
                open.send("{" + LAUNCH.replace("'m7g.large',", "") + ",'zones':['us-west-2a'],'price':0.01}");

        assertEquals("PriceBelowSpot", answer.error(), answer.body());
        assertTrue(answer.details().contains("0.03 ") && answer.details().contains("c7g.large"), answer.details());
    }

    @Test
    void namesTheDeploymentsMaximumWhenBelowEverySpotPrice() {
        FunctionUnderTest low = withPrices(FunctionUnderTest.with("'maxPrice':'0.01'"));

        FunctionUnderTest.Answer answer = low.send("{" + LAUNCH + "}");

        assertEquals("PriceBelowSpot", answer.error());
        assertTrue(answer.details().contains("deployment") && answer.details().contains("0.01 "), answer.details());
    }

    @Test
    void comparesTheOnlyPoolWithTheDeploymentsMaximum() {
        FunctionUnderTest low = withPrices(FunctionUnderTest.with("'maxPrice':'0.01'"));

        String dryRun = LAUNCH.replace("'m7g.large',", "").replace("'dryRun':false", "'dryRun':true");
        FunctionUnderTest.Answer answer = low.send("{" + dryRun + ",'zones':['us-west-2a']}");

        assertEquals("PriceBelowSpot", answer.error(), answer.body());
        assertTrue(answer.details().contains("0.03 ") && answer.details().contains("c7g.large"), answer.details());
    }

    @Test
    void reportsNoCapacityInTheOnlyAffordablePool() {
        open.ec2().launches().capacity("us-west-2a", "m7g.large", 0);

        FunctionUnderTest.Answer answer = open.send("{" + LAUNCH + ",'price':0.025}");

        assertEquals("NoCapacity", answer.error());
        assertTrue(answer.details().contains("'price'"), answer.details());
    }

    @Test
    void triesPoolThatCostsExactlyTheMaximum() {
        String dryRun = LAUNCH.replace(",'c7g.large'", "").replace("'dryRun':false", "'dryRun':true");

        FunctionUnderTest.Answer answer = open.send("{" + dryRun + ",'price':'0.02'}");

        assertEquals(200, answer.status(), answer.body());
    }

    @Test
    void dryRunsOnlyAffordablePools() {
        open.ec2().catalog().price("us-west-2a", "m7g.large", "0.02").price("us-west-2a", "c7g.large", "0.09");
        open.ec2().catalog().score("us-west-2a", 5);

        open.send("{" + LAUNCH.replace("'dryRun':false", "'dryRun':true") + ",'price':0.03}");

        assertTrue(open.aws().calls("RunInstances").getFirst().has("InstanceType=m7g.large"));
    }

    @Test
    void doesNotBlameBodyForMalformedPriceList() {
        open.aws().priceList().entry("m7g.large", "{");

        assertEquals(
                "PriceUnavailable", open.send("{" + LAUNCH + ",'price':0.05}").error());
    }

    @Test
    void reportsPriceUnavailableWhenPriceListRejectsTheKey() {
        open.aws().priceList().respondWith(new AwsResponse(400, "{\"__type\":\"UnrecognizedClientException\"}"));

        assertEquals(
                "PriceUnavailable", open.send("{" + LAUNCH + ",'price':0.05}").error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.001", "-1", "1001", "'free'", "1e3000"})
    void rejectsPriceOutOfRange(String price) {
        assertEquals(
                "InvalidValue",
                open.send("{" + LAUNCH + ",'price':" + price + "}").error());
    }

    private static @org.jspecify.annotations.Nullable String maxPrice(FunctionUnderTest function) {
        return function.aws().calls("RunInstances").getLast().get("InstanceMarketOptions.SpotOptions.MaxPrice");
    }
}
