package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests requests about instances that were just launched, which EC2 does not show yet. */
final class VisibilityTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    VisibilityTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
    }

    @ParameterizedTest
    @ValueSource(longs = {500, 1_000, 2_000, 4_000, 7_900})
    void endsInstanceThatEc2DoesNotShowYet(long delay) {
        FakeInstance launched = launch(delay);

        FunctionUnderTest.Answer answer = send("'task':'end','instanceIds':['" + launched.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("true"), answer.column("Ended"));
        assertFalse(launched.isAlive());
        assertFalse(launched.request().isAlive());
    }

    @Test
    void endsSpotRequestThatEc2DoesNotShowYet() {
        FakeInstance launched = launch(4_000);

        FunctionUnderTest.Answer answer = send(
                "'task':'end','spotInstanceRequestIds':['" + launched.request().id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertFalse(launched.isAlive());
    }

    @ParameterizedTest
    @ValueSource(longs = {500, 4_000})
    void endsAllIncludingWhatEc2DoesNotShowYet(long delay) {
        FakeInstance seen = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance launched = launch(delay);

        FunctionUnderTest.Answer answer = send("'task':'end','all':true");

        assertEquals(List.of("true", "true"), answer.column("Ended"), answer.body());
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertFalse(seen.isAlive());
        assertFalse(launched.isAlive());
    }

    @Test
    void restartsWaitWheneverSomethingAppears() {
        launch(6_000);
        launch(13_000);

        FunctionUnderTest.Answer answer = send("'task':'end','all':true");

        assertEquals(List.of("true", "true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(), function.ec2().alive());
    }

    @Test
    void reportsTimedOutRegionWhenEndingAll() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.setRemainingTime(Duration.ofSeconds(6));

        FunctionUnderTest.Answer answer = send("'task':'end','all':true");

        assertFalse(managed.isAlive());
        assertEquals("0", String.valueOf(answer.meta().get("left")));
        assertEquals(List.of(), answer.meta().get("regions"), answer.body());
        assertTrue(answer.body().contains("\"region\":\"us-west-2\",\"error\":\"TimedOut\""), answer.body());
    }

    @Test
    void terminatesInstanceThatEc2DoesNotShowYet() {
        FakeInstance launched = launch(4_000);

        FunctionUnderTest.Answer answer = send("'task':'terminate','instanceIds':['" + launched.id() + "']");

        assertEquals(List.of("shutting-down"), answer.column("CurrentState"), answer.body());
        assertFalse(launched.isAlive());
    }

    @Test
    void terminatesOnlyOnceTheSpotRequestIsKnown() {
        FakeInstance launched = launch(0);
        launched.request().persistent().shownFrom(function.time().instant().plusSeconds(3));

        FunctionUnderTest.Answer answer = send("'task':'terminate','instanceIds':['" + launched.id() + "']");

        assertEquals(List.of(launched.id()), answer.meta().get("wouldRelaunch"), answer.body());
        assertTrue(launched.isAlive());
    }

    @Test
    void endsInstanceWhosePersistentRequestIsNotShownYet() {
        FakeInstance launched = launch(0);
        launched.request().persistent().shownFrom(function.time().instant().plusSeconds(3));

        FunctionUnderTest.Answer answer = send("'task':'end','instanceIds':['" + launched.id() + "']");

        assertEquals(List.of("true"), answer.column("Ended"), answer.body());
        assertEquals(List.of(), function.ec2().alive());
        assertEquals(1, function.ec2().instances().size(), "nothing relaunched");
    }

    @Test
    void cancelsSpotRequestThatEc2DoesNotShowYet() {
        FakeInstance launched = launch(4_000);

        FunctionUnderTest.Answer answer = send("'task':'cancel','spotInstanceRequestIds':['"
                + launched.request().id() + "']");

        assertEquals(List.of("cancelled"), answer.column("State"), answer.body());
        assertEquals("cancelled", launched.request().state());
    }

    @Test
    void extendsInstanceThatEc2DoesNotShowYet() {
        FakeInstance launched = launch(4_000);

        send("'task':'extend','lease':'2d','instanceIds':['" + launched.id() + "']");

        assertEquals("2026-03-03T12:00:00Z", launched.tags().get("spotspec:lease"));
    }

    @ParameterizedTest
    @CsvSource({"instances,instanceIds,InstanceId", "requests,spotInstanceRequestIds,SpotInstanceRequestId"})
    void listsNamedIdsOnceEc2ShowsThem(String task, String field, String column) {
        FakeInstance launched = launch(4_000);
        String id =
                task.equals("instances") ? launched.id() : launched.request().id();

        assertEquals(
                List.of(id),
                send("'task':'" + task + "','" + field + "':['" + id + "']").column(column));
    }

    @ParameterizedTest
    @CsvSource({"terminate,TerminateInstances", "end,TerminateInstances", "extend,CreateTags"})
    void retriesWhatIsShownButNotKnownEverywhere(String task, String action) {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always(action, unknownFor(managed.id(), Duration.ofSeconds(3)));

        FunctionUnderTest.Answer answer = send("'task':'" + task + "','instanceIds':['" + managed.id() + "']"
                + (task.equals("extend") ? ",'lease':'2h'" : ""));

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("refused"), answer.body());
        assertEquals(!task.equals("extend"), !managed.isAlive());
    }

    @Test
    void retriesCancellingWhatIsShownButNotKnownEverywhere() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws()
                .always(
                        "CancelSpotInstanceRequests",
                        unknownFor(managed.request().id(), Duration.ofSeconds(3)));

        send("'task':'cancel','spotInstanceRequestIds':['" + managed.request().id() + "']");

        assertEquals("cancelled", managed.request().state());
    }

    @Test
    void retriesDryRunOfWhatIsNotKnownEverywhere() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("TerminateInstances", unknownFor(managed.id(), Duration.ofSeconds(3)));

        assertEquals("0", String.valueOf(send("'task':'check'").meta().get("refused")));
    }

    @Test
    void looksUpShownIdsOnce() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

        send("'task':'terminate','instanceIds':['" + managed.id() + "']");

        assertEquals(FunctionUnderTest.START, function.time().instant());
    }

    @Test
    void looksUpMissingIdsForTheLongestVisibilityWait() {
        assertEquals(
                "IdNotFound",
                send("'task':'terminate','instanceIds':['i-0badbad0']").error());

        assertEquals(
                VisibilityWait.MAX_DELAY,
                Duration.between(FunctionUnderTest.START, function.time().instant()));
        assertEquals(6, function.aws().calls().size(), "this many calls in each of 40 regions are within the budget");
    }

    @Test
    void limitsCallsPerRegionWhenEndingAll() {
        send("'task':'end','all':true");

        assertEquals(
                VisibilityWait.MAX_DELAY,
                Duration.between(FunctionUnderTest.START, function.time().instant()));
        assertEquals(6, function.aws().calls("DescribeInstances").size());
        assertEquals(12, function.aws().calls().size());
    }

    @Test
    void timesOutBeforeReportingIdAsMissing() {
        function.setRemainingTime(Duration.ofSeconds(6));

        FunctionUnderTest.Answer answer = send("'task':'terminate','instanceIds':['i-0badbad0']");

        assertEquals(504, answer.status(), answer.body());
        assertEquals("TimedOut", answer.error());
    }

    /** Launches an instance that EC2 shows after a delay. */
    private FakeInstance launch(long delay) {
        function.ec2().showAfter(Duration.ofMillis(delay));
        FunctionUnderTest.Answer answer =
                send("'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false");
        assertEquals(200, answer.status(), answer.body());
        function.ec2().showAfter(Duration.ZERO);
        return function.ec2().instances().getLast();
    }

    private FunctionUnderTest.Answer send(String fields) {
        return function.send("{" + fields + "}");
    }

    /** For a time, EC2 does not know an id, although it lists the resource. */
    private Fault unknownFor(String id, Duration time) {
        return (call, ec2) -> function.time().instant().isBefore(FunctionUnderTest.START.plus(time))
                ? AwsResponse.error(400, "InvalidInstanceID.NotFound", "The ID '" + id + "' does not exist")
                : ec2.answer(call);
    }
}
