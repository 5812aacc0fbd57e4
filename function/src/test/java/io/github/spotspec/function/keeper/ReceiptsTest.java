package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.runtime.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the keeper's receipts. Instances are launched at 11:00, and it is 12:00. */
final class ReceiptsTest {
    private static final String BEFORE_END = "spotspec:before-end";
    private static final String RECEIPT = "spotspec:receipt";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final KeeperUnderTest keeper = keeper(false);

    ReceiptsTest() {
        ec2.catalog().price("us-west-2a", "m7g.large", "0.03").price("us-east-1a", "m7g.large", "0.02");
    }

    @ParameterizedTest
    @CsvSource({
        "Client.InstanceInitiatedShutdown, 0.015",
        "Client.UserInitiatedShutdown,     0.015",
        "Server.SpotInstanceTermination,   0",
    })
    void writesReceiptOnce(String reason, BigDecimal cost) {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("Name", "builder")
                .ended("terminated", reason, Instant.parse("2026-03-01T11:30:00Z"));
        ended.request().state("closed");

        keeper.sweep();
        keeper.sweep();
        // Another process.
        KeeperUnderTest second = keeper(false);
        second.sweep();

        List<Map<?, ?>> receipts = receipts(keeper);
        assertEquals(1, receipts.size(), keeper.log());
        Map<?, ?> receipt = receipts.getFirst();
        assertEquals(ended.id(), receipt.get("InstanceId"));
        assertEquals("builder", receipt.get("Name"));
        assertEquals(ended.tags().get("spotspec:caller"), receipt.get("Caller"));
        assertEquals(reason, receipt.get("StateReason"));
        assertEquals("1800", String.valueOf(receipt.get("Seconds")));
        assertEquals(cost.toPlainString(), receipt.get("Cost"));
        assertEquals(0, cost.compareTo((BigDecimal) Objects.requireNonNull(receipt.get("Spent"))));
        assertEquals(List.of(), receipts(second), second.log());
    }

