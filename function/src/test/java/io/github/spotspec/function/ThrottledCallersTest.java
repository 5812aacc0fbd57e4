package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that a caller whose task EC2 throttled must wait before the next try. */
final class ThrottledCallersTest {
    private static final String LIST = "{'task':'instances'}";
    private static final String OTHER = "arn:aws:iam::111122223333:user/bob";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    @BeforeEach
    void throttle() {
        function.aws().ec2(Fault.error(503, "RequestLimitExceeded"));
        assertEquals("Throttled", function.send(LIST).error());
        function.aws().ec2(Fault.none());
        function.aws().clearCalls();
    }

    @Test
    void rejectsEarlyRequestWithoutCallingEc2() {
        FunctionUnderTest.Answer answer = function.send(LIST);

        assertEquals(429, answer.status());
        assertEquals("Throttled", answer.error());
        assertEquals("5", answer.headers().get("retry-after"));
        assertEquals(0, function.aws().calls("DescribeInstances").size());
    }

    @Test
    void answersAfterTheWaitEvenIfTheCallerTriedEarly() {
        function.advanceClock(Duration.ofSeconds(4));
        assertEquals(429, function.send(LIST).status());

        function.advanceClock(Duration.ofSeconds(1));
        assertEquals(200, function.send(LIST).status());
        assertEquals(200, function.send(LIST).status());
    }

    @Test
    void answersOtherCallers() {
        assertEquals(200, function.sendAs(OTHER, LIST).status());
    }

    @Test
    void answersOtherTasks() {
        assertEquals(200, function.send("{'task':'end','all':true}").status());
    }
}
