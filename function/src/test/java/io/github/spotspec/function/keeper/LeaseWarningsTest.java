package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
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

/** The warnings that leases end soon. Managed instances have a lease of one hour. */
final class LeaseWarningsTest {
    private static final Duration LEASE = Duration.ofHours(1);

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final KeeperUnderTest keeper = new KeeperUnderTest(aws, time, false, List.of());

    @Test
    void warnsOnceOfTheEndOfALease() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        ec2.foreignInstance("us-west-2a", "m7g.large").tag("spotspec:lease", leaseOf(managed));
        time.sleep(LEASE.minus(KeeperUnderTest.LEASE_WARNING).minusSeconds(1));
        keeper.sweep();
        assertEquals(List.of(), messages());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();
        time.sleep(Duration.ofMinutes(5));
        keeper.sweep();

        assertEquals(1, messages().size());
        FakeTopic.Message message = messages().getFirst();
        assertEquals(KeeperUnderTest.TOPIC, message.topic());
        assertEquals("lease-ending", message.event());
        assertTrue(message.subject().contains(managed.id()), message.subject());
        for (String fact : List.of(managed.id(), "m7g.large", "us-west-2a", leaseOf(managed), "15 minutes")) {
            assertTrue(message.text().contains(fact), fact + " is missing in: " + message.text());
        }
        assertEquals(leaseOf(managed), managed.tags().get("spotspec:warned"));
        keeper.assertLogged("\"LeaseWarnings\":1");
        assertEquals(1, keeper.log().split("\"LeaseWarnings\":", -1).length - 1, keeper.log());
    }

    @Test
    void warnsAgainOfAMovedLease() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(LEASE.minusMinutes(10));
        keeper.sweep();
        String moved = time.instant().plus(Duration.ofHours(2)).toString();
        managed.tag("spotspec:lease", moved);
        keeper.sweep();
        assertEquals(1, messages().size());

        time.sleep(Duration.ofHours(2).minusMinutes(10));
        keeper.sweep();

        assertEquals(2, messages().size());
        assertTrue(
                messages().getLast().text().contains(moved),
                messages().getLast().text());
        assertEquals(moved, managed.tags().get("spotspec:warned"));
    }

    @Test
    void warnsOfALeaseShorterThanTheWarning() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", time.instant().plusSeconds(61).toString());

        keeper.sweep();

        assertEquals(1, messages().size());
        assertTrue(
                messages().getFirst().text().contains("2 minutes"),
                messages().getFirst().text());
        assertTrue(managed.isAlive());
    }

    @Test
    void doesNotWarnOfALeaseThatIsOver() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(LEASE);
        keeper.sweep();
        assertTrue(managed.isAlive());
        time.sleep(VisibilityWait.MAX_DELAY);
        keeper.sweep();

        assertFalse(managed.isAlive());
        assertEquals(List.of(), messages());
    }

    @Test
    void doesNotWarnOfInstancesThatItEndsAsSurplus() {
        FakeInstance first = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b0.1");
        ec2.managedInstance("us-west-2b", "m7g.large").tag("spotspec:request", "a0.b0.1");
        ec2.managedInstance("us-east-1a", "m7g.large").tag("spotspec:request", "a0.b0.1");
        time.sleep(LEASE.minusMinutes(10));

        keeper.sweep();

        assertEquals(List.of(first), ec2.alive());
        assertEquals(1, messages().size());
        assertTrue(messages().getFirst().subject().contains(first.id()));
    }

    @Test
    void marksInstancesOfARegionWithOneCall() {
        for (String zone : List.of("us-west-2a", "us-west-2a", "us-west-2b", "us-east-1a")) {
            ec2.managedInstance(zone, "m7g.large");
        }
        time.sleep(LEASE.minusMinutes(10));

        keeper.sweep();

        assertEquals(4, messages().size());
        assertEquals(2, aws.calls("CreateTags").size());
    }

    @Test
    void warnsOfOthersWhenOneWarningFails() {
        FakeInstance unreported = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance reported = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(LEASE.minusMinutes(10));
        aws.topic().rejectMessagesAbout(unreported.id());

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertNull(unreported.tags().get("spotspec:warned"));
        assertEquals(leaseOf(reported), reported.tags().get("spotspec:warned"));
        keeper.assertLogged("\"level\":\"ERROR\"", "\"LeaseWarnings\":1");

        aws.topic().rejectMessagesAbout(null);
        keeper.sweep();

        assertEquals(2, messages().size(), "the failed warning is made up for");
        assertEquals(leaseOf(unreported), unreported.tags().get("spotspec:warned"));
    }

    @Test
    void warnsAgainWhenTheTagCannotBeSet() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(LEASE.minusMinutes(10));
        aws.always("CreateTags", Fault.denied());

        keeper.sweep();
        keeper.sweep();

        assertEquals(2, messages().size(), "a repeated warning is better than none");
        assertNull(managed.tags().get("spotspec:warned"));
        keeper.assertLogged("\"level\":\"ERROR\"", "NotAuthorized");
    }

    @Test
    void endsLeasesWhenWarningsFail() {
        FakeInstance expired = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", time.instant().minusSeconds(60).toString());
        ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", time.instant().plusSeconds(600).toString());
        aws.topic().rejectMessages();

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertFalse(expired.isAlive());
        keeper.assertLogged("\"LeasesEnded\":1");
        assertFalse(keeper.log().contains("LeaseWarnings"), keeper.log());
    }

    @Test
    void invalidWarnedTagDoesNotKeepTheWarningBack() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:warned", "yes");
        time.sleep(LEASE.minusMinutes(10));

        keeper.sweep();

        assertEquals(1, messages().size());
        assertEquals(
                Instant.parse(leaseOf(managed)), Instant.parse(managed.tags().get("spotspec:warned")));
    }

    private List<FakeTopic.Message> messages() {
        return aws.topic().messages();
    }

    private static String leaseOf(FakeInstance instance) {
        return String.valueOf(instance.tags().get("spotspec:lease"));
    }
}
