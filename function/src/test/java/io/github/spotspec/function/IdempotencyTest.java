package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.fake.Said;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the same key and request launch once, however often and in whichever process they run. */
final class IdempotencyTest {
    private static final String BASE =
            "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";
    private static final String LAUNCH = "{" + BASE + ",'count':2,'idempotencyKey':'nightly-42'}";
    private static final String ROLE = "arn:aws:sts::111122223333:assumed-role/build/";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    IdempotencyTest() {
        function.ec2()
                .catalogue()
                .price("us-west-2a", "m7g.large", "0.02")
                .price("us-west-2b", "m7g.large", "0.03")
                .price("us-east-1a", "m7g.large", "0.03");
    }

    @Test
    void returnsSameInstancesForSameKeyAndRequest() {
        List<String> first = function.ask(LAUNCH).column("InstanceId");
        function.waits(Duration.ofHours(2));

        FunctionUnderTest.Answer again = function.ask(LAUNCH);
        FunctionUnderTest.Answer elsewhere = function.another().ask(LAUNCH);

        assertEquals(2, first.size());
        assertEquals(first, again.column("InstanceId"));
        assertEquals(true, again.meta().get("repeated"));
        assertEquals(first, elsewhere.column("InstanceId"));
        assertEquals(2, function.ec2().instances().size());
        assertEquals(1, function.aws().asked("RunInstances").size());
    }

    @Test
    void ignoresOrderOfFieldsAndTags() {
        function.ask("{" + BASE + ",'idempotencyKey':'k','tags':{'a':'1','b':'2'},'count':'1'}");

        FunctionUnderTest.Answer again =
                function.ask("{'tags':{'b':'2','a':'1'},'count':1,'idempotencyKey':'k'," + BASE + "}");

        assertEquals(true, again.meta().get("repeated"), again.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"'count':3", "'lease':'1h'", "'tags':{'a':'b'}", "'userData':'#x'", "'zones':['us-west-2a']"})
    void rejectsSameKeyWithAnotherRequest(String other) {
        function.ask("{" + BASE + ",'idempotencyKey':'k'}");

        FunctionUnderTest.Answer answer = function.ask("{" + BASE + ",'idempotencyKey':'k'," + other + "}");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("IdempotencyConflict", answer.error());
        assertEquals(
                "The idempotency key stands for another launch; give that request again, or another key.",
                answer.details());
        assertEquals(1, function.ec2().instances().size());
    }

