package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.CpuUtilization;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeTopic;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of idle instances. Managed instances were launched an hour ago. */
final class IdleInstancesTest {
    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final KeeperUnderTest keeper = new KeeperUnderTest(aws, time, false, List.of());
    private final FakeInstance instance = managed("us-west-2a");

    @Test
    void warnsFirstAndEndsAfterTwoMoreIdlePeriods() {
        cpu(instance, Duration.ofMinutes(30), 4.9);

        keeper.sweep();
        keeper.sweep();

        assertTrue(instance.isAlive());
        assertEquals(List.of("idle"), events());
        FakeTopic.Message message = aws.topic().messages().getFirst();
        for (String fact : List.of(instance.id(), "m7g.large", "us-west-2a", "endWhenIdle", "30m")) {
            assertTrue(message.text().contains(fact), fact + " is missing in: " + message.text());
        }
        assertEquals(warning(time.instant()), instance.tags().get("spotspec:idle-warned"));
        keeper.assertLogged("\"IdleWarnings\":1");

        ec2.catalog().price("us-west-2a", "m7g.large", "0.03");
        pass(Duration.ofMinutes(5), 4.9);
        keeper.sweep();
        assertTrue(instance.isAlive());
        keeper.assertLogged("\"HourlyCost\":0.03");
        keeper.clearLog();
        pass(Duration.ofMinutes(5), 4.9);
        keeper.sweep();

        assertFalse(instance.isAlive());
        assertEquals(List.of("idle"), events());
        keeper.assertLogged("\"IdleEnded\":1", "\"InstancesAlive\":0");
        assertFalse(keeper.log().contains("HourlyCost"), "it costs nothing any more: " + keeper.log());
    }

