package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the same key and request launch once, however often and in whichever process they run. */
final class IdempotencyTest {
    private static final String BASE =
            "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";
    private static final String LAUNCH = "{" + BASE + ",'count':2,'idempotencyKey':'nightly-42'}";
    private static final String DRY_RUN = LAUNCH.replace("'dryRun':false", "'dryRun':true");
    private static final String ROLE = "arn:aws:sts::111122223333:assumed-role/build/";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    IdempotencyTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.02")
                .price("us-west-2b", "m7g.large", "0.03")
                .price("us-east-1a", "m7g.large", "0.03");
    }

    @Test
    void returnsSameInstancesForSameKeyAndRequest() {
        List<String> first = function.send(LAUNCH).column("InstanceId");
        function.advanceClock(Duration.ofHours(2));

        FunctionUnderTest.Answer again = function.send(LAUNCH);
        FunctionUnderTest.Answer elsewhere = function.newProcess().send(LAUNCH);

        assertEquals(2, first.size());
        assertEquals(first, again.column("InstanceId"));
        assertEquals(true, again.meta().get("repeated"));
        assertEquals(first, elsewhere.column("InstanceId"));
        assertEquals(2, function.ec2().instances().size());
        assertEquals(1, function.aws().calls("RunInstances").size());
    }

    @Test
    void ignoresOrderOfFieldsAndTags() {
        function.send("{" + BASE + ",'idempotencyKey':'k','tags':{'a':'1','b':'2'},'count':'1'}");

        FunctionUnderTest.Answer again =
                function.send("{'tags':{'b':'2','a':'1'},'count':1,'idempotencyKey':'k'," + BASE + "}");

        assertEquals(true, again.meta().get("repeated"), again.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"'count':3", "'lease':'1h'", "'tags':{'a':'b'}", "'userData':'#x'", "'zones':['us-west-2a']"})
    void rejectsSameKeyWithAnotherRequest(String other) {
        function.send("{" + BASE + ",'idempotencyKey':'k'}");

        FunctionUnderTest.Answer answer = function.send("{" + BASE + ",'idempotencyKey':'k'," + other + "}");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("IdempotencyConflict", answer.error());
        assertEquals(1, function.ec2().instances().size());
    }

    @Test
    void launchesAgainForAnotherKey() {
        List<String> first = function.send(LAUNCH).column("InstanceId");

        assertNotEquals(first, function.send(LAUNCH.replace("42", "43")).column("InstanceId"));
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void separatesKeysByCaller() {
        function.send(LAUNCH);

        FunctionUnderTest.Answer other = function.sendAs("arn:aws:iam::111122223333:user/bob", LAUNCH);

        assertEquals(200, other.status());
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void treatsSessionsOfOneRoleAsOneCaller() {
        List<String> first = function.sendAs(ROLE + "session-1", LAUNCH).column("InstanceId");

        assertEquals(first, function.sendAs(ROLE + "session-2", LAUNCH).column("InstanceId"));
        function.sendAs("arn:aws:sts::111122223333:assumed-role/deploy/session-1", LAUNCH);
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void separatesKeysByRegion() {
        function.send(LAUNCH);
        function.send(LAUNCH.replace("'count'", "'region':'us-east-1','count'"));

        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void acceptsKeyInHeader() {
        String launch = "{" + BASE + "}";
        List<String> first = function.send(launch, "idempotency-key", "nightly").column("InstanceId");

        assertEquals(first, function.send(launch, "idempotency-key", "nightly").column("InstanceId"));
        assertEquals(
                first,
                function.send("{" + BASE + ",'idempotencyKey':'nightly'}").column("InstanceId"));
        assertEquals(
                first,
                function.send("{" + BASE + ",'idempotencyKey':'nightly'}", "idempotency-key", "nightly")
                        .column("InstanceId"));
    }

    @Test
    void rejectsTwoDifferentKeys() {
        FunctionUnderTest.Answer answer = function.send("{" + BASE + ",'idempotencyKey':'a'}", "idempotency-key", "b");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'idempotencyKey'"), answer.details());
        assertTrue(answer.details().contains("Idempotency-Key"), answer.details());
    }

    @Test
    void ignoresHeaderForOtherTasks() {
        assertEquals(
                200, function.send("{'task':'price'}", "idempotency-key", "x y").status());
        assertEquals(
                "InvalidValue",
                function.send("{" + BASE + "}", "idempotency-key", "x y").error());
        assertEquals(
                "UnknownField",
                function.send("{'task':'price','idempotencyKey':'x'}").error());
    }

    @Test
    void doesNotUseUpKeyInDryRun() {
        function.send(DRY_RUN);

        assertEquals(2, function.send(LAUNCH).data().size());
    }

    @Test
    void dryRunReturnsWhatKeyLaunched() {
        List<String> first = function.send(LAUNCH).column("InstanceId");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0).capacity("us-west-2b", "m7g.large", 0);

        FunctionUnderTest.Answer dryRun = function.newProcess().send(DRY_RUN);

        assertEquals(first, dryRun.column("InstanceId"), dryRun.body());
        assertEquals(true, dryRun.meta().get("dryRun"));
        assertEquals(true, dryRun.meta().get("repeated"));
        for (String absent : List.of("candidates", "lease", "launched")) {
            assertFalse(dryRun.meta().containsKey(absent), dryRun.body());
        }
        assertEquals(1, function.aws().calls("RunInstances").size(), "nothing left to check");
    }

    @Test
    void dryRunWithUnusedKeyIsNotRepeated() {
        function.send(LAUNCH);

        FunctionUnderTest.Answer dryRun = function.send(DRY_RUN.replace("nightly-42", "nightly-43"));

        assertEquals(200, dryRun.status(), dryRun.body());
        assertEquals(List.of(), dryRun.data());
        assertFalse(dryRun.meta().containsKey("repeated"), dryRun.body());
    }

    @Test
    void dryRunRejectsKeyOfAnotherLaunch() {
        function.send(LAUNCH);

        FunctionUnderTest.Answer other = function.send(DRY_RUN.replace("'count':2", "'count':1"));

        assertEquals("IdempotencyConflict", other.error(), other.body());
    }

    @Test
    void dryRunReturnsInstancesThatHaveEnded() {
        List<String> first = function.send(LAUNCH).column("InstanceId");
        function.send("{'task':'end','all':true}");

        FunctionUnderTest.Answer dryRun = function.send(DRY_RUN);

        assertEquals(true, dryRun.meta().get("repeated"), dryRun.body());
        assertEquals(Set.copyOf(first), Set.copyOf(dryRun.column("InstanceId")));
        assertEquals(Set.of("terminated"), Set.copyOf(dryRun.column("State")));
        assertEquals("IdempotencyConflict", function.send(LAUNCH).error(), "a launch must not say that they run");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void launchesOnceWhenResponsesAreLost(boolean withKey) {
        for (Fault fault : List.of(Fault.lostAnswer(), Fault.executedThenFailed())) {
            function.aws().next("RunInstances", fault, fault);
            String launch = "{" + BASE + (withKey ? ",'idempotencyKey':'" + fault.hashCode() + "'}" : "}");

            assertEquals(1, function.send(launch).data().size());
        }
        assertEquals(2, function.ec2().instances().size());
        assertEquals(6, function.aws().calls("RunInstances").size());
    }

    @Test
    void findsUnansweredLaunchByItsTag() {
        function.aws().next("RunInstances", Fault.lostAnswer());
        function.aws().always("RunInstances", Fault.failure());

        FunctionUnderTest.Answer answer = function.send(LAUNCH);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(2, answer.data().size());
    }

    @Test
    void launchesAfterAFailedLaunchWithTheSameKey() {
        function.aws().always("RunInstances", Fault.failure());
        FunctionUnderTest.Answer failed = function.send(LAUNCH);
        assertEquals(502, failed.status());
        assertEquals("Ec2Unavailable", failed.error());
        function.aws().always("RunInstances", Fault.none());
        function.advanceClock(Duration.ofMinutes(5));

        assertEquals(2, function.newProcess().send(LAUNCH).data().size());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void retriesThrottledLaunchBeforeReportingIt() {
        function.aws().next("RunInstances", Fault.error(503, "RequestLimitExceeded"));
        assertEquals(200, function.send(LAUNCH).status());

        function.aws().always("RunInstances", Fault.error(503, "RequestLimitExceeded"));
        FunctionUnderTest.Answer answer = function.send("{" + BASE + "}");
        assertEquals(429, answer.status());
        assertEquals("Throttled", answer.error());
        assertEquals("5", answer.headers().get("retry-after"));
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void findsConcurrentLaunchByItsTag() {
        // Another process has just launched, a minute earlier by its clock; EC2 does not list the instances yet.
        FunctionUnderTest.Answer other = function.newProcess().send(LAUNCH);
        function.advanceClock(Duration.ofMinutes(1));
        function.aws().next("DescribeInstances", notListedYet(), notListedYet(), notListedYet());

        FunctionUnderTest.Answer answer = function.send(LAUNCH);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(other.column("InstanceId"), answer.column("InstanceId"));
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void mayBeRepeatedForHoursUntilThereIsCapacity() {
        withoutCapacity();
        for (int i = 0; i < 40; i++) {
            int before = function.aws().calls("RunInstances").size();

            assertEquals("NoCapacity", function.send(LAUNCH).error());

            int calls = function.aws().calls("RunInstances").size() - before;
            assertTrue(calls <= 4, calls + " calls for two pools");
            function.advanceClock(Duration.ofMinutes(3));
        }

        function.ec2().launches().capacity("us-west-2b", "m7g.large", 2);

        assertEquals(2, function.send(LAUNCH).data().size());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void otherProcessContinuesLaunchThatWasRepeatedForHours() {
        withoutCapacity();
        for (int i = 0; i < 60; i++) {
            function.send(LAUNCH);
            function.advanceClock(Duration.ofMinutes(3));
        }
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 2);
        FunctionUnderTest other = function.newProcess();

        FunctionUnderTest.Answer answer = other.send(LAUNCH);
        for (int i = 0; i < 5 && answer.status() != 200; i++) {
            assertEquals("TimedOut", answer.error(), answer.body());
            answer = other.send(LAUNCH);
        }

        assertEquals(2, answer.data().size(), answer.body());
        assertEquals(2, function.ec2().instances().size());
    }

    private void withoutCapacity() {
        function.ec2().launches().keepFailedTokens();
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0);
        function.ec2().launches().capacity("us-west-2b", "m7g.large", 0);
    }

    @Test
    void rejectsDifferentConcurrentLaunchWithSameKey() {
        function.newProcess().send(LAUNCH);
        function.aws().next("DescribeInstances", notListedYet());

        FunctionUnderTest.Answer answer = function.send(LAUNCH.replace("'count':2", "'count':1"));

        assertEquals("IdempotencyConflict", answer.error());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void doesNotRelaunchEndedInstancesUnderTheirKey() {
        function.send(LAUNCH);
        function.send("{'task':'end','all':true}");

        FunctionUnderTest.Answer listed = function.send(LAUNCH);
        function.aws().next("DescribeInstances", notListedYet());
        FunctionUnderTest.Answer unlisted = function.newProcess().send(LAUNCH);

        for (FunctionUnderTest.Answer answer : List.of(listed, unlisted)) {
            assertEquals(409, answer.status(), answer.body());
            assertEquals("IdempotencyConflict", answer.error());
        }
        assertEquals(List.of(), function.ec2().alive());
    }

    @Test
    void returnsOnlyInstancesThatStillRun() {
        List<String> first = function.send(LAUNCH).column("InstanceId");
        function.send("{'task':'terminate','instanceIds':['" + first.getFirst() + "']}");

        assertEquals(List.of(first.getLast()), function.send(LAUNCH).column("InstanceId"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void triesNextPoolEvenIfEc2KeepsFailedTokens(boolean keeps) {
        if (keeps) {
            function.ec2().launches().keepFailedTokens();
        }
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0);

        for (String launch : List.of(LAUNCH, "{" + BASE + ",'count':2}")) {
            FunctionUnderTest.Answer answer = function.send(launch);
            assertEquals(200, answer.status(), answer.body());
            assertEquals(List.of("us-west-2b", "us-west-2b"), answer.column("AvailabilityZone"));
        }
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void launchesForEveryRequestWithoutKey() {
        function.send("{" + BASE + "}");
        function.send("{" + BASE + "}");

        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void launchesOnceWhenTheOperatorsKeyChangesMeanwhile() {
        // EC2's response is lost, and on the next attempt EC2 no longer accepts the operator's key, which the secret
        // has replaced.
        function.send("{'task':'price'}");
        function.aws().secret().setValue("{\"accessKeyId\":\"AKIASECOND\",\"secretAccessKey\":\"second-secret\"}");
        function.aws().next("RunInstances", Fault.lostAnswer(), Fault.error(401, "AuthFailure"));

        FunctionUnderTest.Answer answer = function.send("{" + BASE + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(1, function.ec2().instances().size());
        assertEquals("AKIASECOND", function.aws().calls().getLast().accessKeyId());
    }

    @Test
    void doesNotTopUpPartialLaunchWhenRepeated() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1).capacity("us-west-2b", "m7g.large", 0);
        List<String> first = function.send(LAUNCH).column("InstanceId");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 9);

        assertEquals(1, first.size());
        assertEquals(first, function.send(LAUNCH).column("InstanceId"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'a b'", "'\u00fc'", "7", "['k']"})
    void rejectsKeyThatIsNotPrintableText(String key) {
        FunctionUnderTest.Answer answer = function.send("{" + BASE + ",'idempotencyKey':" + key + "}");

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("'idempotencyKey'"), answer.details());
    }

    /** EC2 does not list yet what has just been launched. */
    private static Fault notListedYet() {
        return (call, ec2) -> AwsResponse.of(call.action(), "<reservationSet></reservationSet>");
    }
}