    @Test
    void launchesAgainForAnotherKey() {
        List<String> first = function.ask(LAUNCH).column("InstanceId");

        assertNotEquals(first, function.ask(LAUNCH.replace("42", "43")).column("InstanceId"));
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void separatesKeysByCaller() {
        function.ask(LAUNCH);

        FunctionUnderTest.Answer other = function.askAs("arn:aws:iam::111122223333:user/bob", LAUNCH);

        assertEquals(200, other.status());
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void treatsSessionsOfOneRoleAsOneCaller() {
        List<String> first = function.askAs(ROLE + "session-1", LAUNCH).column("InstanceId");

        assertEquals(first, function.askAs(ROLE + "session-2", LAUNCH).column("InstanceId"));
        function.askAs("arn:aws:sts::111122223333:assumed-role/deploy/session-1", LAUNCH);
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void separatesKeysByRegion() {
        function.ask(LAUNCH);
        function.ask(LAUNCH.replace("'count'", "'region':'us-east-1','count'"));

        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void acceptsKeyInHeader() {
        String launch = "{" + BASE + "}";
        List<String> first = function.ask(launch, "idempotency-key", "nightly").column("InstanceId");

        assertEquals(first, function.ask(launch, "idempotency-key", "nightly").column("InstanceId"));
        assertEquals(
                first, function.ask("{" + BASE + ",'idempotencyKey':'nightly'}").column("InstanceId"));
        assertEquals(
                first,
                function.ask("{" + BASE + ",'idempotencyKey':'nightly'}", "idempotency-key", "nightly")
                        .column("InstanceId"));
    }

    @Test
    void rejectsTwoDifferentKeys() {
        FunctionUnderTest.Answer answer = function.ask("{" + BASE + ",'idempotencyKey':'a'}", "idempotency-key", "b");

        assertEquals("InvalidRequest", answer.error());
        assertEquals(
                "'idempotencyKey' and 'header Idempotency-Key' mean the same; give one of them.", answer.details());
    }

    @Test
    void ignoresHeaderForOtherTasks() {
        assertEquals(
                200, function.ask("{'task':'price'}", "idempotency-key", "x y").status());
        assertEquals(
                "InvalidValue",
                function.ask("{" + BASE + "}", "idempotency-key", "x y").error());
        assertEquals(
                "UnknownField",
                function.ask("{'task':'price','idempotencyKey':'x'}").error());
    }

    @Test
    void doesNotUseUpKeyInDryRun() {
        function.ask(LAUNCH.replace("'dryRun':false", "'dryRun':true"));

        assertEquals(2, function.ask(LAUNCH).data().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void launchesOnceWhenResponsesAreLost(boolean withKey) {
        for (Fault fault : List.of(Fault.lostAnswer(), Fault.doneYetFailed())) {
            function.aws().next("RunInstances", fault, fault);
            String launch = "{" + BASE + (withKey ? ",'idempotencyKey':'" + fault.hashCode() + "'}" : "}");

            assertEquals(1, function.ask(launch).data().size());
        }
        assertEquals(2, function.ec2().instances().size());
        assertEquals(6, function.aws().asked("RunInstances").size());
    }

    @Test
    void findsUnansweredLaunchByItsTag() {
        function.aws().next("RunInstances", Fault.lostAnswer());
        function.aws().always("RunInstances", Fault.failure());

        FunctionUnderTest.Answer answer = function.ask(LAUNCH);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(2, answer.data().size());
    }

    @Test
    void launchesAfterAFailedLaunchWithTheSameKey() {
        function.aws().always("RunInstances", Fault.failure());
        FunctionUnderTest.Answer failed = function.ask(LAUNCH);
        assertEquals(502, failed.status());
        assertEquals("Ec2Unavailable", failed.error());
        function.aws().always("RunInstances", Fault.none());
        function.waits(Duration.ofMinutes(5));

        assertEquals(2, function.another().ask(LAUNCH).data().size());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void retriesThrottledLaunchBeforeReportingIt() {
        function.aws().next("RunInstances", Fault.error(503, "RequestLimitExceeded"));
        assertEquals(200, function.ask(LAUNCH).status());

        function.aws().always("RunInstances", Fault.error(503, "RequestLimitExceeded"));
        FunctionUnderTest.Answer answer = function.ask("{" + BASE + "}");
        assertEquals(429, answer.status());
        assertEquals("Throttled", answer.error());
        assertEquals("5", answer.headers().get("retry-after"));
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void findsConcurrentLaunchByItsTag() {
        // Another process has just launched, a minute earlier by its clock; EC2 does not list the instances yet.
        FunctionUnderTest.Answer other = function.another().ask(LAUNCH);
        function.waits(Duration.ofMinutes(1));
        function.aws().next("DescribeInstances", unseen(), unseen(), unseen());

        FunctionUnderTest.Answer answer = function.ask(LAUNCH);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(other.column("InstanceId"), answer.column("InstanceId"));
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void rejectsDifferentConcurrentLaunchWithSameKey() {
        function.another().ask(LAUNCH);
        function.aws().next("DescribeInstances", unseen());

        FunctionUnderTest.Answer answer = function.ask(LAUNCH.replace("'count':2", "'count':1"));

        assertEquals("IdempotencyConflict", answer.error());
        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void doesNotRelaunchEndedInstancesUnderTheirKey() {
        function.ask(LAUNCH);
        function.ask("{'task':'end','all':true}");

        FunctionUnderTest.Answer listed = function.ask(LAUNCH);
        function.aws().next("DescribeInstances", unseen());
        FunctionUnderTest.Answer unlisted = function.another().ask(LAUNCH);

        for (FunctionUnderTest.Answer answer : List.of(listed, unlisted)) {
            assertEquals(409, answer.status(), answer.body());
            assertEquals(
                    "What the idempotency key launched has ended; give another key to launch anew.", answer.details());
        }
        assertEquals(List.of(), function.ec2().alive());
    }

    @Test
    void returnsOnlyInstancesThatStillRun() {
        List<String> first = function.ask(LAUNCH).column("InstanceId");
        function.ask("{'task':'terminate','instanceIds':['" + first.getFirst() + "']}");

        assertEquals(List.of(first.getLast()), function.ask(LAUNCH).column("InstanceId"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void triesNextPoolEvenIfEc2KeepsFailedTokens(boolean keeps) {
        if (keeps) {
            function.ec2().launches().keepsFailedTokens();
        }
        function.ec2().launches().room("us-west-2a", "m7g.large", 0);

        for (String launch : List.of(LAUNCH, "{" + BASE + ",'count':2}")) {
            FunctionUnderTest.Answer answer = function.ask(launch);
            assertEquals(200, answer.status(), answer.body());
            assertEquals(List.of("us-west-2b", "us-west-2b"), answer.column("AvailabilityZone"));
        }
        assertEquals(4, function.ec2().instances().size());
    }

    @Test
    void launchesForEveryRequestWithoutKey() {
        function.ask("{" + BASE + "}");
        function.ask("{" + BASE + "}");

        assertEquals(2, function.ec2().instances().size());
    }

    @Test
    void launchesOnceWhenTheOperatorsKeyChangesMeanwhile() {
        // EC2's response is lost, and on the next attempt EC2 no longer accepts the operator's key, which the secret
        // has replaced.
        function.ask("{'task':'price'}");
        function.aws().secret().holds("{\"accessKeyId\":\"AKIASECOND\",\"secretAccessKey\":\"second-secret\"}");
        function.aws().next("RunInstances", Fault.lostAnswer(), Fault.error(401, "AuthFailure"));

        FunctionUnderTest.Answer answer = function.ask("{" + BASE + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(1, function.ec2().instances().size());
        assertEquals("AKIASECOND", function.aws().asked().getLast().accessKeyId());
    }

    @Test
    void doesNotTopUpPartialLaunchWhenRepeated() {
        function.ec2().launches().room("us-west-2a", "m7g.large", 1).room("us-west-2b", "m7g.large", 0);
        List<String> first = function.ask(LAUNCH).column("InstanceId");
        function.ec2().launches().room("us-west-2a", "m7g.large", 9);

        assertEquals(1, first.size());
        assertEquals(first, function.ask(LAUNCH).column("InstanceId"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'a b'", "'\u00fc'", "7", "['k']"})
    void rejectsKeyThatIsNotPrintableText(String key) {
        FunctionUnderTest.Answer answer = function.ask("{" + BASE + ",'idempotencyKey':" + key + "}");

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("1 to 128 printable characters without spaces"), answer.details());
    }

    /** EC2 does not list yet what has just been launched. */
    private static Fault unseen() {
        return (asked, ec2) -> Said.of(asked.action(), "<reservationSet></reservationSet>");
    }
}
