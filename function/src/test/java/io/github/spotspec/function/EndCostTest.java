package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the receipts of {@code end}. The instance is launched at 11:00, and ends at 12:30. */
final class EndCostTest {
    private static final String BEFORE_END = "spotspec:before-end";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance managed =
            function.ec2().managedInstance("us-west-2a", "m7g.large").tag("Name", "builder");

    EndCostTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .priceSince("us-west-2a", "m7g.large", "Linux/UNIX", "0.04", "2026-03-01T11:30:00Z");
        function.advanceClock(Duration.ofMinutes(30));
    }

    @Test
    void returnsAndLogsReceipt() {
        FunctionUnderTest.Answer answer = end();

        Map<?, ?> row = answer.row(0);
        assertEquals("builder", row.get("Name"), answer.body());
        assertEquals(FunctionUnderTest.CALLER, row.get("Caller"));
        assertEquals("2026-03-01T12:30:00Z", row.get("EndTime"));
        assertEquals("Client.UserInitiatedShutdown", row.get("StateReason"));
        assertEquals("5400", String.valueOf(row.get("Seconds")));
        assertEquals("0.033333", row.get("AveragePrice"));
        assertEquals("0.05", row.get("Cost"));
        assertNull(row.get("CostUnknown"));
        assertEquals("0.05", CostsTest.total(answer).get("cost"));
        assertTrue(function.log().contains("\"receipts\":[{"), function.log());
        assertTrue(function.log().contains("\"Cost\":\"0.05\""), function.log());
    }

    @Test
    void readsPricesAfterTermination() {
        end();

        List<String> actions =
                function.aws().calls().stream().map(AwsCall::action).toList();
        assertTrue(
                actions.indexOf("TerminateInstances") < actions.indexOf("DescribeSpotPriceHistory"),
                actions.toString());
        assertEquals(1, function.aws().calls("DescribeSpotPriceHistory").size());
    }

    @Test
    void chargesNothingForTheTimeAfterAStop() {
        managed.ended("stopped", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T11:15:00Z"))
                .request()
                .persistent();

        Map<?, ?> row = end().row(0);

        assertFalse(managed.isAlive());
        assertEquals("2026-03-01T11:15:00Z", row.get("EndTime"), row.toString());
        assertEquals("0.0075", row.get("Cost"));
    }

    @Test
    void recordsStateThatEc2WillNoLongerShow() {
        managed.request().persistent();
        FakeInstance stopped = function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .ended("stopped", "Server.SpotInstanceShutdown", Instant.parse("2026-03-01T12:20:00Z"));
        stopped.request().persistent();

        function.send("{'task':'end','all':true}");

        assertEquals("2026-03-01T12:30:00Z running", managed.tags().get(BEFORE_END));
        assertEquals(
                "2026-03-01T12:20:00Z stopped Server.SpotInstanceShutdown",
                stopped.tags().get(BEFORE_END));
        List<String> actions =
                function.aws().calls().stream().map(AwsCall::action).toList();
        assertTrue(actions.lastIndexOf("CreateTags") < actions.indexOf("TerminateInstances"), actions.toString());
    }

    @Test
    void endsManyThatStoppedAtDifferentTimes() {
        for (int i = 0; i < 300; i++) {
            function.ec2()
                    .managedInstance("us-west-2a", "m7g.large")
                    .ended(
                            "stopped",
                            "Server.SpotInstanceShutdown",
                            Instant.parse("2026-03-01T12:00:00Z").plusSeconds(i));
        }

        FunctionUnderTest.Answer answer = function.send("{'task':'end','all':true}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("0", String.valueOf(answer.meta().get("left")), "the rest of the records is left out");
        assertTrue(
                function.aws().calls("CreateTags").size() <= 10,
                () -> function.aws().calls("CreateTags").size() + " calls");
    }

    @Test
    void recordsNothingForInstanceThatCannotStop() {
        end();

        assertEquals(List.of(), function.aws().calls("CreateTags"));
    }

    @Test
    void endsWithoutRecord() {
        managed.request().persistent();
        function.aws().always("CreateTags", Fault.denied());

        Map<?, ?> row = end().row(0);

        assertFalse(managed.isAlive());
        assertEquals("0.05", row.get("Cost"), row.toString());
    }

    @Test
    void doesNotKnowCostIfEc2DoesNotSayWhenTheInstanceStopped() {
        managed.state("stopped").stateReason("Client.InstanceInitiatedShutdown");
        managed.request().persistent().status("instance-terminated-by-user", Instant.parse("2026-03-01T12:15:00Z"));

        Map<?, ?> row = end().row(0);

        assertFalse(managed.isAlive());
        assertNull(row.get("Cost"), row.toString());
        assertNotNull(row.get("CostUnknown"));
    }

    @Test
    void endsWithoutPrices() {
        function.aws().always("DescribeSpotPriceHistory", Fault.denied());

        FunctionUnderTest.Answer answer = end();

        assertEquals(200, answer.status(), answer.body());
        assertFalse(managed.isAlive());
        Map<?, ?> row = answer.row(0);
        assertEquals(true, row.get("Ended"));
        assertNull(row.get("Cost"));
        assertNotNull(row.get("CostUnknown"));
        assertEquals("5400", String.valueOf(row.get("Seconds")));
    }

    @Test
    void takesTheTimeOfTheEndFromTheSpotRequestIfTheInstanceHasNone() {
        managed.state("terminated").stateReason("Client.InstanceInitiatedShutdown");
        managed.request().state("closed").status("instance-terminated-by-user", Instant.parse("2026-03-01T12:15:00Z"));

        Map<?, ?> row = end().row(0);

        assertEquals("2026-03-01T12:15:00Z", row.get("EndTime"), row.toString());
        assertEquals("0.04", row.get("Cost"));
    }

    @Test
    void namesNoCostOfASpotRequestWithoutInstance() {
        String open = function.ec2().openRequest("us-west-2a", "m7g.large", 60).id();

        FunctionUnderTest.Answer answer = function.send("{'task':'end','spotInstanceRequestIds':['" + open + "']}");

        Map<?, ?> row = answer.row(0);
        assertTrue(row.containsKey("Cost") && row.get("Cost") == null, answer.body());
        assertNull(row.get("CostUnknown"));
        assertFalse(answer.meta().containsKey("cost"), answer.body());
        assertEquals(List.of(), function.aws().calls("DescribeSpotPriceHistory"));
    }

    private FunctionUnderTest.Answer end() {
        return function.send("{'task':'end','instanceIds':['" + managed.id() + "']}");
    }
}
