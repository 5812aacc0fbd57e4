package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the ancestor's two tasks. */
final class CancelAndTerminateTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");
    private final FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
    private final FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
    private final FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");

    @Test
    void cancelsSpotRequestAndLeavesItsInstanceRunning() {
        FunctionUnderTest.Answer answer = cancel(managed.request().id());

        assertEquals("canceled", answer.event());
        assertEquals("cancelled", answer.row(0).get("State"));
        assertEquals(managed.id(), answer.row(0).get("InstanceId"));
        assertEquals("cancelled", managed.request().state());
        assertEquals("running", managed.state());
        assertEquals("active", other.request().state());
    }

    @Test
    void doesNotCancelClosedSpotRequest() {
        managed.request().state("closed");

        assertEquals(List.of("closed"), cancel(managed.request().id()).column("State"));
        assertTrue(function.aws().calls("CancelSpotInstanceRequests").isEmpty());
    }

    @Test
    void terminatesInstancesAndReturnsTheirStates() {
        FunctionUnderTest.Answer answer = terminate(managed.id());

        assertEquals("terminated", answer.event());
        assertEquals("running", answer.row(0).get("PreviousState"));
        assertEquals("shutting-down", answer.row(0).get("CurrentState"));
        assertFalse(managed.isAlive());
        assertTrue(other.isAlive());
        assertFalse(answer.meta().containsKey("wouldRelaunch"));
    }

    @Test
    void recordsStateThatEc2WillNoLongerShow() {
        managed.request().persistent().state("cancelled");

        terminate(managed.id() + "','" + other.id());

        assertEquals("2026-03-01T12:00:00Z running", managed.tags().get("spotspec:before-end"));
        assertFalse(other.tags().containsKey("spotspec:before-end"), "it cannot stop");
    }

    @Test
    void doesNotTerminateTerminatedInstance() {
        managed.state("terminated");

        assertEquals(List.of("terminated"), terminate(managed.id()).column("CurrentState"));
        assertTrue(function.aws().calls("TerminateInstances").isEmpty());
    }

    @Test
    void reportsForeignAndMissingIdsWithoutChangingThem() {
        FunctionUnderTest.Answer terminated = terminate(foreign.id(), managed.id(), "i-0badbad0");
        FunctionUnderTest.Answer cancelled =
                cancel(foreign.request().id(), other.request().id(), "sir-0badbad0");

        assertEquals(List.of(foreign.id(), "i-0badbad0"), terminated.meta().get("missing"));
        assertEquals(
                List.of(foreign.request().id(), "sir-0badbad0"),
                cancelled.meta().get("missing"));
        assertTrue(foreign.isAlive() && foreign.request().isAlive());
        assertFalse(managed.isAlive());
        assertFalse(other.request().isAlive());
    }

    @Test
    void leavesInstanceRunningThatWouldRelaunch() {
        managed.request().persistent();

        FunctionUnderTest.Answer answer = terminate(managed.id(), other.id());

        assertEquals(List.of(managed.id()), answer.meta().get("wouldRelaunch"));
        assertEquals(List.of("running", "shutting-down"), answer.column("CurrentState"));
        assertTrue(managed.isAlive());
        assertFalse(other.isAlive());
        assertEquals(3, function.ec2().instances().size(), "nothing relaunched");
    }

    @Test
    void terminatesInstanceOnceItsSpotRequestIsCancelled() {
        managed.request().persistent();
        cancel(managed.request().id());

        assertFalse(terminate(managed.id()).meta().containsKey("wouldRelaunch"));
        assertEquals(List.of(other, foreign), function.ec2().alive());
    }

    @Test
    void readsNoSpotRequestsForOnDemandInstances() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true");
        FakeInstance onDemand =
                allowing.ec2().managedInstance("us-west-2a", "m7g.large").onDemand();

        allowing.send("{'task':'terminate','instanceIds':['" + onDemand.id() + "']}");

        assertFalse(onDemand.isAlive());
        assertTrue(allowing.aws().calls("DescribeSpotInstanceRequests").isEmpty());
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        managed.onDemand();

        FunctionUnderTest.Answer alone = terminate(managed.id());
        assertEquals(403, alone.status(), alone.body());
        assertEquals("OnDemandNotAllowed", alone.error());
        assertTrue(function.aws().calls("TerminateInstances").isEmpty());

        FunctionUnderTest.Answer both = terminate(managed.id(), other.id());
        assertEquals(200, both.status(), both.body());
        assertTrue(String.valueOf(both.meta().get("refused")).contains("OnDemandNotAllowed"), both.body());
        assertTrue(managed.isAlive());
        assertFalse(other.isAlive());
    }

    @Test
    void terminatesOthersAtOnceWhenAnIdIsUnknown() {
        Fault vanished = (call, ec2) -> call.list("InstanceId").contains(managed.id())
                ? AwsResponse.error(
                        400, "InvalidInstanceID.NotFound", "The instance IDs '" + managed.id() + "' do not exist")
                : ec2.answer(call);
        function.aws().always("TerminateInstances", vanished);

        FunctionUnderTest.Answer answer = terminate(managed.id(), other.id());

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("running", "shutting-down"), answer.column("CurrentState"));
        assertFalse(other.isAlive());
        List<AwsCall> tries = function.aws().calls("TerminateInstances");
        assertEquals(List.of(other.id()), tries.get(1).list("InstanceId"));
        assertEquals(List.of(managed.id()), tries.getLast().list("InstanceId"));
        assertTrue(answer.body().contains("\"id\":\"" + managed.id() + "\",\"error\":\"IdNotFound\""), answer.body());
        assertEquals(
                VisibilityWait.MAX_DELAY,
                Duration.between(FunctionUnderTest.START, function.time().instant()));
    }

    @Test
    void terminatesInstanceThatEc2RecognizesLater() {
        function.aws()
                .next(
                        "TerminateInstances",
                        (call, ec2) -> AwsResponse.error(
                                400,
                                "InvalidInstanceID.NotFound",
                                "The instance ID '" + managed.id() + "' does not exist"));

        terminate(managed.id());

        assertFalse(managed.isAlive());
    }

    @Test
    void reportsDenialByIam() {
        function.aws().always("TerminateInstances", Fault.denied());

        FunctionUnderTest.Answer answer = terminate(managed.id());

        assertEquals(403, answer.status());
        assertEquals("NotAuthorized", answer.error());
        assertTrue(answer.details().contains("ec2:TerminateInstances in us-west-2"), answer.details());
    }

    private FunctionUnderTest.Answer cancel(String... ids) {
        return function.send("{'task':'cancel','spotInstanceRequestIds':['" + String.join("','", ids) + "']}");
    }

    private FunctionUnderTest.Answer terminate(String... ids) {
        return function.send("{'task':'terminate','instanceIds':['" + String.join("','", ids) + "']}");
    }
}
