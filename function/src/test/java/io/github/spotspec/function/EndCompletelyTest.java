package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Asked;
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

/** Ending leaves nothing out, whatever happens meanwhile and however much there is, and does not hurry EC2. */
final class EndCompletelyTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhatPersistentRequestLaunchesMeanwhile(boolean byInstance) {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
        own.request().persistent();
        // EC2 takes the instance back, and the request launches another, right before it is cancelled.
        function.aws().next("CancelSpotInstanceRequests", (asked, ec2) -> {
            ec2.answer(new Asked(asked.region(), "", Map.of("Action", "TerminateInstances", "InstanceId.1", own.id())));
            function.ec2().instances().getLast().tag("spotspec:service", FakeEc2.SERVICE);
            return ec2.answer(asked);
        });

        FunctionUnderTest.Answer answer = end(
                byInstance
                        ? "'instanceIds':['" + own.id() + "']"
                        : "'spotInstanceRequestIds':['" + own.request().id() + "']");

        FakeInstance replacement = function.ec2().instances().getLast();
        assertEquals(List.of(own.id(), replacement.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of("true", "true"), answer.column("Ended"));
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(other), function.ec2().alive());
    }

    @Test
    void endsMoreThanOneCallTakes() {
        List<FakeInstance> own = IntStream.range(0, 1_001)
                .mapToObj(i -> function.ec2().own("us-west-2a", "m7g.large"))
                .toList();

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(), function.ec2().alive());
        assertPortions(
                "TerminateInstances",
                "InstanceId",
                own.stream().map(FakeInstance::id).toList());
        assertPortions(
                "CancelSpotInstanceRequests",
                "SpotInstanceRequestId",
                own.stream().map(one -> one.request().id()).toList());
    }

    /** EC2 takes a thousand ids in a call. None is named twice, and none is left for a later check to find. */
    private void assertPortions(String action, String name, List<String> ids) {
        List<List<String>> calls = function.aws().asked(action).stream()
                .map(asked -> asked.list(name))
                .toList();
        assertEquals(List.of(1_000, 1), calls.stream().map(List::size).toList(), action);
        assertEquals(
                new HashSet<>(ids),
                new HashSet<>(calls.stream().flatMap(List::stream).toList()));
    }

    @Test
    void pausesBetweenChecks() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large").stubborn();
        List<Instant> checks = Collections.synchronizedList(new ArrayList<>());
        function.aws().always("DescribeInstances", (asked, ec2) -> {
            checks.add(function.time().instant());
            return ec2.answer(asked);
        });

        end("'instanceIds':['" + own.id() + "']");

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
    void doesNotRepeatRefusedTermination() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance stubborn = function.ec2().own("us-west-2a", "m7g.large").stubborn();
        function.aws().always("TerminateInstances", Fault.about(own.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "','" + stubborn.id() + "']");

        assertEquals("2", String.valueOf(answer.meta().get("left")), answer.body());
        assertEquals(
                2,
                function.aws().asked("TerminateInstances").stream()
                        .filter(asked -> asked.list("InstanceId").contains(own.id()))
                        .count(),
                "with the other and alone");
        assertFalse(own.request().isAlive());
    }

    @Test
    void terminatesInstanceOfOneTimeRequestThatCannotBeCancelled() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        function.aws()
                .always("CancelSpotInstanceRequests", Fault.about(own.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "']");

        assertFalse(own.isAlive(), answer.body());
    }

    @Test
    void leavesPersistentInstanceRunningOnlyIfItsOwnRequestCannotBeCancelled() {
        FakeInstance kept = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
        kept.request().persistent();
        other.request().persistent();
        function.aws()
                .always("CancelSpotInstanceRequests", Fault.about(kept.request().id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + kept.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(kept), function.ec2().alive());
        assertTrue(String.valueOf(answer.meta().get("refused")).contains("NotAuthorized"), answer.body());
    }

    @Test
    void saysWhetherEc2HadTimeToShowEverything() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        FunctionUnderTest.Answer certain = end("'all':true");
        assertEquals(List.of("us-west-2"), certain.meta().get("regions"), certain.body());
        assertFalse(certain.meta().containsKey("failed"), certain.body());
        assertFalse(own.isAlive());

        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
        function.hasLeft(Duration.ofSeconds(6));
        FunctionUnderTest.Answer uncertain = end("'all':true");
        assertTrue(uncertain.body().contains("\"region\":\"us-west-2\",\"error\":\"TimedOut\""), uncertain.body());
        assertEquals(List.of("true"), uncertain.column("Ended"));
        assertFalse(other.isAlive());
    }

    @Test
    void endsInstancesAndRequestsThatStandAlone() {
        FakeInstance closed = function.ec2().own("us-west-2a", "m7g.large");
        closed.request().state("closed");
        FakeRequest open = function.ec2().open("us-west-2a", "m7g.large", 60);

        FunctionUnderTest.Answer answer = end("'all':true");

        assertEquals(List.of("true", "true"), answer.column("Ended"), answer.body());
        assertFalse(closed.isAlive());
        assertEquals("cancelled", open.state());
    }

    @Test
    void cancelsNoRequestOfAnotherInstance() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
        other.request().without("spotspec:service");

        end("'instanceIds':['" + own.id() + "']");

        assertFalse(own.isAlive());
        assertTrue(other.isAlive() && other.request().isAlive());
    }

    @Test
    void doesNotWaitForTheRequestOfAnOldInstance() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        own.request().shownFrom(FunctionUnderTest.START.plus(Duration.ofDays(1)));

        FunctionUnderTest.Answer answer = end("'instanceIds':['" + own.id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertEquals(FunctionUnderTest.START, function.time().instant());
    }

    @Test
    void saysWhyRequestWithoutInstanceCouldNotBeCancelled() {
        FakeRequest open = function.ec2().open("us-west-2a", "m7g.large", 60);
        FakeRequest other = function.ec2().open("us-west-2a", "m7g.large", 60);
        function.aws().always("CancelSpotInstanceRequests", Fault.about(open.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = end("'spotInstanceRequestIds':['" + open.id() + "','" + other.id() + "']");

        assertEquals(List.of("false", "true"), answer.column("Ended"), answer.body());
        assertTrue(answer.body().contains("\"id\":\"" + open.id() + "\",\"error\":\"NotAuthorized\""), answer.body());
        assertEquals(FunctionUnderTest.START, function.time().instant(), "what is refused is not waited for");
    }

    private FunctionUnderTest.Answer end(String fields) {
        return function.ask("{'task':'end'," + fields + "}");
    }
}
