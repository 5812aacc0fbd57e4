package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeRequest;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that ending misses nothing that changes meanwhile or exceeds one call, and pauses between checks. */
final class EndCompletelyTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsInstanceThatPersistentRequestLaunchesMeanwhile(boolean byInstance) {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
        managed.request().persistent();
        // EC2 takes the instance back, and the request launches another, right before it is cancelled.
        function.aws().next("CancelSpotInstanceRequests", (call, ec2) -> {
            ec2.answer(new AwsCall(
                    call.region(), "", Map.of("Action", "TerminateInstances", "InstanceId.1", managed.id())));
            function.ec2().instances().getLast().tag("spotspec:service", FakeEc2.SERVICE);
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer = end(
                byInstance
                        ? "'instanceIds':['" + managed.id() + "']"
                        : "'spotInstanceRequestIds':['" + managed.request().id() + "']");

        FakeInstance replacement = function.ec2().instances().getLast();
        assertEquals(List.of(managed.id(), replacement.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of("true", "true"), answer.column("Ended"));
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(other), function.ec2().alive());
    }

    @Test
    void endsMoreIdsThanOneCallAccepts() {
        List<FakeInstance> managed = IntStream.range(0, 1_001)
                .mapToObj(i -> function.ec2().managedInstance("us-west-2a", "m7g.large"))
                .toList();

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(), function.ec2().alive());
        assertPortions(
                "TerminateInstances",
                "InstanceId",
                managed.stream().map(FakeInstance::id).toList());
        assertPortions(
                "CancelSpotInstanceRequests",
                "SpotInstanceRequestId",
                managed.stream().map(one -> one.request().id()).toList());
    }

    /** EC2 takes a thousand ids in a call. None is named twice, and none is left for a later check to find. */
    private void assertPortions(String action, String name, List<String> ids) {
        List<List<String>> calls = function.aws().calls(action).stream()
                .map(call -> call.list(name))
                .toList();
        assertEquals(List.of(1_000, 1), calls.stream().map(List::size).toList(), action);
        assertEquals(
                new HashSet<>(ids),
                new HashSet<>(calls.stream().flatMap(List::stream).toList()));
    }

    @Test
    void pausesBetweenChecks() {
        FakeInstance managed =
                function.ec2().managedInstance("us-west-2a", "m7g.large").ignoresTermination();
        List<Instant> checks = Collections.synchronizedList(new ArrayList<>());
        function.aws().always("DescribeInstances", (call, ec2) -> {
            checks.add(function.time().instant());
            return ec2.answer(call);
        });

        end("'instanceIds':['" + managed.id() + "']");

        List<Instant> times = checks.stream().distinct().toList();
        assertTrue(times.size() > 10, "only " + times);
        assertTrue(checks.lastIndexOf(times.getFirst()) <= 2, "what to end, what there is and what is left of it");
        assertEquals(
                times.size() - 1,
                checks.stream().filter(times.getFirst()::isBefore).count());
        for (int i = 1; i < times.size(); i++) {
            Duration pause = Duration.between(times.get(i - 1), times.get(i));
            assertTrue(pause.compareTo(Duration.ofMillis(100)) >= 0, "a pause of " + pause);
        }
    }

    @Test
    void doesNotRepeatRejectedTermination() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance stubborn =
                function.ec2().managedInstance("us-west-2a", "m7g.large").ignoresTermination();
        function.aws().always("TerminateInstances", Fault.forId(managed.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "','" + stubborn.id() + "']");

        assertEquals("2", String.valueOf(answer.meta().get("left")), answer.body());
        assertEquals(
                2,
                function.aws().calls("TerminateInstances").stream()
                        .filter(call -> call.list("InstanceId").contains(managed.id()))
                        .count(),
                "with the other and alone");
        assertFalse(managed.request().isAlive());
    }

    @Test
    void terminatesInstanceOfOneTimeRequestThatCannotBeCancelled() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws()
                .always(
                        "CancelSpotInstanceRequests",
                        Fault.forId(managed.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "']");

        assertFalse(managed.isAlive(), answer.body());
    }

    @Test
    void leavesPersistentInstanceRunningOnlyIfItsOwnRequestCannotBeCancelled() {
        FakeInstance kept = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
        kept.request().persistent();
        other.request().persistent();
        function.aws()
                .always("CancelSpotInstanceRequests", Fault.forId(kept.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + kept.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(kept), function.ec2().alive());
        assertTrue(String.valueOf(answer.meta().get("refused")).contains("NotAuthorized"), answer.body());
    }

    @Test
    void reportsWhetherEc2HadTimeToShowEverything() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FunctionUnderTest.Answer certain = end("'all':true");
        assertEquals(List.of("us-west-2"), certain.meta().get("regions"), certain.body());
        assertFalse(certain.meta().containsKey("failed"), certain.body());
        assertFalse(managed.isAlive());

        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.setRemainingTime(Duration.ofSeconds(6));
        FunctionUnderTest.Answer uncertain = end("'all':true");
        assertTrue(uncertain.body().contains("\"region\":\"us-west-2\",\"error\":\"TimedOut\""), uncertain.body());
        assertEquals(List.of("true"), uncertain.column("Ended"));
        assertFalse(other.isAlive());
    }

    @Test
    void endsInstancesAndRequestsWithoutEachOther() {
        FakeInstance closed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        closed.request().state("closed");
        FakeRequest open = function.ec2().openRequest("us-west-2a", "m7g.large", 60);

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(List.of("true", "true"), answer.column("Ended"), answer.body());
        assertFalse(closed.isAlive());
        assertEquals("cancelled", open.state());
    }

    @Test
    void cancelsNoRequestOfAnotherInstance() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
        other.request().withoutTag("spotspec:service");

        end("'instanceIds':['" + managed.id() + "']");

        assertFalse(managed.isAlive());
        assertTrue(other.isAlive() && other.request().isAlive());
    }

    @Test
    void doesNotWaitForTheRequestOfAnOldInstance() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        managed.request().shownFrom(FunctionUnderTest.START.plus(Duration.ofDays(1)));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + managed.id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertEquals(FunctionUnderTest.START, function.time().instant());
    }

    @Test
    void reportsWhyRequestWithoutInstanceCannotBeCancelled() {
        FakeRequest open = function.ec2().openRequest("us-west-2a", "m7g.large", 60);
        FakeRequest other = function.ec2().openRequest("us-west-2a", "m7g.large", 60);
        function.aws().always("CancelSpotInstanceRequests", Fault.forId(open.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestIds':['" + open.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertTrue(answer.body().contains("\"id\":\"" + open.id() + "\",\"error\":\"NotAuthorized\""), answer.body());
        assertEquals(
                FunctionUnderTest.START, function.time().instant(), "a rejected cancellation must not be waited for");
    }

    private FunctionUnderTest.Answer end(String fields) {
        return function.send("{'task':'end'," + fields + "}");
    }
}
