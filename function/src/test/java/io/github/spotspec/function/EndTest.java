package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Asked;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeRequest;
import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.fake.Said;
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
    private final FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
    private final FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");

    @Test
    void endsInstanceAndItsSpotRequestAndVerifiesBoth() {
        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "']");

        assertEquals("ended", answer.event());
        Map<?, ?> row = answer.row(0);
        assertEquals(own.id(), row.get("InstanceId"));
        assertEquals("terminated", row.get("InstanceState"));
        assertEquals(own.request().id(), row.get("SpotInstanceRequestId"));
        assertEquals("cancelled", row.get("RequestState"));
        assertEquals(true, row.get("Ended"));
        assertEquals(List.of(), row.get("KeptVolumeIds"));
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertTrue(other.isAlive() && other.request().isAlive());
    }

    @Test
    void cancelsSpotRequestBeforeTerminatingInstance() {
        end("'instanceIds':['" + own.id() + "']");

        List<String> acts = function.aws().asked().stream()
                .map(Asked::action)
                .filter(action -> !action.startsWith("Describe"))
                .toList();
        assertEquals(List.of("CancelSpotInstanceRequests", "TerminateInstances"), acts);
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        own.onDemand();

        FunctionUnderTest.Answer alone = end("'instanceIds':['" + own.id() + "']");
        assertEquals("OnDemandNotAllowed", alone.error(), alone.body());
        assertEquals(403, alone.status());

        FunctionUnderTest.Answer all = end("'all':true");
        assertEquals("1", String.valueOf(all.meta().get("left")), all.body());
        assertTrue(String.valueOf(all.meta().get("refused")).contains("OnDemandNotAllowed"), all.body());
        assertEquals(List.of(own), function.ec2().alive());
        assertTrue(function.aws().asked("TerminateInstances").stream()
                .noneMatch(asked -> asked.list("InstanceId").contains(own.id())));
    }

    @Test
    void endsOnDemandInstanceDespiteTokenPrice() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true," + FunctionUnderTest.TOKENS);
        FakeInstance onDemand = allowing.ec2().own("us-west-2a", "m7g.large").onDemand();
        String token = new MinterUnderTest(allowing.aws(), allowing.clock()).token("{'tasks':['end'],'price':'0.1'}");

        assertEquals(200, allowing.askWith(token, "{'task':'end','all':true}").status());
        assertFalse(onDemand.isAlive());
    }

    @Test
    void endsPersistentRequestWithoutRelaunch() {
        own.request().persistent();

        end("'instanceIds':['" + own.id() + "']");

        assertEquals(List.of(other), function.ec2().alive());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void endsPersistentRequestThatEc2DoesNotShowYet() {
        own.request().persistent();
        function.aws()
                .next(
                        "DescribeSpotInstanceRequests",
                        (asked, ec2) -> Said.of(asked.action(), "<spotInstanceRequestSet/>"),
                        (asked, ec2) -> Said.of(asked.action(), "<spotInstanceRequestSet/>"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "']");

        assertEquals(
                List.of(true),
                answer.data().stream()
                        .map(row -> ((Map<?, ?>) row).get("Ended"))
                        .toList());
        assertEquals(List.of(other), function.ec2().alive());
        assertFalse(own.request().isAlive());
    }

    @Test
    void endsInstanceWhoseSpotRequestLostItsTag() {
        own.request().without("spotspec:service");
        function.aws().always("CancelSpotInstanceRequests", Fault.denied());

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(own.isAlive());
    }

    @Test
    void reportsInstanceThatSpotRequestLaunchedMeanwhile() {
        own.request().persistent();
        // EC2 interrupts the instance, and the request launches again while the function cancels it.
        function.aws().next("CancelSpotInstanceRequests", (asked, ec2) -> {
            ec2.answer(new Asked(asked.region(), "", Map.of("Action", "TerminateInstances", "InstanceId.1", own.id())));
            return ec2.answer(asked);
        });

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + own.request().id() + "']");

        FakeInstance again = function.ec2().instances().getLast();
        assertEquals(List.of(own.id(), again.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of("true", "false"), answer.column("Ended"));
        assertEquals("running", answer.row(1).get("InstanceState"));
        assertEquals("cancelled", answer.row(1).get("RequestState"));
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(again.id()), answer.meta().get("untagged"));
    }

    @Test
    void endsInstanceOnceEc2ShowsIt() {
        own.without("spotspec:service");
        function.aws().next("CancelSpotInstanceRequests", (asked, ec2) -> {
            own.tag("spotspec:service", FakeEc2.SERVICE);
            return ec2.answer(asked);
        });

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + own.request().id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(own.id()), answer.column("InstanceId"));
        assertFalse(own.isAlive());
    }

    @Test
    void doesNotReportHiddenInstanceAsEnded() {
        function.aws().always("DescribeInstances", (asked, ec2) -> Said.of(asked.action(), "<reservationSet/>"));

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + own.request().id() + "']");

        assertEquals(List.of("false"), answer.column("Ended"), answer.body());
        assertEquals(List.of(own.id()), answer.column("InstanceId"));
        assertEquals("1", String.valueOf(answer.meta().get("left")));
    }

    @Test
    void reportsInstanceOfCancelledRequestAsEnded() {
        own.request().state("cancelled");
        function.aws().always("DescribeInstances", (asked, ec2) -> Said.of(asked.action(), "<reservationSet/>"));

        assertEquals(
                List.of("true"),
                end("'spotInstanceRequestIds':['" + own.request().id() + "']").column("Ended"));
    }

    @Test
    void reportsRunningUntaggedInstanceAsNotEnded() {
        own.without("spotspec:service");
        other.without("spotspec:service").state("terminated");

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestIds':['"
                + own.request().id() + "','" + other.request().id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of("running", "terminated"), answer.column("InstanceState"));
        assertEquals(List.of(own.id()), answer.meta().get("untagged"));
    }

    @Test
    void doesNotWaitForRunningUntaggedInstance() {
        own.without("spotspec:service");

        FunctionUnderTest.Answer answer =
                end("'spotInstanceRequestIds':['" + own.request().id() + "']");

        assertEquals(List.of("cancelled"), answer.column("RequestState"), answer.body());
        assertEquals(List.of(own.id()), answer.meta().get("untagged"));
        assertEquals(
                1,
                function.aws().asked().stream()
                        .filter(asked -> asked.action().equals("CancelSpotInstanceRequests"))
                        .count());
        assertEquals(
                3,
                function.aws().asked().stream()
                        .filter(asked -> asked.action().equals("DescribeInstances"))
                        .count(),
                "one to find the instances, one to verify, and one for untagged instances");
    }

    @ParameterizedTest
    @CsvSource({"400,OperationNotPermitted,Ec2Refused", "403,UnauthorizedOperation,NotAuthorized"})
    void endsOthersWhenOneCannotBeTerminated(int status, String code, String error) {
        function.aws().always("TerminateInstances", Fault.about(own.id(), status, code));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        Map<?, ?> refused =
                (Map<?, ?>) ((List<?>) Objects.requireNonNull(answer.meta().get("refused"))).getFirst();
        assertEquals(own.id(), refused.get("id"));
        assertEquals(error, refused.get("error"));
        assertFalse(other.isAlive());
        assertEquals(FunctionUnderTest.START, function.time().instant(), "it does not wait for what EC2 rejected");
        assertEquals(3, function.aws().asked("TerminateInstances").size(), "it does not retry what EC2 rejected");
    }

    @Test
    void endsOthersWhenOneRequestCannotBeCancelled() {
        own.request().persistent();
        function.aws()
                .always("CancelSpotInstanceRequests", Fault.about(own.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(own), function.ec2().alive(), "it does not launch again");
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
        FakeRequest open = function.ec2().open("us-west-2a", "m7g.large", 60);

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestId':'" + open.id() + "'");

        assertEquals("cancelled", open.state());
        assertEquals(null, answer.row(0).get("InstanceId"));
        assertEquals(true, answer.row(0).get("Ended"));
    }

    @Test
    void endsEverythingManagedInTheChosenRegions() {
        FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().own("us-east-1a", "m7g.large");
        function.ec2()
                .own("us-west-2a", "m7g.large")
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
        own.state("terminated").request().state("closed");

        assertEquals(true, end("'instanceIds':['" + own.id() + "']").row(0).get("Ended"));
    }

    @Test
    void endsWhatIsFoundAndReportsMissingIds() {
        FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = end(
                "'instanceIds':['" + foreign.id() + "','" + own.id() + "'],'spotInstanceRequestIds':['sir-0badbad0']");

        assertEquals(List.of(foreign.id(), "sir-0badbad0"), answer.meta().get("missing"));
        assertFalse(own.isAlive());
        assertTrue(foreign.isAlive());
    }

    @Test
    void reportsWhatIsLeftWhenTimeRunsOut() {
        own.stubborn();

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "','" + other.id() + "']");

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
        own.keeps("vol-0123456789abcdef0");

        assertEquals(
                List.of("vol-0123456789abcdef0"),
                end("'instanceIds':['" + own.id() + "']").row(0).get("KeptVolumeIds"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'regions':'all'", "'all':false", "'all':'false'"})
    void requiresIdsOrAll(String fields) {
        assertEquals("MissingField", end(fields).error());
        assertTrue(own.isAlive());
    }

    @Test
    void rejectsAllTogetherWithIds() {
        assertEquals(
                "InvalidRequest",
                end("'all':true,'instanceIds':['" + own.id() + "']").error());
        assertTrue(own.isAlive());
    }

    private FunctionUnderTest.Answer end(String fields) {
        return function.ask("{'task':'end'," + fields + "}");
    }
}