    @Test
    void keepsInstanceThatIsBusyAfterTheWarning() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofMinutes(5), 5);
        keeper.sweep();
        assertTrue(instance.isAlive());

        pass(Duration.ofMinutes(30), 0);
        keeper.sweep();

        assertTrue(instance.isAlive(), "the first warning does not count any more");
        assertEquals(List.of("idle", "idle"), events());
    }

    @Test
    void movedLeaseStartsTheTimeAgainAtTheWarning() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        Instant warned = time.instant();
        instance.tag("spotspec:lease", warned.plus(Duration.ofDays(2)).toString());
        for (int minutes = 5; minutes < 30; minutes += 5) {
            pass(Duration.ofMinutes(5), 0);
            keeper.sweep();
        }
        assertTrue(instance.isAlive());
        assertEquals(List.of("idle"), events());

        pass(Duration.ofMinutes(5), 0);
        keeper.sweep();
        assertTrue(instance.isAlive());
        assertEquals(List.of("idle", "idle"), events());

        pass(Duration.ofMinutes(10), 0);
        keeper.sweep();
        assertFalse(instance.isAlive());
    }

    @Test
    void keepsWarnedInstanceWhileNewValuesAreMissing() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofMinutes(10), 0);
        time.sleep(Duration.ofMinutes(11));

        keeper.sweep();

        assertTrue(instance.isAlive(), "it may be busy since the last value");
    }

    @Test
    void keepsInstanceWhoseLeaseIsMovedDuringTheSweep() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofMinutes(10), 0);
        aws.next("GetMetricData", (call, service) -> {
            instance.tag(
                    "spotspec:lease", time.instant().plus(Duration.ofDays(2)).toString());
            return service.answer(call);
        });

        keeper.sweep();

        assertTrue(instance.isAlive());
    }

    @Test
    void endsAtTheNextSweepOfAKeeperThatLooksOnceADay() {
        instance.tag("spotspec:lease", time.instant().plus(Duration.ofDays(5)).toString());
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofDays(1), 0);

        keeper.sweep();

        assertFalse(instance.isAlive());
    }

    @Test
    void warnsAgainAfterActivityBetweenRareSweeps() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofHours(6), 0);
        aws.cloudWatch().put(instance.id(), period().minus(Duration.ofHours(3)), 90);

        keeper.sweep();

        assertTrue(instance.isAlive());
        assertEquals(List.of("idle", "idle"), events());
    }

    @Test
    void timeBeforeTheLastStartIsNotIdleness() {
        FakeInstance started = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:end-when-idle", "PT1H")
                .tag("spotspec:lease", time.instant().plus(Duration.ofDays(1)).toString());
        // The last value is late. Together with values from before the start, an hour ago, it would be 70 minutes.
        for (int minutes = 10; minutes <= 80; minutes += 5) {
            aws.cloudWatch().put(started.id(), period().minus(Duration.ofMinutes(minutes)), 0);
        }

        keeper.sweep();

        assertEquals(List.of(), events());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stopped", "stopping", "pending", "shutting-down"})
    void onlyRunningInstancesAreIdle(String state) {
        cpu(instance, Duration.ofMinutes(60), 0);
        instance.state(state);

        keeper.sweep();

        assertEquals(List.of(), events());
        assertEquals(List.of(), aws.calls("GetMetricData"));
    }

    @Test
    void incompleteAnswerIsNotIdleness() {
        cpu(instance, Duration.ofMinutes(30), 0);
        aws.cloudWatch().failFor(instance.id());

        keeper.sweep();

        assertEquals(List.of(), events());
    }

    @Test
    void readsValuesOnSeveralPages() {
        cpu(instance, Duration.ofMinutes(30), 0);
        aws.cloudWatch().answerOnTwoPages();

        keeper.sweep();

        assertEquals(List.of("idle"), events());
    }

    @Test
    void neverEndsInstanceThatIsIdleForAShorterTime() {
        cpu(instance, Duration.ofMinutes(25), 0);

        keeper.sweep();

        assertEquals(List.of(), events());
    }

    @Test
    void oneBusyPeriodIsEnough() {
        cpu(instance, Duration.ofMinutes(40), 0);
        aws.cloudWatch().put(instance.id(), period().minus(Duration.ofMinutes(15)), 5);

        keeper.sweep();

        assertEquals(List.of(), events());
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 15, 30})
    void missingValueIsNotIdleness(int minutesAgo) {
        cpu(instance, Duration.ofMinutes(30), 0);
        if (minutesAgo == 5) {
            for (int minutes = 5; minutes <= 15; minutes += 5) {
                aws.cloudWatch().remove(instance.id(), period().minus(Duration.ofMinutes(minutes)));
            }
        } else {
            aws.cloudWatch().remove(instance.id(), period().minus(Duration.ofMinutes(minutesAgo)));
        }

        keeper.sweep();

        assertEquals(List.of(), events());
    }

    @Test
    void asksOnlyForInstancesThatWantItAndAreOldEnough() {
        instance.withoutTag("spotspec:end-when-idle");
        managed("us-west-2a").tag("spotspec:end-when-idle", "soon");
        for (String outside : List.of("PT-1H", "PT0S", "PT9M59S", "PT24H1S", "PT2562047788015215H")) {
            managed("us-west-2a").tag("spotspec:end-when-idle", outside);
        }
        FakeInstance young = managed("us-west-2a").tag("spotspec:end-when-idle", "PT2H");
        cpu(young, Duration.ofHours(3), 0);

        keeper.sweep();

        assertEquals(List.of(), aws.calls("GetMetricData"));
        assertEquals(List.of(), events());
    }

    @Test
    void ignoresTagsWhereTheDeploymentDoesNotAllowIt() {
        cpu(instance, Duration.ofMinutes(60), 0);

        KeeperUnderTest.withoutEndWhenIdle(aws, time).sweep();

        assertEquals(List.of(), events());
        assertEquals(List.of(), aws.calls("GetMetricData"));
    }

    @Test
    void endsLeasesAndWarnsNobodyWhenCloudWatchFails() {
        cpu(instance, Duration.ofMinutes(30), 0);
        FakeInstance expired = managed("us-west-2a")
                .tag("spotspec:lease", time.instant().minusSeconds(60).toString());
        aws.always("GetMetricData", Fault.denied());

        keeper.sweep();

        assertFalse(expired.isAlive());
        assertTrue(instance.isAlive());
        assertEquals(List.of(), events());
        keeper.assertLogged("\"LeasesEnded\":1", "\"IdleChecksFailed\":1");
    }

    @Test
    void endsNothingThatItCouldNotWarnOf() {
        cpu(instance, Duration.ofMinutes(60), 0);
        aws.topic().rejectMessages();
        keeper.sweep();
        pass(Duration.ofMinutes(10), 0);
        keeper.sweep();

        assertTrue(instance.isAlive());
        assertNull(instance.tags().get("spotspec:idle-warned"));
        keeper.assertLogged("\"IdleChecksFailed\":1");
    }

    @Test
    void knowsCostOfIdleInstanceThatCouldStop() {
        ec2.catalog().price("us-west-2a", "m7g.large", "0.03");
        instance.request().persistent();
        cpu(instance, Duration.ofMinutes(30), 4.9);
        keeper.sweep();
        pass(Duration.ofMinutes(10), 4.9);

        keeper.sweep();

        assertFalse(instance.isAlive());
        keeper.assertLogged("\"message\":\"receipt\"", "\"Cost\":\"0.035\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9999-12-31T23:59:59Z/2026-03-02T12:00:00Z",
                "2026-02-01T00:00:00Z/2026-03-02T12:00:00Z",
                "-1000000000-01-01T00:00Z/2026-03-02T12:00:00Z",
                "2026-03-01T11:40:00Z",
                "2026-03-01T11:40:00Z/",
                "soon/never",
                "/",
                ""
            })
    void implausibleWarningDoesNotCount(String tag) {
        cpu(instance, Duration.ofMinutes(30), 0);
        instance.tag("spotspec:idle-warned", tag);

        keeper.sweep();

        assertEquals(List.of("idle"), events());
        assertEquals(warning(time.instant()), instance.tags().get("spotspec:idle-warned"));
    }

    @Test
    void asksForAtMost500InstancesACall() {
        instance.withoutTag("spotspec:end-when-idle");
        for (int i = 0; i < 501; i++) {
            managed("us-east-1a");
        }

        keeper.sweep();

        assertEquals(2, aws.calls("GetMetricData").size());
    }

    @Test
    void endsInTheRegionOfTheInstance() {
        FakeInstance east = managed("us-east-1a");
        cpu(east, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(east, Duration.ofMinutes(10), 0);
        aws.always("TerminateInstances", Fault.forId(instance.id(), 400, "OperationNotPermitted"));
        keeper.sweep();

        assertFalse(east.isAlive());
        assertTrue(instance.isAlive());
    }

    @Test
    void failsWhenIdleInstanceCannotBeEnded() {
        cpu(instance, Duration.ofMinutes(30), 0);
        keeper.sweep();
        pass(Duration.ofMinutes(10), 0);
        aws.always("TerminateInstances", Fault.forId(instance.id(), 400, "OperationNotPermitted"));

        assertThrows(IllegalStateException.class, keeper::sweep);

        keeper.assertLogged("\"NotEnded\":1");
    }

    private FakeInstance managed(String zone) {
        return ec2.managedInstance(zone, "m7g.large")
                .tag("spotspec:end-when-idle", "PT30M")
                .tag("spotspec:lease", time.instant().plus(Duration.ofDays(1)).toString());
    }

    private String warning(Instant at) {
        return at + "/" + instance.tags().get("spotspec:lease");
    }

    private Instant period() {
        return CpuUtilization.periodOf(time.instant());
    }

    /** Sets the values of the last whole periods. */
    private void cpu(FakeInstance of, Duration last, double percent) {
        for (Instant start = period().minus(last);
                start.isBefore(period());
                start = start.plus(CpuUtilization.PERIOD)) {
            aws.cloudWatch().put(of.id(), start, percent);
        }
    }

    private void pass(Duration passed, double percent) {
        pass(instance, passed, percent);
    }

    private void pass(FakeInstance of, Duration passed, double percent) {
        time.sleep(passed);
        cpu(of, passed, percent);
    }

    private List<String> events() {
        return aws.topic().messages().stream().map(FakeTopic.Message::event).toList();
    }
}
