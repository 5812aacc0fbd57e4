package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.Asked;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.fake.Said;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the ancestor's two tasks. */
final class CancelAndTerminateTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");
    private final FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
    private final FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
    private final FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");

    @Test
    void cancelsSpotRequestAndLeavesItsInstanceRunning() {
        FunctionUnderTest.Answer answer = cancel(own.request().id());

        assertEquals("canceled", answer.event());
        assertEquals("cancelled", answer.row(0).get("State"));
        assertEquals(own.id(), answer.row(0).get("InstanceId"));
        assertEquals("cancelled", own.request().state());
        assertEquals("running", own.state());
        assertEquals("active", other.request().state());
    }

    @Test
    void doesNotCancelClosedSpotRequest() {
        own.request().state("closed");

        assertEquals(List.of("closed"), cancel(own.request().id()).column("State"));
        assertTrue(function.aws().asked("CancelSpotInstanceRequests").isEmpty());
    }

    @Test
    void terminatesInstancesAndReturnsTheirStates() {
        FunctionUnderTest.Answer answer = terminate(own.id());

        assertEquals("terminated", answer.event());
        assertEquals("running", answer.row(0).get("PreviousState"));
        assertEquals("shutting-down", answer.row(0).get("CurrentState"));
        assertFalse(own.isAlive());
        assertTrue(other.isAlive());
        assertFalse(answer.meta().containsKey("wouldRelaunch"));
    }

    @Test
    void doesNotTerminateTerminatedInstance() {
        own.state("terminated");

        assertEquals(List.of("terminated"), terminate(own.id()).column("CurrentState"));
        assertTrue(function.aws().asked("TerminateInstances").isEmpty());
    }

    @Test
    void reportsForeignAndMissingIdsWithoutChangingThem() {
        FunctionUnderTest.Answer terminated = terminate(foreign.id(), own.id(), "i-0badbad0");
        FunctionUnderTest.Answer cancelled =
                cancel(foreign.request().id(), other.request().id(), "sir-0badbad0");

        assertEquals(List.of(foreign.id(), "i-0badbad0"), terminated.meta().get("missing"));
        assertEquals(
                List.of(foreign.request().id(), "sir-0badbad0"),
                cancelled.meta().get("missing"));
        assertTrue(foreign.isAlive() && foreign.request().isAlive());
        assertFalse(own.isAlive());
        assertFalse(other.request().isAlive());
    }

    @Test
    void leavesInstanceRunningThatWouldRelaunch() {
        own.request().persistent();

        FunctionUnderTest.Answer answer = terminate(own.id(), other.id());

        assertEquals(List.of(own.id()), answer.meta().get("wouldRelaunch"));
        assertEquals(List.of("running", "shutting-down"), answer.column("CurrentState"));
        assertTrue(own.isAlive());
        assertFalse(other.isAlive());
        assertEquals(3, function.ec2().instances().size(), "nothing relaunched");
    }

    @Test
    void terminatesInstanceOnceItsSpotRequestIsCancelled() {
        own.request().persistent();
        cancel(own.request().id());

        assertFalse(terminate(own.id()).meta().containsKey("wouldRelaunch"));
        assertEquals(List.of(other, foreign), function.ec2().alive());
    }

    @Test
    void readsNoSpotRequestsForOnDemandInstances() {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowOnDemand':true");
        FakeInstance onDemand = allowing.ec2().own("us-west-2a", "m7g.large").onDemand();

        allowing.ask("{'task':'terminate','instanceIds':['" + onDemand.id() + "']}");

        assertFalse(onDemand.isAlive());
        assertTrue(allowing.aws().asked("DescribeSpotInstanceRequests").isEmpty());
    }

    @Test
    void keepsOnDemandInstanceWhereOnDemandIsDisallowed() {
        own.onDemand();

        FunctionUnderTest.Answer alone = terminate(own.id());
        assertEquals(403, alone.status(), alone.body());
        assertEquals("OnDemandNotAllowed", alone.error());
        assertTrue(function.aws().asked("TerminateInstances").isEmpty());

        FunctionUnderTest.Answer both = terminate(own.id(), other.id());
        assertEquals(200, both.status(), both.body());
        assertTrue(String.valueOf(both.meta().get("refused")).contains("OnDemandNotAllowed"), both.body());
        assertTrue(own.isAlive());
        assertFalse(other.isAlive());
    }

    @Test
    void terminatesOthersAtOnceWhenAnIdIsUnknown() {
        Fault vanished = (asked, ec2) -> asked.list("InstanceId").contains(own.id())
                ? Said.error(400, "InvalidInstanceID.NotFound", "The instance IDs '" + own.id() + "' do not exist")
                : ec2.answer(asked);
        function.aws().always("TerminateInstances", vanished);

        FunctionUnderTest.Answer answer = terminate(own.id(), other.id());

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("running", "shutting-down"), answer.column("CurrentState"));
        assertFalse(other.isAlive());
        List<Asked> tries = function.aws().asked("TerminateInstances");
        assertEquals(List.of(other.id()), tries.get(1).list("InstanceId"));
        assertEquals(List.of(own.id()), tries.getLast().list("InstanceId"));
        assertTrue(answer.body().contains("\"id\":\"" + own.id() + "\",\"error\":\"IdNotFound\""), answer.body());
        assertEquals(
                VisibilityWait.LONGEST,
                Duration.between(FunctionUnderTest.START, function.time().instant()));
    }

    @Test
    void terminatesInstanceThatEc2RecognizesLater() {
        function.aws()
                .next(
                        "TerminateInstances",
                        (asked, ec2) -> Said.error(
                                400,
                                "InvalidInstanceID.NotFound",
                                "The instance ID '" + own.id() + "' does not exist"));

        terminate(own.id());

        assertFalse(own.isAlive());
    }

    @Test
    void reportsDenialByIam() {
        function.aws().always("TerminateInstances", Fault.denied());

        FunctionUnderTest.Answer answer = terminate(own.id());

        assertEquals(403, answer.status());
        assertEquals("NotAuthorized", answer.error());
        assertEquals("ec2:TerminateInstances in us-west-2 is not allowed to the operator by IAM.", answer.details());
    }

    private FunctionUnderTest.Answer cancel(String... ids) {
        return function.ask("{'task':'cancel','spotInstanceRequestIds':['" + String.join("','", ids) + "']}");
    }

    private FunctionUnderTest.Answer terminate(String... ids) {
        return function.ask("{'task':'terminate','instanceIds':['" + String.join("','", ids) + "']}");
    }
}
