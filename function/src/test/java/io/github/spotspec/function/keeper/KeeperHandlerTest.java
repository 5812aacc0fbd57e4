package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeRequest;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.sns.model.SnsException;

final class KeeperHandlerTest {
    private static final String NOTICED_AT = "2026-03-01T11:58:30Z";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final KeeperUnderTest keeper = new KeeperUnderTest(aws, time, false, List.of("m7g.large"));

    @Test
    void endsInstancesPastTheirLeaseButNotBefore() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = ec2.managedInstance("us-east-1a", "m7g.large");
        FakeInstance foreign = ec2.foreignInstance("us-west-2a", "m7g.large").tag("spotspec:lease", NOTICED_AT);
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY).minusSeconds(1));
        keeper.sweep();
        assertEquals(List.of(managed, east, foreign), ec2.alive());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();

        assertEquals(List.of(foreign), ec2.alive());
        assertTrue(foreign.request().isAlive());
        assertFalse(managed.request().isAlive());
        keeper.assertLogged("\"LeasesEnded\":2");
        assertFalse(keeper.log().contains("NotEnded"), "no metric for what did not happen: " + keeper.log());
    }

    @Test
    void logsInstancesAliveUnlessARegionFails() {
        ec2.managedInstance("us-west-2a", "m7g.large");
        ec2.managedInstance("us-east-1a", "m7g.large");
        ec2.foreignInstance("us-west-2a", "m7g.large");
        keeper.sweep();
        keeper.assertLogged("\"InstancesAlive\":2");
        assertFalse(keeper.log().contains("LeaseOverrun"), keeper.log());

        keeper.clearLog();
        time.sleep(Duration.ofHours(1).plusSeconds(90));
        keeper.sweep();
        keeper.assertLogged("\"InstancesAlive\":0", "\"LeaseOverrun\":90,");

        keeper.clearLog();
        aws.always("DescribeInstances", Fault.error("us-west-2", 403, "UnauthorizedOperation"));
        assertThrows(IllegalStateException.class, keeper::sweep);
        assertFalse(keeper.log().contains("InstancesAlive"), keeper.log());
    }

    @Test
    void logsPricesOfWatchedPools() {
        ec2.catalog().price("us-west-2a", "m7g.large", "0.0251").price("us-west-2b", "m7g.large", "0.03");

        keeper.sweep();

        keeper.assertLogged(
                "\"zone\":\"us-west-2a\",\"type\":\"m7g.large\"",
                "\"Dimensions\":[[\"service\",\"zone\",\"type\"]]",
                "\"SpotPrice\":0.0251",
                "\"SpotPrice\":0.03");
    }

    @Test
    void sweepsWhenPricesAreUnavailable() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));
        aws.always("DescribeSpotPriceHistory", Fault.denied());

        keeper.sweep();

        assertFalse(managed.isAlive());
        keeper.assertLogged("\"level\":\"WARN\"", "NotAuthorized", "\"LeasesEnded\":1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tomorrow, perhaps"})
    void treatsMissingOrInvalidLeaseAsMaximum(String lease) {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:lease");
        if (!lease.isEmpty()) {
            managed.tag("spotspec:lease", lease);
        }
        // The instance was launched an hour ago.
        time.sleep(
                Duration.ofDays(7).minusHours(1).plus(VisibilityWait.MAX_DELAY).minusSeconds(1));
        keeper.sweep();
        assertTrue(managed.isAlive());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();

        assertFalse(managed.isAlive());
    }

    @Test
    void treatsLeaseBeyondMaximumAsMaximum() {
        FakeInstance forged =
                ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "9999-12-31T23:59:59Z");
        FakeInstance longest = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", time.instant().plus(Duration.ofDays(14)).toString());
        // Both were launched an hour ago.
        time.sleep(
                Duration.ofDays(7).minusHours(1).plus(VisibilityWait.MAX_DELAY).minusSeconds(1));
        longest.tag(
                "spotspec:lease",
                time.instant().plus(Duration.ofDays(7)).plusSeconds(60).toString());
        keeper.sweep();
        assertEquals(List.of(forged, longest), ec2.alive());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();

        assertEquals(List.of(longest), ec2.alive(), "an instance extended by the maximum lease keeps running");
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        FakeInstance tagged = ec2.managedInstance("us-west-2a", "m7g.large").onDemand();
        FakeInstance spot = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertEquals(List.of(tagged), ec2.alive());
        assertFalse(spot.isAlive());
        assertTrue(aws.calls("TerminateInstances").stream()
                .noneMatch(call -> call.form().contains(tagged.id())));
        keeper.assertLogged("OnDemandNotAllowed", "\"NotEnded\":1", "\"LeasesEnded\":1");

        new KeeperUnderTest(aws, time, true, List.of("m7g.large")).sweep();
        assertEquals(List.of(), ec2.alive());
    }

    @Test
    @Tag("long")
    void endsAllInstancesHoweverManyCallsAreNeeded() {
        FakeInstance kept = ec2.managedInstance("us-west-2a", "m7g.large");
        for (int i = 0; i < 1_100; i++) {
            ec2.managedInstance("us-west-2a", "m7g.large");
        }
        // It fails the call for all, so that the keeper terminates each one separately.
        aws.always("TerminateInstances", Fault.forId(kept.id(), 400, "OperationNotPermitted"));
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertEquals(List.of(kept), ec2.alive());
    }

    @Test
    void cancelsSpotRequestWithoutInstanceAfterFiveMinutes() {
        FakeRequest open = ec2.openRequest("us-west-2a", "m7g.large", 0);
        time.sleep(Duration.ofMinutes(5).minusSeconds(1));
        keeper.sweep();
        assertTrue(open.isAlive());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();

        assertEquals("cancelled", open.state());
        keeper.assertLogged("\"RequestsEnded\":1");
    }

    @Test
    void endsSurplusInstances() {
        FakeInstance first = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b0.1");
        FakeInstance second = ec2.managedInstance("us-west-2b", "m7g.large").tag("spotspec:request", "a0.b0.1");

        keeper.sweep();

        assertEquals(List.of(first), ec2.alive());
        assertFalse(second.isAlive());
        keeper.assertLogged("\"SurplusEnded\":1");
    }

    @Test
    void sweepsOtherRegionsWhenOneFails() {
        FakeInstance west = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = ec2.managedInstance("us-east-1a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));
        aws.always("DescribeInstances", Fault.error("us-west-2", 403, "UnauthorizedOperation"));

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertTrue(west.isAlive());
        assertFalse(east.isAlive());
        keeper.assertLogged("\"level\":\"ERROR\"", "\"RegionsFailed\":1", "\"LeasesEnded\":1");
    }

    @Test
    void endsOthersWhenOneCannotBeEnded() {
        FakeInstance kept = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance other = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));
        aws.always("TerminateInstances", Fault.forId(kept.id(), 400, "OperationNotPermitted"));

        assertThrows(IllegalStateException.class, keeper::sweep);

        assertTrue(kept.isAlive());
        assertFalse(other.isAlive());
        keeper.assertLogged("OperationNotPermitted", "\"NotEnded\":1", "\"LeasesEnded\":1");
        assertEquals(List.of(), aws.topic().messages());
    }

    @Test
    void reportsUntaggedInstanceOnce() {
        FakeInstance untagged = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:service");

        assertThrows(IllegalStateException.class, keeper::sweep);
        keeper.sweep();

        assertEquals("cancelled", untagged.request().state());
        assertEquals(1, aws.topic().messages().size());
        assertTrue(aws.topic().messages().getFirst().subject().contains(untagged.id()));
        keeper.assertLogged("\"level\":\"ERROR\"", "\"untagged\":true", "\"NotEnded\":1");
    }

    @Test
    void publishesNoticeWithItsTime() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        warn(managed.id());

        assertEquals(1, aws.topic().messages().size());
        assertTrue(aws.topic().messages().getFirst().text().contains(NOTICED_AT));
        assertEquals(NOTICED_AT, managed.tags().get("spotspec:interrupted"));
        keeper.assertLogged("\"Interruptions\":1");
    }

    @Test
    void promisesTwoMinutesOnlyWhereEc2DoesNotHibernate() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        warn(managed.id());
        warn(managed.id(), "hibernate");

        assertTrue(aws.topic().messages().getFirst().text().contains("two minutes"));
        String hibernates = aws.topic().messages().getLast().text();
        assertTrue(hibernates.contains(NOTICED_AT), hibernates);
        assertFalse(hibernates.contains("two minutes"), hibernates);
    }

    @Test
    void publishesRepeatedNoticeAgain() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        warn(managed.id());
        warn(managed.id());

        assertEquals(2, aws.topic().messages().size());
        assertEquals(NOTICED_AT, managed.tags().get("spotspec:interrupted"));
    }

    @Test
    void ignoresNoticeAboutForeignOrUnknownInstance() {
        FakeInstance foreign = ec2.foreignInstance("us-west-2a", "m7g.large");

        warn(foreign.id());
        warn("i-0badbad0");

        assertEquals(List.of(), aws.topic().messages());
        assertEquals(List.of(), aws.calls("CreateTags"));
        assertFalse(keeper.log().contains("Interruptions"), keeper.log());
    }

    @Test
    void publishesNoticeAboutInstanceNotShownYet() {
        ec2.showAfter(Duration.ofSeconds(4));
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        warn(managed.id());

        assertEquals(1, aws.topic().messages().size());
        assertEquals(NOTICED_AT, managed.tags().get("spotspec:interrupted"));
    }

    @Test
    void publishesNoticeOnceWhenTaggingFails() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        aws.always("CreateTags", Fault.denied());

        warn(managed.id());

        assertEquals(1, aws.topic().messages().size());
        keeper.assertLogged("\"level\":\"ERROR\"", "\"Interruptions\":1");
    }

    @Test
    void failsWhenNoticeCannotBePublished() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        aws.topic().rejectMessages();

        assertThrows(SnsException.class, () -> warn(managed.id()));

        assertFalse(keeper.log().contains("Interruptions"), keeper.log());
        assertFalse(managed.tags().containsKey("spotspec:interrupted"));
    }

    private void warn(String instance) {
        warn(instance, "terminate");
    }

    private void warn(String instance, String action) {
        keeper.notice(
                KeeperUnderTest.WARNING,
                "'time':'" + NOTICED_AT + "',",
                "'instance-id':'" + instance + "','instance-action':'" + action + "'");
    }
}
