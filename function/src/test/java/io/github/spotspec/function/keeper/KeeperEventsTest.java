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
import io.github.spotspec.function.fake.FakeTopic;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the keeper's events, messages and metrics. */
final class KeeperEventsTest {
    private static final String EARLIER = "2026-03-01T11:58:30Z";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final FakeEc2 ec2 = aws.ec2();
    private final KeeperUnderTest keeper = new KeeperUnderTest(aws, time, false, List.of("m7g.large"));

    private static String id(FakeInstance instance) {
        return "'instance-id':'" + instance.id() + "'";
    }

    @Test
    void publishesKnownFactsOfTheInstance() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        String answer = keeper.notice(
                KeeperUnderTest.WARNING, "'time':'" + EARLIER + "',", id(managed) + ",'instance-action':'stop'");

        assertEquals("{}", answer);
        FakeTopic.Message message = aws.topic().messages().getFirst();
        assertEquals(KeeperUnderTest.TOPIC, message.topic());
        assertEquals("Spot interruption: " + managed.id() + " m7g.large us-west-2a", message.subject());
        for (String part : List.of(
                managed.id(),
                "m7g.large",
                "us-west-2a",
                managed.request().id(),
                "2026-03-01T13:00:00Z",
                "arn:aws:iam::111122223333:user/alice",
                "2026-03-01T11:00:00Z",
                EARLIER,
                "stop it")) {
            assertTrue(message.text().contains(part), part + " is missing in: " + message.text());
        }
        keeper.assertLogged(KeeperUnderTest.WARNING);
        keeper.assertLogged(
                "\"level\":\"INFO\"",
                "\"region\":\"us-west-2\"",
                "\"instance\":\"" + managed.id() + "\"",
                "\"own\":true");
        assertFalse(keeper.log().contains("RebalanceRecommendations"), keeper.log());
    }

    @Test
    void publishesRecommendationAsRiskAndAvoidsThePool() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        keeper.notice("EC2 Instance Rebalance Recommendation", "'time':'" + EARLIER + "',", id(managed));

        FakeTopic.Message message = aws.topic().messages().getFirst();
        assertEquals("Spot interruption likely: " + managed.id() + " m7g.large us-west-2a", message.subject());
        assertTrue(message.text().contains("elevated risk"), message.text());
        assertFalse(message.text().contains("two minutes"), message.text());
        assertEquals(EARLIER, managed.tags().get("spotspec:interrupted"));
        keeper.assertLogged("\"RebalanceRecommendations\":1");
        assertFalse(keeper.log().contains("\"Interruptions\""), keeper.log());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'time':'soon',", "'time':7,"})
    void usesArrivalTimeForNoticeWithoutTime(String noTime) {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");

        keeper.notice(KeeperUnderTest.WARNING, noTime, id(managed));

        assertEquals(FakeClock.START.toString(), managed.tags().get("spotspec:interrupted"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'source':'aws.s3','detail-type':'EC2 Spot Instance Interruption"
                        + " Warning','region':'us-west-2','detail':{'instance-id':'ID'}}",
                "{'source':'aws.ec2','detail-type':'EC2 Instance State-change"
                        + " Notification','region':'us-west-2','detail':{'instance-id':'ID'}}",
                "{'source':'aws.ec2','detail-type':'EC2 Spot Instance Interruption"
                        + " Warning','region':'eu-west-1','detail':{'instance-id':'ID'}}",
                "{'source':'aws.ec2','detail-type':'EC2 Spot Instance Interruption"
                        + " Warning','detail':{'instance-id':'ID'}}",
                "{'source':'aws.ec2','detail-type':'EC2 Spot Instance Interruption"
                        + " Warning','region':'us-west-2','detail':{'instance-id':7}}",
                "{'source':'aws.ec2','detail-type':'EC2 Spot Instance Interruption"
                        + " Warning','region':'us-west-2','detail':'ID'}",
                "{'source':'aws.ec2','detail-type':'EC2 Instance Rebalance Recommendation','region':'us-west-2'}",
                "{}",
                "[]"
            })
    void ignoresOtherEvents(String event) {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofDays(1));

        assertEquals("{}", keeper.handle(event.replace("ID", managed.id())));

        assertEquals(List.of(), aws.calls());
        assertEquals(List.of(), aws.topic().messages());
        assertTrue(managed.isAlive());
        keeper.assertLogged("\"level\":\"WARN\"");
    }

    @Test
    void waitsForInstanceThatEc2DoesNotShowYet() {
        keeper.notice(KeeperUnderTest.WARNING, "", "'instance-id':'i-0badbad0'");

        assertEquals(VisibilityWait.MAX_DELAY, Duration.between(FakeClock.START, time.instant()));
        keeper.assertLogged("\"own\":false");
    }

    @Test
    void doesNotWaitForUntaggedInstance() {
        keeper.notice(KeeperUnderTest.WARNING, "", id(ec2.foreignInstance("us-west-2a", "m7g.large")));

        assertEquals(FakeClock.START, time.instant());
    }

    @Test
    void reportsInstanceThatCannotBeTagged() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        aws.always("CreateTags", Fault.denied());

        keeper.notice(KeeperUnderTest.WARNING, "", id(managed));

        keeper.assertLogged("\"level\":\"ERROR\"", "\"reason\":\"NotAuthorized\"");
        assertEquals(2, keeper.log().split("\"instance\":\"" + managed.id(), -1).length - 1, keeper.log());
    }

    @Test
    void keepsRequestOfRunningInstance() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        FakeInstance stopped = ec2.managedInstance("us-west-2a", "m7g.large").state("stopped");

        keeper.sweep();

        assertTrue(managed.request().isAlive());
        assertTrue(stopped.request().isAlive());
        assertEquals(List.of(), aws.calls("CancelSpotInstanceRequests"));
        assertFalse(keeper.log().contains("RequestsEnded"), keeper.log());
        keeper.assertLogged("\"InstancesAlive\":2");
    }

    @Test
    void cancelsRequestOfEndedInstance() {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large").state("terminated");

        keeper.sweep();

        assertFalse(ended.request().isAlive());
        keeper.assertLogged("\"RequestsEnded\":1", "\"InstancesAlive\":0");
    }

    @Test
    void ignoresClosedRequest() {
        ec2.openRequest("us-west-2a", "m7g.large", 3_600).state("closed");

        keeper.sweep();

        assertEquals(List.of(), aws.calls("CancelSpotInstanceRequests"));
        assertFalse(keeper.log().contains("Ended"), keeper.log());
    }

    @Test
    void cancelsNewRequestAfterItsLease() {
        FakeRequest open = ec2.openRequest("us-west-2a", "m7g.large", 0)
                .tag("spotspec:lease", FakeClock.START.plusSeconds(60).toString());
        time.sleep(Duration.ofSeconds(59));
        keeper.sweep();
        assertTrue(open.isAlive());

        time.sleep(Duration.ofSeconds(1));
        keeper.sweep();

        assertFalse(open.isAlive());
    }

    @Test
    void endsNoMoreThanTheSurplus() {
        List<FakeInstance> launched = List.of(
                ec2.managedInstance("us-west-2a", "m7g.large"),
                ec2.managedInstance("us-west-2b", "m7g.large"),
                ec2.managedInstance("us-west-2c", "m7g.large"));
        launched.forEach(one -> one.tag("spotspec:request", "a0.b0.2"));
        FakeInstance otherLaunch =
                ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b1.1");
        FakeInstance withoutTag = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:request");
        FakeInstance alsoWithoutTag =
                ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:request");

        keeper.sweep();

        assertEquals(List.of(launched.get(0), launched.get(1), otherLaunch, withoutTag, alsoWithoutTag), ec2.alive());
        keeper.assertLogged("\"SurplusEnded\":1", "\"InstancesAlive\":5");
    }

    @Test
    void doesNotCountEndedInstancesOfLaunch() {
        FakeInstance ended = ec2.managedInstance("us-west-2a", "m7g.large").state("terminated");
        FakeInstance alive = ec2.managedInstance("us-west-2a", "m7g.large");
        List.of(ended, alive).forEach(one -> one.tag("spotspec:request", "a0.b0.1"));

        keeper.sweep();

        assertEquals(List.of(alive), ec2.alive());
    }

    @Test
    void recordsTheLongestOverrun() {
        ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", FakeClock.START.plusSeconds(30).toString());
        ec2.managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:lease", FakeClock.START.plusSeconds(10).toString());
        ec2.managedInstance("us-east-1a", "m7g.large")
                .tag("spotspec:lease", FakeClock.START.plusSeconds(70).toString());
        time.sleep(Duration.ofSeconds(100));

        keeper.sweep();

        keeper.assertLogged("\"LeaseOverrun\":90,", "\"LeasesEnded\":3");
    }

    @Test
    void recordsWhatEachSweepEnded() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large").keptVolume("vol-0123456789abcdef0");
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        keeper.sweep();

        keeper.assertLogged(
                "\"InstanceId\":\"" + managed.id() + "\"",
                "\"SpotInstanceRequestId\":\"" + managed.request().id() + "\"",
                "\"Region\":\"us-west-2\"",
                "\"Ended\":true",
                "vol-0123456789abcdef0");
        assertFalse(keeper.log().contains("\"level\":\"ERROR\""), keeper.log());
        assertFalse(keeper.log().contains("untagged"), keeper.log());
    }

    @Test
    void reportsWhatCannotBeEndedAndWhy() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        aws.always("TerminateInstances", Fault.forId(managed.id(), 400, "OperationNotPermitted"));
        time.sleep(Duration.ofHours(1).plus(VisibilityWait.MAX_DELAY));

        String message = String.valueOf(
                assertThrows(IllegalStateException.class, keeper::sweep).getMessage());

        assertTrue(message.contains("not ended: 1"), message);
        keeper.assertLogged("\"reason\":\"Ec2Refused\"", "OperationNotPermitted", "\"InstancesAlive\":1");
        assertFalse(keeper.log().contains("RegionsFailed"), keeper.log());
    }

    @Test
    void reportsFailedRegionAndSkipsItsPrices() {
        ec2.catalog().price("us-west-2a", "m7g.large", "0.02").price("us-east-1a", "m7g.large", "0.03");
        aws.always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        String message = String.valueOf(
                assertThrows(IllegalStateException.class, keeper::sweep).getMessage());

        assertTrue(message.contains("us-east-1") && !message.contains("us-west-2"), message);
        keeper.assertLogged("\"region\":\"us-east-1\"", "\"reason\":\"NotAuthorized\"", "\"SpotPrice\":0.02");
        assertFalse(keeper.log().contains("us-east-1a"), keeper.log());
        assertTrue(aws.calls("DescribeSpotPriceHistory").stream()
                .allMatch(call -> call.region().equals("us-west-2")));
    }

    @Test
    void recordsPricesOfOtherRegionsWhenOneFails() {
        ec2.catalog().price("us-west-2a", "m7g.large", "0.02").price("us-east-1a", "m7g.large", "0.03");
        aws.always("DescribeSpotPriceHistory", Fault.error("us-west-2", 403, "UnauthorizedOperation"));

        keeper.sweep();

        keeper.assertLogged("\"level\":\"WARN\"", "\"region\":\"us-west-2\"", "\"SpotPrice\":0.03");
    }

    @Test
    void readsNoPricesWithoutWatchedTypes() {
        new KeeperUnderTest(aws, time, false, List.of()).sweep();

        assertEquals(List.of(), aws.calls("DescribeSpotPriceHistory"));
        assertEquals(2, aws.calls("DescribeInstances").size());
    }

    @Test
    void namesUntaggedInstanceItMayNotEnd() {
        FakeInstance untagged = ec2.managedInstance("us-west-2a", "m7g.large").withoutTag("spotspec:service");

        assertThrows(IllegalStateException.class, keeper::sweep);

        FakeTopic.Message message = aws.topic().messages().getFirst();
        assertEquals(KeeperUnderTest.TOPIC, message.topic());
        for (String part :
                List.of(untagged.id(), "us-west-2", untagged.request().id(), "cancelled")) {
            assertTrue(message.text().contains(part), part + " is missing in: " + message.text());
        }
    }

    @Test
    void usesItsOwnRole() {
        FakeInstance managed = ec2.managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(2));

        keeper.sweep();

        assertFalse(managed.isAlive());
        assertTrue(aws.calls().stream().allMatch(call -> call.accessKeyId().equals(KeeperUnderTest.ACCESS_KEY_ID)));
    }

    @Test
    void endsSurplusOfLaunchOverRegions() {
        FakeInstance first = ec2.managedInstance("us-east-1a", "m7g.large").tag("spotspec:request", "a0.b0.1");
        time.sleep(Duration.ofSeconds(1));
        FakeInstance second = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b0.1");

        keeper.sweep();

        assertTrue(first.isAlive());
        assertFalse(second.isAlive());
        keeper.assertLogged("\"SurplusEnded\":1", "\"InstancesAlive\":1");
    }

    @Test
    void keepsAllInstancesThatLaunchOverRegionsAskedFor() {
        FakeInstance first = ec2.managedInstance("us-east-1a", "m7g.large").tag("spotspec:request", "a0.b0.2");
        FakeInstance second = ec2.managedInstance("us-west-2a", "m7g.large").tag("spotspec:request", "a0.b0.2");

        keeper.sweep();

        assertTrue(first.isAlive());
        assertTrue(second.isAlive());
        keeper.assertLogged("\"InstancesAlive\":2");
    }
}
