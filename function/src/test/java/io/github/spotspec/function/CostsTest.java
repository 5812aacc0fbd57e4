package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what {@code instances} says about costs. Instances are launched at 11:00, and it is 12:00. */
final class CostsTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    CostsTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
    }

    @Test
    void showsPriceAndCostSoFar() {
        function.ec2()
                .catalog()
                .priceSince("us-west-2a", "m7g.large", "Linux/UNIX", "0.05", "2026-03-01T11:20:00Z")
                .priceSince("us-west-2a", "m7g.large", "Linux/UNIX", "0.036", "2026-03-01T12:00:00Z")
                .priceSince("us-west-2a", "m7g.large", "Windows", "0.9", "2026-03-01T10:00:00Z");
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "2026-03-01T14:30:00Z");
        function.advanceClock(Duration.ofMinutes(30));

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        Map<?, ?> row = answer.row(0);
        assertEquals("0.036", row.get("HourlyCost"), answer.body());
        assertEquals("0.048", row.get("Cost"));
        assertEquals("0.032", row.get("AveragePrice"));
        assertEquals("5400", String.valueOf(row.get("Seconds")));
        assertEquals("5400", String.valueOf(row.get("BilledSeconds")));
        assertNull(row.get("CostUnknown"));
        Map<?, ?> total = total(answer);
        assertEquals("0.036", total.get("hourlyCost"));
        assertEquals("0.048", total.get("cost"));
        assertEquals("0.072", total.get("leaseCost"));
        assertFalse(total.containsKey("unknown"), total.toString());
    }

    @Test
    void addsByRegionAndCaller() {
        function.ec2().catalog().price("us-east-1a", "m7g.large", "0.02");
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:caller", "token:1");
        function.ec2().managedInstance("us-east-1a", "m7g.large").tag("spotspec:caller", "token:1");

        Map<?, ?> total = total(function.send("{'task':'instances','regions':'all'}"));

        assertEquals("0.08", total.get("cost"), total.toString());
        assertEquals(Map.of("us-west-2", "0.06", "us-east-1", "0.02"), costs(total, "byRegion", "region"));
        assertEquals(Map.of(FunctionUnderTest.CALLER, "0.03", "token:1", "0.05"), costs(total, "byCaller", "caller"));
    }

    @ParameterizedTest
    @CsvSource({
        "Client.UserInitiatedShutdown,     Linux/UNIX,               0.015",
        "Client.InstanceInitiatedShutdown, Linux/UNIX,               0.015",
        "Server.SpotInstanceTermination,   Linux/UNIX,               0",
        "Server.SpotInstanceShutdown,      Linux/UNIX,               0",
        "Client.UserInitiatedShutdown,     Red Hat Enterprise Linux, 0.045",
        "Server.SpotInstanceTermination,   Red Hat Enterprise Linux, 0",
        "Client.UserInitiatedShutdown,     SUSE Linux,               0.1",
        "Server.SpotInstanceTermination,   SUSE Linux,               0",
        "Client.UserInitiatedShutdown,     Windows,                  0.12",
        "Server.SpotInstanceTermination,   Windows,                  0",
    })
    void shows30MinutesByWayToEndAndProduct(String reason, String product, String cost) {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "Red Hat Enterprise Linux", "0.09")
                .price("us-west-2a", "m7g.large", "SUSE Linux", "0.1")
                .price("us-west-2a", "m7g.large", "Windows", "0.24");
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .product(product)
                .ended("terminated", reason, Instant.parse("2026-03-01T11:30:00Z"));

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertEquals(cost, row.get("Cost"), row.toString());
        assertNull(row.get("HourlyCost"));
        assertEquals("1800", String.valueOf(row.get("Seconds")));
    }

    @Test
    void countsNothingForTimeAfterAStop() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .ended("stopped", "Client.InstanceInitiatedShutdown", Instant.parse("2026-03-01T11:15:00Z"));

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals("0.0075", answer.row(0).get("Cost"), answer.body());
        assertEquals("0", total(answer).get("hourlyCost"));
        assertEquals("0", total(answer).get("leaseCost"));
    }

    @Test
    void takesOnDemandPriceFromPriceList() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true");
        allowing.aws().priceList().price("m7g.large", "0.0816");
        for (int i = 0; i < 2; i++) {
            allowing.ec2().managedInstance("us-west-2a", "m7g.large").onDemand();
            allowing.ec2().managedInstance("us-west-2a", "c7g.large").onDemand();
        }
        allowing.advanceClock(Duration.ofMinutes(15));

        FunctionUnderTest.Answer answer = allowing.send("{'task':'instances'}");

        for (int i = 0; i < 4; i++) {
            Map<?, ?> row = answer.row(i);
            boolean listed = "m7g.large".equals(row.get("InstanceType"));
            assertEquals(listed ? "0.0816" : null, row.get("HourlyCost"), row.toString());
            assertEquals(listed ? "0.102" : null, row.get("Cost"));
            assertNull(row.get("SpotPrice"));
        }
        assertEquals(List.of(), allowing.aws().calls("DescribeSpotPriceHistory"));
        assertEquals(2, allowing.aws().priceList().queries().size(), "one for each type");
    }

    @Test
    void readsNoPriceListWhereOnDemandIsNotAllowed() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").onDemand();

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertNull(row.get("Cost"), row.toString());
        assertNotNull(row.get("CostUnknown"));
        assertEquals(List.of(), function.aws().priceList().queries());
    }

    @Test
    void saysThatCostIsUnknownWhenPricesAreUnreadable() {
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("DescribeSpotPriceHistory", Fault.denied());

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals(200, answer.status(), answer.body());
        Map<?, ?> row = answer.row(0);
        assertNull(row.get("Cost"));
        assertNull(row.get("HourlyCost"));
        assertNotNull(row.get("CostUnknown"), answer.body());
        assertEquals("1", String.valueOf(total(answer).get("unknown")));
        assertEquals("unknown", total(answer).get("summary"));
    }

    @Test
    void showsCurrentPriceIfThereAreTooManyPrices() {
        Instant first = Instant.parse("2026-03-01T11:00:01Z");
        for (int i = 0; i < 20_001; i++) {
            function.ec2()
                    .catalog()
                    .priceSince(
                            "us-west-2a",
                            "m7g.large",
                            "Linux/UNIX",
                            "0.04",
                            first.plusMillis(i * 100L).toString());
        }
        function.ec2().managedInstance("us-west-2a", "m7g.large");

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertEquals("0.04", row.get("HourlyCost"), row.toString());
        assertNull(row.get("Cost"));
        assertNotNull(row.get("CostUnknown"));
    }

    @Test
    void saysThatCostIsUnknownWithoutPriceAtLaunch() {
        function.ec2().catalog().priceSince("us-west-2b", "m7g.large", "Linux/UNIX", "0.04", "2026-03-01T11:00:01Z");
        function.ec2().managedInstance("us-west-2b", "m7g.large");
        FakeInstance known = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals(2, answer.data().size());
        for (Object each : answer.data()) {
            Map<?, ?> row = (Map<?, ?>) each;
            boolean isKnown = known.id().equals(row.get("InstanceId"));
            assertEquals(isKnown, row.get("Cost") != null, row.toString());
            assertEquals(isKnown, row.get("CostUnknown") == null, row.toString());
            assertNotNull(row.get("HourlyCost"), row.toString());
        }
        assertEquals("0.03", total(answer).get("cost"));
        assertEquals("1", String.valueOf(total(answer).get("unknown")));
    }

    @Test
    void saysThatCostIsUnknownWithoutEndOrItsReason() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .state("terminated")
                .stateReason("Client.UserInitiatedShutdown");

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals(List.of("null", "null"), answer.column("Cost"), answer.body());
        assertFalse(answer.column("CostUnknown").contains("null"), answer.body());
    }

    @Test
    void readsPricesOfARegionOnceAMinute() {
        function.ec2().catalog().price("us-west-2b", "c7g.large", "0.02");
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.ec2().managedInstance("us-west-2b", "c7g.large");

        function.send("{'task':'instances'}");
        function.send("{'task':'instances'}");

        List<AwsCall> calls = function.aws().calls("DescribeSpotPriceHistory");
        assertEquals(1, calls.size());
        assertEquals(List.of("c7g.large", "m7g.large"), calls.getFirst().list("InstanceType"));
        assertEquals(List.of("us-west-2a", "us-west-2b"), calls.getFirst().filter("availability-zone"));
        assertEquals("2026-03-01T11:00:00Z", calls.getFirst().text("StartTime"));

        function.advanceClock(Duration.ofMinutes(1));
        function.send("{'task':'instances'}");
        assertEquals(2, function.aws().calls("DescribeSpotPriceHistory").size());
    }

    @Test
    void readsNoPricesWithoutInstances() {
        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertFalse(answer.meta().containsKey("cost"), answer.body());
        assertEquals(List.of(), function.aws().calls("DescribeSpotPriceHistory"));
    }

    static Map<?, ?> total(FunctionUnderTest.Answer answer) {
        return (Map<?, ?>) Objects.requireNonNull(answer.meta().get("cost"), answer.body());
    }

    private static Map<String, String> costs(Map<?, ?> total, String list, String key) {
        return ((List<?>) Objects.requireNonNull(total.get(list)))
                .stream()
                        .map(entry -> (Map<?, ?>) entry)
                        .collect(Collectors.toMap(
                                entry -> String.valueOf(entry.get(key)), entry -> String.valueOf(entry.get("cost"))));
    }
}