    @Test
    void writesReceiptOfWhatItEnds() {
        FakeInstance expired = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        keeper.sweep();

        assertFalse(expired.isAlive());
        assertEquals(1, receipts(keeper).size(), keeper.log());
        // Two hours and the seconds until EC2 shows an extension, at 0.03.
        assertEquals(
                new BigDecimal("0.03")
                        .multiply(BigDecimal.valueOf(7_200 + VisibilityWait.MAX_DELAY.toSeconds()))
                        .divide(BigDecimal.valueOf(3_600), 6, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString(),
                receipts(keeper).getFirst().get("Cost"));
    }

    @Test
    void chargesNothingForTheTimeAfterAStop() {
        FakeInstance stopped = ec2.managedInstance("us-west-2a", "m7g.large");
        stopped.request().persistent();
        stopped.ended("stopped", "Server.SpotInstanceShutdown", Instant.parse("2026-03-01T12:20:00Z"));
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        keeper.sweep();

        assertFalse(stopped.isAlive());
        // An hour and 20 minutes.
        assertEquals("0.04", receipts(keeper).getFirst().get("Cost"), keeper.log());
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T11:30:00Z running,                                   0.015",
        "2026-03-01T11:15:00Z stopped Client.InstanceInitiatedShutdown,  0.0075",
        "2026-03-01T11:15:00Z stopped Server.SpotInstanceShutdown,       0",
    })
    void knowsCostOfInstanceWhoseStateBeforeTheEndWasRecorded(String state, String cost) {
        ended().tag(BEFORE_END, state).request().persistent().state("cancelled");

        keeper.sweep();

        assertEquals(cost, receipts(keeper).getFirst().get("Cost"), keeper.log());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "running",
                "now running",
                "2026-03-01T11:15:00Z",
                "2026-03-01T11:15:00Z stopped",
                "2026-03-01T11:15:00Z stopped a b",
                "+1000000000-12-31T23:59:59Z stopped Client.UserInitiatedShutdown",
                // After its end.
                "9999-12-31T23:59:59Z stopped Client.UserInitiatedShutdown",
                "2026-03-01T11:30:01Z stopped Client.UserInitiatedShutdown",
                // Of an end that failed.
                "2026-03-01T11:24:59Z running",
                // Before its last start.
                "2026-03-01T10:59:59Z stopped Server.SpotInstanceShutdown"
            })
    void doesNotKnowCostOfInstanceThatMayHaveBeenStopped(String state) {
        ended().tag(BEFORE_END, state).request().persistent().state("cancelled");

        keeper.sweep();

        Map<?, ?> receipt = receipts(keeper).getFirst();
        assertNull(receipt.get("Cost"), receipt.toString());
        assertTrue(receipt.get("CostUnknown") != null, receipt.toString());
    }

    @Test
    void writesReceiptOfEachRun() {
        FakeInstance instance = ec2.managedInstance("us-west-2a", "m7g.large")
                .ended("stopped", "Server.SpotInstanceShutdown", Instant.parse("2026-03-01T11:40:00Z"));
        instance.request().persistent();
        keeper.sweep();
        keeper.sweep();
        assertEquals(List.of("0"), costs(), "free, because EC2 interrupted it in its first hour");

        time.sleep(Duration.ofMinutes(10));
        instance.started(time.instant());
        keeper.sweep();
        assertEquals(List.of("0"), costs());

        time.sleep(Duration.ofMinutes(30));
        instance.ended("terminated", "Client.UserInitiatedShutdown", time.instant())
                .tag(BEFORE_END, time.instant() + " running");
        keeper.sweep();
        keeper.sweep();
        assertEquals(List.of("0", "0.015"), costs());
    }

    @Test
    void writesNoSecondReceiptIfStoppedInstanceEnds() {
        FakeInstance instance = ec2.managedInstance("us-west-2a", "m7g.large")
                .ended("stopped", "Client.InstanceInitiatedShutdown", Instant.parse("2026-03-01T11:40:00Z"));
        instance.request().persistent();
        keeper.sweep();
        time.sleep(Duration.ofMinutes(10));
        instance.ended("terminated", "Client.UserInitiatedShutdown", time.instant());
        time.sleep(Duration.ofMinutes(10));
        keeper.sweep();
        keeper(false).sweep();

        assertEquals(List.of("0.02"), costs());
    }

    private List<String> costs() {
        return receipts(keeper).stream()
                .map(receipt -> String.valueOf(receipt.get("Cost")))
                .toList();
    }

    @Test
    void waitsUntilEc2HasHadTimeToShowTheStateBeforeTheEnd() {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", time.instant());
        ended.request().persistent().state("cancelled");
        keeper.sweep();
        assertEquals(List.of(), receipts(keeper), keeper.log());

        ended.tag(BEFORE_END, "2026-03-01T11:30:00Z stopped Client.InstanceInitiatedShutdown");
        keeper.sweep();

        assertEquals("0.015", receipts(keeper).getFirst().get("Cost"), keeper.log());
    }

    @Test
    void writesReceiptLaterIfPricesAreUnreadable() {
        FakeInstance ended = ended();
        aws.always("DescribeSpotPriceHistory", Fault.denied());
        keeper.sweep();
        assertEquals(List.of(), receipts(keeper), keeper.log());
        keeper.assertLogged("\"level\":\"WARN\"", ended.id());
        assertNull(ended.tags().get(RECEIPT));

        aws.always("DescribeSpotPriceHistory", Fault.none());
        keeper.sweep();

        assertEquals(1, receipts(keeper).size(), keeper.log());
    }

    @Test
    void writesReceiptOnceIfEc2DoesNotTagTheInstance() {
        FakeInstance ended = ended();
        aws.always("CreateTags", Fault.denied());

        keeper.sweep();
        keeper.sweep();

        assertNull(ended.tags().get(RECEIPT));
        assertEquals(1, receipts(keeper).size(), keeper.log());
        keeper.assertLogged("\"level\":\"WARN\"", "NotAuthorized");
    }

    @Test
    void waitsForSpotRequestIfInstanceHasNoTimeOfItsEnd() {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large")
                .state("shutting-down")
                .stateReason("Client.InstanceInitiatedShutdown");
        keeper.sweep();
        assertEquals(List.of(), receipts(keeper), keeper.log());

        ended.state("terminated")
                .request()
                .status("instance-terminated-by-user", Instant.parse("2026-03-01T11:20:00Z"));
        keeper.sweep();

        assertEquals("0.01", receipts(keeper).getFirst().get("Cost"), keeper.log());
    }

    @Test
    void saysThatCostIsUnknown() {
        ec2.managedInstance("us-west-2b", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T11:30:00Z"));

        keeper.sweep();

        Map<?, ?> receipt = receipts(keeper).getFirst();
        assertNull(receipt.get("Cost"), receipt.toString());
        assertFalse(receipt.containsKey("Spent"), receipt.toString());
        assertTrue(receipt.get("CostUnknown") != null, receipt.toString());
    }

    @Test
    void writesNoReceiptOfForeignInstance() {
        ec2.foreignInstance("us-west-2a", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T11:30:00Z"));

        keeper.sweep();

        assertEquals(List.of(), receipts(keeper), keeper.log());
        assertEquals(List.of(), aws.calls("DescribeSpotPriceHistory"));
    }

    @Test
    void logsHourlyCostOfAllRegions() {
        ec2.managedInstance("us-west-2a", "m7g.large");
        ec2.managedInstance("us-east-1a", "m7g.large");

        keeper.sweep();
        keeper.assertLogged("\"HourlyCost\":0.05");

        keeper.clearLog();
        time.sleep(Duration.ofMinutes(1));
        aws.always("DescribeSpotPriceHistory", Fault.error("us-west-2", 403, "UnauthorizedOperation"));
        keeper.sweep();
        assertFalse(keeper.log().contains("HourlyCost"), "a part of the regions is not the cost: " + keeper.log());
    }

    @Test
    void logsNoHourlyCostIfNothingRuns() {
        ec2.managedInstance("us-west-2a", "m7g.large")
                .ended("stopped", "Server.SpotInstanceShutdown", Instant.parse("2026-03-01T11:30:00Z"))
                .request()
                .persistent();

        keeper.sweep();

        assertFalse(keeper.log().contains("HourlyCost"), keeper.log());
    }

    @Test
    void readsOnDemandPriceWhereOnDemandIsAllowed() {
        aws.priceList().price("m7g.large", "0.0816");
        ec2.managedInstance("us-west-2a", "m7g.large")
                .onDemand()
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T11:30:00Z"));

        KeeperUnderTest allowing = keeper(true);
        allowing.sweep();

        assertEquals("0.0408", receipts(allowing).getFirst().get("Cost"), allowing.log());
    }

    private KeeperUnderTest keeper(boolean allowOnDemand) {
        return new KeeperUnderTest(aws, time, allowOnDemand, List.of());
    }

    private FakeInstance ended() {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large")
                .ended("terminated", "Client.UserInitiatedShutdown", Instant.parse("2026-03-01T11:30:00Z"));
        ended.request().state("closed");
        return ended;
    }

    private static List<Map<?, ?>> receipts(KeeperUnderTest keeper) {
        return keeper.log()
                .lines()
                .<Map<?, ?>>map(line -> (Map<?, ?>) Objects.requireNonNull(Json.parse(line)))
                .filter(line -> "receipt".equals(line.get("message")))
                .toList();
    }
}
