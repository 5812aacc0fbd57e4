package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeRequest;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
    private final FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");

    @Test
    void endsInstanceAndItsSpotRequestAndVerifiesBoth() {
        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "']");

        assertEquals("ended", answer.event());
        Map<?, ?> row = answer.row(0);
        assertEquals(managed.id(), row.get("InstanceId"));
        assertEquals("terminated", row.get("InstanceState"));
        assertEquals(managed.request().id(), row.get("SpotInstanceRequestId"));
        assertEquals("cancelled", row.get("RequestState"));
        assertEquals(true, row.get("Ended"));
        assertEquals(List.of(), row.get("KeptVolumeIds"));
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertTrue(other.isAlive() && other.request().isAlive());
    }

    @Test
    void cancelsSpotRequestBeforeTerminatingInstance() {
        end("'instanceIds':['" + managed.id() + "']");

        List<String> actions = function.aws().calls().stream()
                .map(AwsCall::action)
                .filter(action -> !action.startsWith("Describe"))
                .toList();
        assertEquals(List.of("CancelSpotInstanceRequests", "TerminateInstances"), actions);
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        managed.onDemand();

        FunctionUnderTest.Answer alone = end("'instanceIds':['" + managed.id() + "']");
        assertEquals("OnDemandNotAllowed", alone.error(), alone.body());
        assertEquals(403, alone.status());

        FunctionUnderTest.Answer all = end("'all':true");
        assertEquals("1", String.valueOf(all.meta().get("left")), all.body());
        assertTrue(String.valueOf(all.meta().get("refused")).contains("OnDemandNotAllowed"), all.body());
        assertEquals(List.of(managed), function.ec2().alive());
        assertTrue(function.aws().calls("TerminateInstances").stream()
                .noneMatch(call -> call.list("InstanceId").contains(managed.id())));
    }

    @Test
    void endsOnDemandInstanceDespiteTokenPrice() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true," + FunctionUnderTest.TOKENS);
        FakeInstance onDemand =
                allowing.ec2().managedInstance("us-west-2a", "m7g.large").onDemand();
        String token = new MinterUnderTest(allowing.aws(), allowing.clock()).token("{'tasks':['end'],'price':'0.1'}");

        assertEquals(
                200, allowing.sendWithToken(token, "{'task':'end','all':true}").status());
        assertFalse(onDemand.isAlive());
    }

    @Test
    void endsPersistentRequestWithoutRelaunch() {
        managed.request().persistent();

        end("'instanceIds':['" + managed.id() + "']");

        assertEquals(List.of(other), function.ec2().alive());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void endsPersistentRequestThatEc2DoesNotShowYet() {
        managed.request().persistent();
        function.aws()
                .next(
                        "DescribeSpotInstanceRequests",
                        (call, ec2) -> AwsResponse.of(call.action(), "<spotInstanceRequestSet/>"),
                        (call, ec2) -> AwsResponse.of(call.action(), "<spotInstanceRequestSet/>"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "']");

        assertEquals(
                List.of(true),
                answer.data().stream()
                        .map(row -> ((Map<?, ?>) row).get("Ended"))
                        .toList());
        assertEquals(List.of(other), function.ec2().alive());
        assertFalse(managed.request().isAlive());
    }

    @Test
    void endsInstanceWhoseSpotRequestLostItsTag() {
        managed.request().withoutTag("spotspec:service");
        function.aws().always("CancelSpotInstanceRequests", Fault.denied());

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(managed.isAlive());
    }

    @Test
    void reportsInstanceThatSpotRequestLaunchedMeanwhile() {
        managed.request().persistent();
        // EC2 interrupts the instance, and the request launches again while the function cancels it.
        function.aws().next("CancelSpotInstanceRequests", (call, ec2) -> {
            ec2.answer(new AwsCall(
                    call.region(), "", Map.of("Action", "TerminateInstances", "InstanceId.1", managed.id())));
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + managed.request().id() + "']");

        FakeInstance again = function.ec2().instances().getLast();
        assertEquals(List.of(managed.id(), again.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of("true", "false"), answer.column("Ended"));
        assertEquals("running", answer.row(1).get("InstanceState"));
        assertEquals("cancelled", answer.row(1).get("RequestState"));
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(again.id()), answer.meta().get("untagged"));
    }

    @Test
    void endsInstanceOnceEc2ShowsIt() {
        managed.withoutTag("spotspec:service");
        function.aws().next("CancelSpotInstanceRequests", (call, ec2) -> {
            managed.tag("spotspec:service", FakeEc2.SERVICE);
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + managed.request().id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(managed.id()), answer.column("InstanceId"));
        assertFalse(managed.isAlive());
    }

    @Test
    void doesNotReportHiddenInstanceAsEnded() {
        function.aws().always("DescribeInstances", (call, ec2) -> AwsResponse.of(call.action(), "<reservationSet/>"));

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + managed.request().id() + "']");

        assertEquals(List.of("false"), answer.column("Ended"), answer.body());
        assertEquals(List.of(managed.id()), answer.column("InstanceId"));
        assertEquals("1", String.valueOf(answer.meta().get("left")));
    }

    @Test
    void reportsInstanceOfCancelledRequestAsEnded() {
        managed.request().state("cancelled");
        function.aws().always("DescribeInstances", (call, ec2) -> AwsResponse.of(call.action(), "<reservationSet/>"));

        assertEquals(
                List.of("true"),
                end("'spotInstanceRequestIds':['" + managed.request().id() + "']")
                        .column("Ended"));
    }

    @Test
    void reportsRunningUntaggedInstanceAsNotEnded() {
        managed.withoutTag("spotspec:service");
        other.withoutTag("spotspec:service").state("terminated");

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestIds':['"
                + managed.request().id() + "','" + other.request().id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of("running", "terminated"), answer.column("InstanceState"));
        assertEquals(List.of(managed.id()), answer.meta().get("untagged"));
    }

    @Test
    void doesNotWaitForRunningUntaggedInstance() {
        managed.withoutTag("spotspec:service");

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + managed.request().id() + "']");

        assertEquals(List.of("cancelled"), answer.column("RequestState"), answer.body());
        assertEquals(List.of(managed.id()), answer.meta().get("untagged"));
        assertEquals(
                1,
                function.aws().calls().stream()
                        .filter(call -> call.action().equals("CancelSpotInstanceRequests"))
                        .count());
        assertEquals(
                3,
                function.aws().calls().stream()
                        .filter(call -> call.action().equals("DescribeInstances"))
                        .count(),
                "one to find the instances, one to verify, and one for untagged instances");
    }

    @ParameterizedTest
    @CsvSource({"400,OperationNotPermitted,Ec2Refused", "403,UnauthorizedOperation,NotAuthorized"})
    void endsOthersWhenOneCannotBeTerminated(int status, String code, String error) {
        function.aws().always("TerminateInstances", Fault.forId(managed.id(), status, code));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        Map<?, ?> failure =
                (Map<?, ?>) ((List<?>) Objects.requireNonNull(answer.meta().get("refused"))).getFirst();
        assertEquals(managed.id(), failure.get("id"));
        assertEquals(error, failure.get("error"));
        assertFalse(other.isAlive());
        assertEquals(FunctionUnderTest.START, function.time().instant(), "it does not wait for what EC2 rejected");
        assertEquals(3, function.aws().calls("TerminateInstances").size(), "it does not retry what EC2 rejected");
    }

    @Test
    void endsOthersWhenOneRequestCannotBeCancelled() {
        managed.request().persistent();
        function.aws()
                .always(
                        "CancelSpotInstanceRequests",
                        Fault.forId(managed.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(managed), function.ec2().alive(), "it does not launch again");
    }

    @Test
    void failsWhenNothingMayBeEnded() {
        function.aws().always("CancelSpotInstanceRequests", Fault.denied());
        function.aws().always("TerminateInstances", Fault.denied());

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(403, answer.status(), answer.body());
        assertEquals("NotAuthorized", answer.error());
    }

    @Test
    void failsWhenThrottled() {
        function.aws().always("TerminateInstances", Fault.error(503, "RequestLimitExceeded"));

        assertEquals("Throttled", end("'all':true").error());
    }

    @Test
    void endsOpenRequestWithoutInstance() {
        FakeRequest open = function.ec2().openRequest("us-west-2a", "m7g.large", 60);

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestId':'" + open.id() + "'");

        assertEquals("cancelled", open.state());
        assertEquals(null, answer.row(0).get("InstanceId"));
        assertEquals(true, answer.row(0).get("Ended"));
    }

    @Test
    void endsEverythingManagedInTheChosenRegions() {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .state("terminated")
                .request()
                .state("closed");

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(2, answer.data().size(), answer.body());
        assertEquals(List.of(foreign, east), function.ec2().alive());
        end("'all':true,'regions':'all'");
        assertEquals(List.of(foreign), function.ec2().alive());
    }

    @Test
    void succeedsWhenNothingIsLeftToEnd() {
        end("'all':true");

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(List.of(), answer.data());
        assertEquals("0", String.valueOf(answer.meta().get("left")));
    }

    @Test
    void reportsAlreadyEndedInstanceAsEnded() {
        managed.state("terminated").request().state("closed");

        assertEquals(true, end("'instanceIds':['" + managed.id() + "']").row(0).get("Ended"));
    }

    @Test
    void endsWhatIsFoundAndReportsMissingIds() {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + foreign.id() + "','" + managed.id()
                + "'],'spotInstanceRequestIds':['sir-0badbad0']");

        assertEquals(List.of(foreign.id(), "sir-0badbad0"), answer.meta().get("missing"));
        assertFalse(managed.isAlive());
        assertTrue(foreign.isAlive());
    }

    @Test
    void reportsWhatIsLeftWhenTimeRunsOut() {
        managed.ignoresTermination();

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "','" + other.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(
                List.of(false, true),
                answer.data().stream()
                        .map(row -> ((Map<?, ?>) row).get("Ended"))
                        .toList());
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        Duration taken =
                Duration.between(FunctionUnderTest.START, function.time().instant());
        assertTrue(taken.compareTo(Duration.ofSeconds(20)) > 0, "it keeps checking, here for " + taken);
        assertTrue(taken.compareTo(Duration.ofSeconds(24)) < 0, "it leaves time to answer, here after " + taken);
    }

    @Test
    void namesVolumesThatOutliveTheirInstance() {
        managed.keptVolume("vol-0123456789abcdef0");

        assertEquals(
                List.of("vol-0123456789abcdef0"),
                end("'instanceIds':['" + managed.id() + "']").row(0).get("KeptVolumeIds"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'regions':'all'", "'all':false", "'all':'false'"})
    void requiresIdsOrAll(String fields) {
        assertEquals("MissingField", end(fields).error());
        assertTrue(managed.isAlive());
    }

    @Test
    void rejectsAllTogetherWithIds() {
        assertEquals(
                "InvalidRequest",
                end("'all':true,'instanceIds':['" + managed.id() + "']").error());
        assertTrue(managed.isAlive());
    }

    private FunctionUnderTest.Answer end(String fields) {
        return function.send("{'task':'end'," + fields + "}");
    }
}
