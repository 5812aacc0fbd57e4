package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the tasks {@code instances} and {@code requests}. */
final class ListTasksTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    ListTasksTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.031")
                .price("us-west-2a", "m7g.large", "Windows", "0.9");
    }

    @Test
    void listsInstanceWithLeaseAndPrice() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals("instances", answer.event());
        Map<?, ?> row = answer.row(0);
        assertEquals(managed.id(), row.get("InstanceId"));
        assertEquals("m7g.large", row.get("InstanceType"));
        assertEquals("us-west-2a", row.get("AvailabilityZone"));
        assertEquals("running", row.get("State"));
        assertEquals("spot", row.get("InstanceLifecycle"));
        assertEquals(managed.request().id(), row.get("SpotInstanceRequestId"));
        assertEquals("2026-03-01T11:00:00Z", row.get("LaunchTime"));
        assertEquals("2026-03-01T13:00:00Z", row.get("Lease"));
        assertEquals("1h", row.get("LeaseLeft"));
        assertEquals("0.031", row.get("SpotPrice"));
        assertEquals(FunctionUnderTest.CALLER, row.get("Caller"));
        assertNull(row.get("EndWhenIdle"));
        assertNull(row.get("Allocation"));
    }

    @Test
    void listsHowInstanceWasLaunchedAndEnds() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .tag("spotspec:end-when-idle", "PT90M")
                .tag("spotspec:allocation", "capacity-optimized");

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertEquals("90m", row.get("EndWhenIdle"));
        assertEquals("capacity-optimized", row.get("Allocation"));
    }

    @Test
    void listsNameTagsAndAddresses() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .tag("Name", "builder")
                .tag("Team", "B\u00fcro; 2")
                .tag("aws:ec2:fleet-id", "fleet-1")
                .addresses(Map.of(
                        "privateIpAddress", "10.0.0.1",
                        "ipAddress", "198.51.100.7",
                        "ipv6Address", "2001:db8::7",
                        "privateDnsName", "ip-10-0-0-1.us-west-2.compute.internal",
                        "dnsName", "ec2-198-51-100-7.us-west-2.compute.amazonaws.com"));

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertEquals("builder", row.get("Name"));
        assertEquals(Map.of("Name", "builder", "Team", "B\u00fcro; 2"), row.get("Tags"));
        assertEquals("10.0.0.1", row.get("PrivateIpAddress"));
        assertEquals("198.51.100.7", row.get("PublicIpAddress"));
        assertEquals("2001:db8::7", row.get("Ipv6Address"));
        assertEquals("ip-10-0-0-1.us-west-2.compute.internal", row.get("PrivateDnsName"));
        assertEquals("ec2-198-51-100-7.us-west-2.compute.amazonaws.com", row.get("PublicDnsName"));
    }

    @Test
    void listsWhatEc2DoesNotReturnAsNull() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .addresses(Map.of("privateDnsName", "", "dnsName", ""));

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        for (String column :
                List.of("Name", "StateReason", "PublicIpAddress", "Ipv6Address", "PrivateDnsName", "PublicDnsName")) {
            assertTrue(row.containsKey(column) && row.get(column) == null, column + " of " + row);
        }
        assertEquals(Map.of(), row.get("Tags"));
    }

    @Test
    void saysWhyAnInstanceEnded() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .state("terminated")
                .stateReason("Server.SpotInstanceTermination")
                .tag("spotspec:interrupted", "2026-03-01T11:58:00Z");

        Map<?, ?> row = function.send("{'task':'instances'}").row(0);

        assertEquals("Server.SpotInstanceTermination", row.get("StateReason"));
        assertEquals("2026-03-01T11:58:00Z", row.get("Interrupted"));
        assertTrue(row.containsKey("Age") && row.get("Age") == null, row.toString());
    }

    @ParameterizedTest
    @CsvSource({"0,1h", "59,1h", "119,61m", "7200,3h", "18000,6h", "180000,2d"})
    void roundsAgeDown(int moreSeconds, String age) {
        // Launched an hour ago.
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "2026-03-08T12:00:00Z");
        function.advanceClock(Duration.ofSeconds(moreSeconds));

        assertEquals(age, function.send("{'task':'instances'}").column("Age").getFirst());
    }

    @Test
    void listsInstanceWithoutStateButNotWithoutId() {
        function.aws()
                .always(
                        "DescribeInstances",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<reservationSet><item><instancesSet><item><instanceType>m7g.large</instanceType></item>"
                                        + "<item><instanceId>i-0123456789abcdef0</instanceId>"
                                        + "<instanceType>m7g.large</instanceType><placement/><instanceState/>"
                                        + "<launchTime>2026-03-01T11:00:00Z</launchTime></item>"
                                        + "</instancesSet></item></reservationSet>"));

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("i-0123456789abcdef0"), answer.column("InstanceId"));
        assertEquals(List.of("pending"), answer.column("State"));
    }

    @Test
    void listsInstanceWithoutLaunchTimeLast() {
        function.aws()
                .always(
                        "DescribeInstances",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<reservationSet><item><instancesSet>"
                                        + "<item><instanceId>i-0123456789abcdef0</instanceId></item>"
                                        + "<item><instanceId>i-0123456789abcdef1</instanceId>"
                                        + "<launchTime>2026-03-01T11:00:00Z</launchTime></item>"
                                        + "<item><instanceId>i-0123456789abcdef2</instanceId>"
                                        + "<launchTime>2026-03-01T11:30:00Z</launchTime></item>"
                                        + "</instancesSet></item></reservationSet>"));

        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(
                List.of("i-0123456789abcdef2", "i-0123456789abcdef1", "i-0123456789abcdef0"),
                answer.column("InstanceId"));
    }

    @Test
    void listsSpotRequestWithoutStateButNotWithoutId() {
        function.aws()
                .always(
                        "DescribeSpotInstanceRequests",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<spotInstanceRequestSet><item><state>open</state></item>"
                                        + "<item><spotInstanceRequestId>sir-0123abcd</spotInstanceRequestId></item>"
                                        + "</spotInstanceRequestSet>"));

        FunctionUnderTest.Answer answer = function.send("{'task':'requests'}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("sir-0123abcd"), answer.column("SpotInstanceRequestId"));
        assertEquals(List.of("open"), answer.column("State"));
    }

    @Test
    void listsSpotRequestWithLeaseAndPrice() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'requests'}");

        assertEquals("spots", answer.event());
        Map<?, ?> row = answer.row(0);
        assertEquals(managed.request().id(), row.get("SpotInstanceRequestId"));
        assertEquals("active", row.get("State"));
        assertEquals("fulfilled", row.get("Status"));
        assertEquals("one-time", row.get("Type"));
        assertEquals(managed.id(), row.get("InstanceId"));
        assertEquals("1h", row.get("LeaseLeft"));
        assertEquals("0.031", row.get("SpotPrice"));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00Z,0s",
        "2026-03-01T11:00:00Z,0s",
        "2026-03-01T12:00:00.400Z,0s",
        "2026-03-01T12:09:59Z,599s",
        "2026-03-01T12:10:59Z,10m",
        "2026-03-03T12:00:00Z,2d",
        // An invalid lease counts as the maximum lease, from the launch an hour ago.
        "2026-03-08T12:02:01Z,167h",
        "9999-12-31T23:59:59Z,167h",
        "tomorrow,167h"
    })
    void formatsRemainingLeaseForPeople(String lease, String left) {
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", lease);

        assertEquals(
                left,
                String.valueOf(function.send("{'task':'instances'}").row(0).get("LeaseLeft")));
    }

    @Test
    void showsNoRemainingLeaseForEndedInstances() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .state("terminated")
                .request()
                .state("closed");
        function.ec2().managedInstance("us-west-2a", "m7g.large").state("shutting-down");

        assertEquals(
                List.of("null", "null"), function.send("{'task':'instances'}").column("LeaseLeft"));
        assertEquals(List.of("null", "1h"), function.send("{'task':'requests'}").column("LeaseLeft"));
    }

    @Test
    void hidesWhatIsNotTaggedForTheDeployment() {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");
        FakeInstance another =
                function.ec2().foreignInstance("us-west-2a", "m7g.large").tag("spotspec:service", "Another");
        another.request().tag("spotspec:service", "Another");
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

        assertEquals(
                List.of(managed.id()), function.send("{'task':'instances'}").column("InstanceId"));
        assertEquals(List.of(managed.id()), function.send("{'task':'requests'}").column("InstanceId"));
        FunctionUnderTest.Answer byId = function.send("{'task':'instances','instanceIds':['" + foreign.id() + "','"
                + managed.id() + "','" + another.id() + "']}");
        assertEquals(List.of(managed.id()), byId.column("InstanceId"));
        assertEquals(List.of(foreign.id(), another.id()), byId.meta().get("missing"));
    }

    @Test
    void reportsMissingIds() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'requests','spotInstanceRequestIds':['sir-0badbad0','"
                + managed.request().id() + "']}");

        assertEquals(1, answer.data().size());
        assertEquals(List.of("sir-0badbad0"), answer.meta().get("missing"));
    }

    @Test
    void listsOnlyTheGivenRegions() {
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");
        FakeInstance west = function.ec2().managedInstance("us-west-2a", "m7g.large");

        assertEquals(List.of(west.id()), function.send("{'task':'instances'}").column("InstanceId"));
        assertEquals(
                List.of(west.id(), east.id()),
                function.send("{'task':'instances','regions':'all'}").column("InstanceId"));
    }

    @Test
    void listsWithoutPricesWhenTheyAreUnavailable() {
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("DescribeSpotPriceHistory", Fault.denied());

        for (String task : List.of("instances", "requests")) {
            FunctionUnderTest.Answer answer = function.send("{'task':'" + task + "'}");
            assertEquals(200, answer.status(), answer.body());
            assertEquals(List.of("null"), answer.column("SpotPrice"));
        }
    }

    @Test
    void showsPriceOnlyOfRunningSpotInstances() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").onDemand();
        FakeInstance ended =
                function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        ended.request().state("closed");

        assertEquals(
                List.of("null", "null"), function.send("{'task':'instances'}").column("SpotPrice"));
        assertEquals(
                List.of("on-demand", "spot"),
                function.send("{'task':'instances'}").column("InstanceLifecycle"));
        assertFalse(function.send("{'task':'requests','spotInstanceRequestIds':['"
                        + ended.request().id() + "']}")
                .meta()
                .containsKey("missing"));
    }
}
