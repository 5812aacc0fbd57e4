package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests launches that wait until their instances run. */
final class LaunchRunningTest {
    private static final String LAUNCH =
            "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,'count':2";
    private static final String WAIT = LAUNCH + ",'waitRunning':true}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    LaunchRunningTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        function.ec2().runAfter(Duration.ofSeconds(9));
    }

    @Test
    void answersOnceInstancesRun() {
        FunctionUnderTest.Answer answer = function.send(WAIT);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("running", "running"), answer.column("State"));
        assertFalse(answer.meta().containsKey("notRunning"), answer.body());
        assertEquals(List.of("0.03", "0.03"), answer.column("SpotPrice"));
        int described = function.aws().calls("DescribeInstances").size();
        assertTrue(described > 1 && described < 12, described + " calls");
    }

    @Test
    void doesNotWaitUnlessAsked() {
        for (String launch : List.of(LAUNCH + "}", LAUNCH + ",'waitRunning':false}")) {
            FunctionUnderTest.Answer answer = function.send(launch);

            assertEquals(List.of("pending", "pending"), answer.column("State"));
            assertFalse(answer.meta().containsKey("notRunning"), answer.body());
        }
    }

    @Test
    void doesNotWaitInDryRun() {
        FunctionUnderTest.Answer answer = function.send(WAIT.replace("'dryRun':false", "'dryRun':true"));

        assertEquals(true, answer.meta().get("dryRun"));
        assertFalse(answer.meta().containsKey("notRunning"), answer.body());

        String key = ",'idempotencyKey':'again','waitRunning':true}";
        function.send(LAUNCH + key.replace(",'waitRunning':true", ""));
        FunctionUnderTest.Answer repeated = function.send(LAUNCH.replace("'dryRun':false", "'dryRun':true") + key);
        assertEquals(List.of("pending", "pending"), repeated.column("State"), repeated.body());
    }

    @Test
    void saysWhatIsNotRunningWhenTimeIsUp() {
        function.ec2().runAfter(Duration.ofMinutes(5));

        FunctionUnderTest.Answer answer = function.send(WAIT);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("pending", "pending"), answer.column("State"));
        assertEquals("2", String.valueOf(answer.meta().get("notRunning")));
        assertEquals("2", String.valueOf(answer.meta().get("launched")));
    }

    @Test
    void waitsAgainWithTheSameKey() {
        function.ec2().runAfter(Duration.ofSeconds(35));
        String launch = WAIT.replace("}", ",'idempotencyKey':'k'}");

        FunctionUnderTest.Answer first = function.send(launch);
        FunctionUnderTest.Answer again = function.send(launch);

        assertEquals("2", String.valueOf(first.meta().get("notRunning")));
        assertEquals(first.column("InstanceId"), again.column("InstanceId"));
        assertEquals(List.of("running", "running"), again.column("State"));
        assertEquals(true, again.meta().get("repeated"));
    }

    @Test
    void keepsLaunchedInstancesWhenEc2DoesNotDescribeThem() {
        function.aws().always("DescribeInstances", Fault.denied());
        function.aws().next("DescribeInstances", (call, ec2) -> ec2.answer(call));

        FunctionUnderTest.Answer answer = function.send(WAIT);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(2, answer.data().size());
        assertEquals("2", String.valueOf(answer.meta().get("notRunning")));
    }

    @Test
    void countsInstancesThatEndInsteadOfRunning() {
        function.ec2().runAfter(Duration.ofMinutes(5));
        function.aws().next("DescribeInstances", (call, ec2) -> ec2.answer(call));
        function.aws().next("DescribeInstances", (call, ec2) -> {
            function.ec2().instances().forEach(instance -> instance.state("terminated"));
            return ec2.answer(call);
        });

        FunctionUnderTest.Answer answer = function.send(WAIT);

        assertEquals(List.of("terminated", "terminated"), answer.column("State"));
        assertEquals("2", String.valueOf(answer.meta().get("notRunning")));
    }

    @Test
    void rejectsOtherThanBoolean() {
        FunctionUnderTest.Answer answer = function.send(LAUNCH + ",'waitRunning':'soon'}");

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("waitRunning"), answer.details());
        assertEquals(List.of(), function.ec2().instances());
    }
}
