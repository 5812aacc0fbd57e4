package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that a launch retries with growing pauses and a limit. */
final class LaunchRetriesTest {
    private static final String LAUNCH =
            "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");
    private final List<Instant> calls = Collections.synchronizedList(new ArrayList<>());

    LaunchRetriesTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
    }

    private void answer(Fault fault) {
        function.aws().always("RunInstances", (call, ec2) -> {
            calls.add(function.time().instant());
            return fault.answer(call, ec2);
        });
    }

    private List<Duration> pauses() {
        List<Duration> pauses = new ArrayList<>();
        for (int i = 1; i < calls.size(); i++) {
            pauses.add(Duration.between(calls.get(i - 1), calls.get(i)));
        }
        return pauses;
    }

    @Test
    void pausesLongerBeforeEachRetry() {
        answer(Fault.failure());

        assertEquals("Ec2Unavailable", function.send(LAUNCH).error());

        assertEquals(
                List.of(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800)),
                pauses());
    }

    @Test
    void pausesWhileWaitingForNewInstanceProfile() {
        answer((call, ec2) -> AwsResponse.error(
                400,
                "InvalidParameterValue",
                "Value (arn) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"));

        assertEquals("Ec2Refused", function.send(LAUNCH).error());

        List<Duration> pauses = pauses();
        Duration waited = Duration.between(FunctionUnderTest.START, calls.getLast());
        assertTrue(waited.compareTo(Duration.ofSeconds(10)) > 0, "only " + waited);
        assertTrue(waited.compareTo(Duration.ofSeconds(12)) < 0, "as long as " + waited);
        assertEquals(Duration.ofMillis(100), pauses.getFirst());
        assertEquals(Duration.ofMillis(1_600), pauses.getLast());
        assertEquals(pauses.stream().sorted().toList(), pauses);
    }

    @Test
    void pausesWhileItWaitsForTheSameLaunchElsewhere() {
        String launch = LAUNCH.replace("}", ",'idempotencyKey':'k'}");
        List<String> launched = function.newProcess().send(launch).column("InstanceId");
        // A minute later by its clock, EC2 lists it only after the launch has looked for it twice.
        function.advanceClock(Duration.ofMinutes(1));
        Fault unseen = (call, ec2) -> AwsResponse.of(call.action(), "<reservationSet></reservationSet>");
        function.aws().next("DescribeInstances", unseen, unseen, unseen);
        Instant before = function.time().instant();

        assertEquals(launched, function.send(launch).column("InstanceId"));

        assertEquals(
                Duration.ofMillis(300), Duration.between(before, function.time().instant()));
    }

    @ParameterizedTest
    @CsvSource({"403,UnauthorizedOperation,NotAuthorized", "500,InternalError,Ec2Unavailable"})
    void reportsWhyTheRestWasNotLaunched(int status, String code, String error) {
        function.ec2().catalog().price("us-west-2b", "m7g.large", "0.03");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);
        function.aws().next("RunInstances", Fault.none());
        function.aws().always("RunInstances", Fault.error(status, code));

        FunctionUnderTest.Answer answer = function.send(LAUNCH.replace("}", ",'count':2}"));

        assertEquals(List.of("us-west-2a"), answer.column("AvailabilityZone"), answer.body());
        assertTrue(answer.body().contains("\"Result\":\"" + error + "\""), answer.body());
    }
}
