package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeRequest;
import io.github.spotspec.function.fake.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.model.SnsException;

final class KeeperHandlerTest {
    private static final String NOTICED_AT = "2026-03-01T11:58:30Z";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private KeeperHandler keeper = keeper(false);

    private KeeperHandler keeper(boolean allowOnDemand) {
        return new KeeperHandler(
                new KeeperSettings(
                        FakeEc2.SERVICE,
                        List.of("us-west-2", "us-east-1"),
                        Duration.ofDays(7),
                        "arn:aws:sns:us-west-2:111122223333:t",
                        allowOnDemand,
                        List.of("m7g.large")),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAKEEPER", "keeper-secret")),
                aws,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @Test
    void endsInstancesPastTheirLeaseButNotBefore() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = ec2.managedInstance("us-east-1a", "m7g.large");
        FakeInstance foreign = ec2.foreignInstance("us-west-2a", "m7g.large").tag("spotspec:lease", NOTICED_AT);
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST).minusSeconds(1));
        sweep();
        assertEquals(List.of(managed, east, foreign), ec2.alive());

        time.sleep(Duration.ofSeconds(1));
        sweep();

        assertEquals(List.of(foreign), ec2.alive());
        assertTrue(foreign.request().isAlive());
        assertFalse(managed.request().isAlive());
        assertLogged("\"LeasesEnded\":2");
        assertFalse(logged().contains("NotEnded"), "no metric for what did not happen: " + logged());
    }

    @Test
    void logsInstancesAliveUnlessARegionFails() {
        ec2.managedInstance("us-west-2a", "m7g.large");
        ec2.managedInstance("us-east-1a", "m7g.large");
        ec2.foreignInstance("us-west-2a", "m7g.large");
        sweep();
        assertLogged("\"InstancesAlive\":2");
        assertFalse(logged().contains("LeaseOverrun"), logged());

        log.reset();
        time.sleep(Duration.ofHours(1).plusSeconds(90));
        sweep();
        assertLogged("\"InstancesAlive\":0", "\"LeaseOverrun\":90,");

        log.reset();
        aws.always("DescribeInstances", Fault.error("us-west-2", 403, "UnauthorizedOperation"));
        assertThrows(IllegalStateException.class, this::sweep);
        assertFalse(logged().contains("InstancesAlive"), logged());
    }

    @Test
    void logsPricesOfWatchedPools() {
        ec2.catalogue().price("us-west-2a", "m7g.large", "0.0251").price("us-west-2b", "m7g.large", "0.03");

        sweep();

        assertLogged(
                "\"zone\":\"us-west-2a\",\"type\":\"m7g.large\"",
                "\"Dimensions\":[[\"service\",\"zone\",\"type\"]]",
                "\"SpotPrice\":0.0251",
                "\"SpotPrice\":0.03");
    }

    @Test
    void sweepsWhenPricesAreUnavailable() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST));
        aws.always("DescribeSpotPriceHistory", Fault.denied());

        sweep();

        assertFalse(managed.isAlive());
        assertLogged("\"level\":\"WARN\"", "NotAuthorized", "\"LeasesEnded\":1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tomorrow, perhaps"})
    void treatsMissingOrInvalidLeaseAsMaximum(String lease) {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:lease");
        if (!lease.isEmpty()) {
            managed.tag("spotspec:lease", lease);
        }
        // The instance was launched an hour ago.
        time.sleep(Duration.ofDays(7).minusHours(1).plus(VisibilityWait.LONGEST).minusSeconds(1));
        sweep();
        assertTrue(managed.isAlive());

        time.sleep(Duration.ofSeconds(1));
        sweep();

        assertFalse(managed.isAlive());
    }

    @Test
    void treatsLeaseBeyondMaximumAsMaximum() {
        FakeInstance forged =
                ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "9999-12-31T23:59:59Z");
        FakeInstance longest = ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", time.instant().plus(Duration.ofDays(14)).toString());
        // Both were launched an hour ago.
        time.sleep(Duration.ofDays(7).minusHours(1).plus(VisibilityWait.LONGEST).minusSeconds(1));
        longest.tag(
                "spotspec:lease",
                time.instant().plus(Duration.ofDays(7)).plusSeconds(60).toString());
        sweep();
        assertEquals(List.of(forged, longest), ec2.alive());

        time.sleep(Duration.ofSeconds(1));
        sweep();

        assertEquals(List.of(longest), ec2.alive(), "an instance extended by the maximum lease keeps running");
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        FakeInstance tagged = ec2.managedInstance("us-west-2a", "m7g.large").onDemand();
        FakeInstance spot = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST));

        assertThrows(IllegalStateException.class, this::sweep);

        assertEquals(List.of(tagged), ec2.alive());
        assertFalse(spot.isAlive());
        assertTrue(aws.calls("TerminateInstances").stream()
                .noneMatch(call -> call.form().contains(tagged.id())));
        assertLogged("OnDemandNotAllowed", "\"NotEnded\":1", "\"LeasesEnded\":1");

        keeper = keeper(true);
        sweep();
        assertEquals(List.of(), ec2.alive());
    }

    @Test
    void endsAllInstancesHoweverManyCallsAreNeeded() {
        FakeInstance kept = ec2.managedInstance("us-west-2a", "m7g.large");
        for (int i = 0; i < 1_100; i++) {
            ec2.managedInstance("us-west-2a", "m7g.large");
        }
        // It fails the call for all, so that the keeper terminates each one separately.
        aws.always("TerminateInstances", Fault.forId(kept.id(), 400, "OperationNotPermitted"));
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST));

        assertThrows(IllegalStateException.class, this::sweep);

        assertEquals(List.of(kept), ec2.alive());
    }

    @Test
    void cancelsSpotRequestWithoutInstanceAfterFiveMinutes() {
        FakeRequest open = ec2.openRequest("us-west-2a", "m7g.large", 0);
        time.sleep(Duration.ofMinutes(5).minusSeconds(1));
        sweep();
        assertTrue(open.isAlive());

        time.sleep(Duration.ofSeconds(1));
        sweep();

        assertEquals("cancelled", open.state());
        assertLogged("\"RequestsEnded\":1");
    }

    @Test
    void endsSurplusInstances() {
        FakeInstance first = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b0.1");
        FakeInstance second = ec2.managedInstance("us-west-2b", "m7g.large").tag("spotspec:request", "a0.b0.1");

        sweep();

        assertEquals(List.of(first), ec2.alive());
        assertFalse(second.isAlive());
        assertLogged("\"SurplusEnded\":1");
    }

    @Test
    void sweepsOtherRegionsWhenOneFails() {
        FakeInstance west = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = ec2.managedInstance("us-east-1a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST));
        aws.always("DescribeInstances", Fault.error("us-west-2", 403, "UnauthorizedOperation"));

        assertThrows(IllegalStateException.class, this::sweep);

        assertTrue(west.isAlive());
        assertFalse(east.isAlive());
        assertLogged("\"level\":\"ERROR\"", "\"RegionsFailed\":1", "\"LeasesEnded\":1");
    }

    @Test
    void endsOthersWhenOneCannotBeEnded() {
        FakeInstance kept = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance other = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.LONGEST));
        aws.always("TerminateInstances", Fault.forId(kept.id(), 400, "OperationNotPermitted"));

        assertThrows(IllegalStateException.class, this::sweep);

        assertTrue(kept.isAlive());
        assertFalse(other.isAlive());
        assertLogged("OperationNotPermitted", "\"NotEnded\":1", "\"LeasesEnded\":1");
        assertEquals(List.of(), aws.topic().messages());
    }

    @Test
    void reportsUntaggedInstanceOnce() {
        FakeInstance untagged = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:service");

        assertThrows(IllegalStateException.class, this::sweep);
        sweep();

        assertEquals("cancelled", untagged.request().state());
        assertEquals(1, aws.topic().messages().size());
        assertTrue(aws.topic().messages().getFirst().subject().contains(untagged.id()));
        assertLogged("\"level\":\"ERROR\"", "\"untagged\":true", "\"NotEnded\":1");
    }

    @Test
    void publishesNoticeWithItsTime() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        warn(managed.id());

        assertEquals(1, aws.topic().messages().size());
        assertTrue(aws.topic().messages().getFirst().text().contains(NOTICED_AT));
        assertEquals(NOTICED_AT, managed.tags().get("spotspec:interrupted"));
        assertLogged("\"Interruptions\":1");
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
        assertFalse(logged().contains("Interruptions"), logged());
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
        assertLogged("\"level\":\"ERROR\"", "\"Interruptions\":1");
    }

    @Test
    void failsWhenNoticeCannotBePublished() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        aws.topic().rejectMessages();

        assertThrows(SnsException.class, () -> warn(managed.id()));

        assertFalse(logged().contains("Interruptions"), logged());
        assertFalse(managed.tags().containsKey("spotspec:interrupted"));
    }

    private void sweep() {
        handle("{'source':'aws.events','detail-type':'Scheduled Event','detail':{}}");
    }

    private void warn(String instance) {
        warn(instance, "terminate");
    }

    private void warn(String instance, String action) {
        handle(
                "{'source':'aws.ec2','detail-type':'EC2 Spot Instance Interruption Warning','region':'us-west-2','time':'"
                        + NOTICED_AT + "','detail':{'instance-id':'" + instance + "','instance-action':'" + action
                        + "'}}");
    }

    private void handle(String event) {
        try {
            keeper.handleRequest(
                    new ByteArrayInputStream(event.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
                    new ByteArrayOutputStream(),
                    new FakeContext(30_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String logged() {
        return log.toString(StandardCharsets.UTF_8);
    }

    private void assertLogged(String... parts) {
        for (String part : parts) {
            assertTrue(logged().contains(part), part + " is missing in: " + logged());
        }
    }
}
