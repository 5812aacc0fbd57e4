package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Tests what a launch and its dry run say about costs. */
final class LaunchEstimateTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','lease':'3h'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    LaunchEstimateTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02655").price("us-west-2b", "m7g.large", "0.03");
        function.aws().priceList().price("m7g.large", "0.0816");
    }

    private Map<?, ?> estimate(String more) {
        return estimate(function.send("{" + LAUNCH + more + "}"));
    }

    private static Map<?, ?> estimate(FunctionUnderTest.Answer answer) {
        assertEquals(200, answer.status(), answer.body());
        return (Map<?, ?>) Objects.requireNonNull(answer.meta().get("estimate"));
    }

    @Test
    void estimatesDryRunByItsFirstPool() {
        Map<?, ?> estimate = estimate(",'count':2");

        assertEquals("0.0531", estimate.get("hourlyCost"));
        assertEquals("0.1593", estimate.get("leaseCost"));
        assertEquals("0.1632", estimate.get("maxHourlyCost"));
        assertEquals("0.4896", estimate.get("maxLeaseCost"));
        assertEquals("0.4896", estimate.get("onDemandLeaseCost"));
        assertEquals("67.5", String.valueOf(estimate.get("savingPercent")));
        assertEquals(
                List.of(Map.of(
                        "Region",
                        "us-west-2",
                        "InstanceType",
                        "m7g.large",
                        "InstanceLifecycle",
                        "spot",
                        "Instances",
                        "2",
                        "Price",
                        "0.02655",
                        "MaxPrice",
                        "0.0816",
                        "OnDemandPrice",
                        "0.0816")),
                texts(estimate));
        assertEquals("2 × m7g.large ≈ $0.0531/h, $0.16 for 3h, at most $0.49", estimate.get("summary"));
    }

    @Test
    void chargesHoursWithSuse() {
        function.ec2().catalog().image("ami-00000000000005c5e", "amazon", "amazon", "SUSE Linux", "/dev/sda1");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "SUSE Linux", "0.1");

        Map<?, ?> estimate = estimate(
                function.send("{'task':'launch','types':['m7g.large'],'ami':'ami-00000000000005c5e','lease':'90m'}"));

        assertEquals("0.1", estimate.get("hourlyCost"), estimate.toString());
        assertEquals("0.2", estimate.get("leaseCost"), estimate.toString());
    }

    private static List<Map<String, String>> texts(Map<?, ?> estimate) {
        return ((List<?>) Objects.requireNonNull(estimate.get("instances")))
                .stream()
                        .map(group -> {
                            Map<String, String> texts = new TreeMap<>();
                            ((Map<?, ?>) group)
                                    .forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
                            return texts;
                        })
                        .toList();
    }

    @Test
    void showsWordsToPeople() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}", "accept", "text/plain");

        assertTrue(
                answer.body().contains("Dry run: 1 × m7g.large for 3h, about $0.0797 ($0.0266/h, at most $"),
                answer.body());
    }

    @Test
    void roundsMaximumUp() {
        // 610 seconds cost 0.013826…
        assertEquals(
                "0.0139",
                estimate(function.send("{" + LAUNCH.replace("3h", "610s") + "}"))
                        .get("maxLeaseCost"));
    }

    @Test
    void limitsMaximumByPrice() {
        Map<?, ?> estimate = estimate(",'price':0.05,'dryRun':false");

        assertEquals("0.05", estimate.get("maxHourlyCost"));
        assertEquals("0.15", estimate.get("maxLeaseCost"));
        assertEquals("0.2448", estimate.get("onDemandLeaseCost"));
    }

    @Test
    void estimatesInstancesOfSeveralPools() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);

        Map<?, ?> estimate = estimate(",'count':3,'dryRun':false");

        assertEquals("0.0866", estimate.get("hourlyCost"));
        assertEquals(2, texts(estimate).size());
    }

    @Test
    void estimatesOnDemandInstances() {
        FunctionUnderTest onDemand = FunctionUnderTest.with("'allowOnDemand':true");
        onDemand.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        onDemand.ec2().launches().capacity("us-west-2a", "m7g.large", 0);
        onDemand.aws().priceList().price("m7g.large", "0.0816");

        Map<?, ?> estimate = estimate(onDemand.send("{" + LAUNCH + ",'dryRun':false,'onNoCapacity':'onDemand'}"));

        assertEquals("0.0816", estimate.get("hourlyCost"));
        assertEquals("0.0816", estimate.get("maxHourlyCost"));
        assertEquals("on-demand", texts(estimate).getFirst().get("InstanceLifecycle"));
    }

    @Test
    void estimatesRepeatedLaunch() {
        String launch = "{" + LAUNCH + ",'dryRun':false,'idempotencyKey':'same'}";
        Map<?, ?> first = estimate(function.send(launch));
        function.advanceClock(Duration.ofMinutes(2));

        FunctionUnderTest.Answer again = function.send(launch);

        assertEquals(true, again.meta().get("repeated"));
        assertEquals(first.get("leaseCost"), estimate(again).get("leaseCost"));
    }

    @Test
    void leavesOutWhatIsUnknown() {
        function.ec2().catalog().price("us-west-2a", "c7g.large", "0.02");

        Map<?, ?> estimate = estimate(function.send("{" + LAUNCH.replace("m7g", "c7g") + "}"));

        assertEquals("0.02", estimate.get("hourlyCost"));
        assertFalse(estimate.containsKey("maxHourlyCost"), estimate::toString);
        assertFalse(estimate.containsKey("savingPercent"), estimate::toString);
    }

    @Test
    void launchesWithoutPriceList() {
        function.aws().priceList().denyAccess();

        Map<?, ?> estimate = estimate(",'dryRun':false");

        assertEquals("0.0266", estimate.get("hourlyCost"));
        assertFalse(estimate.containsKey("maxLeaseCost"), estimate::toString);
        assertEquals(1, function.ec2().instances().size());
    }
}
