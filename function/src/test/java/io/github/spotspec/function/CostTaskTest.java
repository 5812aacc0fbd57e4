package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests the task {@code cost}. Instances are launched at 11:00 on March 1, and it is 00:30 on March 2. */
final class CostTaskTest {
    private static final String COST = "{'task':'cost'}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    CostTaskTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .priceSince("us-west-2a", "m7g.large", "Linux/UNIX", "0.05", "2026-03-01T23:20:00Z")
                .priceSince("us-west-2a", "m7g.large", "Linux/UNIX", "0.06", "2026-03-02T00:00:00Z");
    }

    /** Sends a request after midnight. */
    private FunctionUnderTest.Answer sendAtHalfPastMidnight(String body) {
        function.advanceClock(Duration.ofMinutes(12 * 60 + 30));
        return function.send(body);
    }

    /** Thirteen hours at 0.03, the last of which began at 23:00, then half an hour at 0.06 since midnight. */
    @Test
    void addsUpTodayAndWholeCostAndCostAtLeaseEnd() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .tag("Name", "builder")
                .tag("spotspec:lease", "2026-03-02T02:30:00Z");

        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight(COST);

        assertEquals("costs", answer.event(), answer.body());
        Map<?, ?> row = answer.row(0);
        assertEquals("us-west-2", row.get("Region"));
        assertEquals("builder", row.get("Name"));
        assertEquals("m7g.large", row.get("InstanceType"));
        assertEquals("running", row.get("State"));
        assertEquals(FunctionUnderTest.CALLER, row.get("Caller"));
        assertEquals("0.03", row.get("CostToday"), row.toString());
        assertEquals("0.42", row.get("Cost"));
        assertEquals("0.54", row.get("CostAtLeaseEnd"), "two more hours at 0.06");
        assertEquals("0.06", row.get("HourlyCost"));
        assertEquals("48600", String.valueOf(row.get("BilledSeconds")));
        assertNull(row.get("CostUnknown"));
        assertEquals("0.03", answer.meta().get("costToday"));
        assertEquals("0.42", answer.meta().get("cost"));
        assertEquals("0.54", answer.meta().get("costAtLeaseEnd"));
        assertFalse(answer.meta().containsKey("unknown"), answer.body());
    }

    /** It is 23:30. The hour since 23:00 costs 0.03 until it is over, although the price is 0.05 now. */
    @Test
    void instanceHourKeepsItsPriceUntilLeaseEnds() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "2026-03-02T00:00:00Z");
        function.advanceClock(Duration.ofMinutes(11 * 60 + 30));

        FunctionUnderTest.Answer answer = function.send(COST);

        assertEquals("0.375", answer.row(0).get("Cost"), answer.body());
        assertEquals("0.39", answer.row(0).get("CostAtLeaseEnd"), "13 hours at 0.03");
    }

    @Test
    void addsByRegionAndCaller() {
        function.ec2().catalog().price("us-east-1a", "m7g.large", "0.02");
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:caller", "token:1");
        function.ec2().managedInstance("us-east-1a", "m7g.large").tag("spotspec:caller", "token:1");
        function.ec2().foreignInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight("{'task':'cost','regions':'all'}");

        assertEquals(3, answer.data().size());
        assertEquals("0.07", answer.meta().get("costToday"), answer.body());
        assertEquals(
                Map.of("us-west-2", "0.06", "us-east-1", "0.01"), amounts(answer, "byRegion", "region", "costToday"));
        assertEquals(Map.of("us-west-2", "0.84", "us-east-1", "0.27"), amounts(answer, "byRegion", "region", "cost"));
        assertEquals(
                Map.of(FunctionUnderTest.CALLER, "0.03", "token:1", "0.04"),
                amounts(answer, "byCaller", "caller", "costToday"));
        assertEquals(
                Map.of(FunctionUnderTest.CALLER, "0.42", "token:1", "0.69"),
                amounts(answer, "byCaller", "caller", "cost"));
        assertEquals(2, function.send(COST).data().size(), "the default is the first region");
    }

    @Test
    void countsNothingTodayForWhatEndedYesterday() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T23:30:00Z"));

        Map<?, ?> row = sendAtHalfPastMidnight(COST).row(0);

        assertEquals("0", row.get("CostToday"), row.toString());
        assertEquals("0.375", row.get("Cost"));
        assertEquals("0.375", row.get("CostAtLeaseEnd"), "the rest of the lease is not used");
        assertEquals("2026-03-01T23:30:00Z", row.get("EndTime"));
        assertNull(row.get("HourlyCost"));
    }

    @Test
    void costIsUnknownWithoutEndOrItsReason() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .state("terminated")
                .stateReason("Client.UserInitiatedShutdown");

        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight(COST);

        for (String amount : List.of("CostToday", "Cost", "CostAtLeaseEnd")) {
            assertEquals(List.of("null", "null"), answer.column(amount), answer.body());
        }
        assertFalse(answer.column("CostUnknown").contains("null"), answer.body());
        assertEquals("2", String.valueOf(answer.meta().get("unknown")));
        assertEquals("0", answer.meta().get("cost"));
    }

    @Test
    void knowsTodayAlthoughPriceAtLaunchIsUnknown() {
        function.ec2().catalog().priceSince("us-west-2b", "m7g.large", "Linux/UNIX", "0.04", "2026-03-01T12:00:01Z");
        function.ec2().managedInstance("us-west-2b", "m7g.large");

        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight(COST);

        Map<?, ?> row = answer.row(0);
        assertEquals("0.02", row.get("CostToday"), row.toString());
        assertNull(row.get("Cost"));
        assertNull(row.get("CostAtLeaseEnd"));
        assertNotNull(row.get("CostUnknown"));
        assertEquals("0.02", answer.meta().get("costToday"));
        assertEquals("1", String.valueOf(answer.meta().get("unknown")));
    }

    @Test
    void costIsUnknownWhenPricesAreUnreadable() {
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("DescribeSpotPriceHistory", Fault.denied());

        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight(COST);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("null"), answer.column("CostToday"));
        assertEquals(List.of("null"), answer.column("Cost"));
        assertNotNull(answer.row(0).get("CostUnknown"));
    }

    @Test
    void chargesStoppedInstanceUntilItStopped() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", "2026-03-02T02:30:00Z")
                .ended("stopped", "Client.InstanceInitiatedShutdown", Instant.parse("2026-03-02T00:10:00Z"));

        Map<?, ?> row = sendAtHalfPastMidnight(COST).row(0);

        assertEquals("0.01", row.get("CostToday"), row.toString());
        assertEquals("0.4", row.get("Cost"));
        assertEquals("0.4", row.get("CostAtLeaseEnd"));
    }

    @Test
    void chargesInstanceThatTheServiceEndedAfterAStopUntilTheStop() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-02T00:20:00Z"))
                .tag("spotspec:before-end", "2026-03-02T00:10:00Z stopped Client.InstanceInitiatedShutdown");

        assertEquals("0.4", sendAtHalfPastMidnight(COST).row(0).get("Cost"));
    }

    @Test
    void takesOnDemandPriceFromPriceList() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true");
        allowing.aws().priceList().price("m7g.large", "0.08");
        allowing.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .onDemand()
                .tag("spotspec:lease", "2026-03-02T00:30:00Z");
        allowing.advanceClock(Duration.ofMinutes(12 * 60 + 15));

        Map<?, ?> row = allowing.send(COST).row(0);

        assertEquals("0.02", row.get("CostToday"), row.toString());
        assertEquals("1.06", row.get("Cost"));
        assertEquals("1.08", row.get("CostAtLeaseEnd"));
        assertEquals("on-demand", row.get("InstanceLifecycle"));
    }

    @Test
    void makesTwoCallsForARegion() {
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.ec2().managedInstance("us-west-2a", "c7g.large");

        sendAtHalfPastMidnight(COST);

        assertEquals(1, function.aws().calls("DescribeInstances").size());
        assertEquals(1, function.aws().calls("DescribeSpotPriceHistory").size());
    }

    @Test
    void hasNoTotalsWithoutInstances() {
        FunctionUnderTest.Answer answer = sendAtHalfPastMidnight(COST);

        assertEquals(List.of(), answer.data());
        assertFalse(answer.meta().containsKey("cost"), answer.body());
        assertEquals(List.of(), function.aws().calls("DescribeSpotPriceHistory"));
    }

    @Test
    void tableShowsTotalsByCallerAndWhyCostIsUnknown() {
        FakeInstance unknown =
                function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:caller", "token:1");
        Object why = rowOf(sendAtHalfPastMidnight(COST), unknown).get("CostUnknown");

        String table = function.send(COST, "accept", "text/plain").body();

        assertTrue(table.replace("\n", " ").contains(String.valueOf(why)), table);
        assertTrue(table.contains("\nby caller:\n"), table);
        assertTrue(
                table.lines().anyMatch(line -> line.matches("token:1 +1 +0\\.03 +0\\.42 .*")),
                "totals by caller: " + table);
    }

    private static Map<?, ?> rowOf(FunctionUnderTest.Answer answer, FakeInstance instance) {
        return answer.data().stream()
                .map(row -> (Map<?, ?>) row)
                .filter(row -> instance.id().equals(row.get("InstanceId")))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> amounts(
            FunctionUnderTest.Answer answer, String list, String key, String amount) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get(list), answer.body()))
                .stream()
                        .map(entry -> (Map<?, ?>) entry)
                        .collect(Collectors.toMap(
                                entry -> String.valueOf(entry.get(key)), entry -> String.valueOf(entry.get(amount))));
    }
}
