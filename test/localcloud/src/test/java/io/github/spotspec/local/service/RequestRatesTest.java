package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.spotspec.local.service.SmallCloud.Answer;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the token buckets of EC2's calls against the numbers in its developer guide. */
final class RequestRatesTest {
    private static final String THROTTLED = "RequestLimitExceeded";

    private final SmallCloud cloud = new SmallCloud();

    @BeforeEach
    void allowAll() {
        cloud.allow("*", "*");
    }

    /** Calls an action without the parameters that it needs. A call that fails also takes a token. */
    private Answer call(String region, String action) {
        return cloud.ec2(region, "Action", action);
    }

    private int callsUntilThrottled(String action, String... parameters) {
        String[] call = Stream.concat(Stream.of("Action", action), Stream.of(parameters))
                .toArray(String[]::new);
        int calls = 0;
        while (calls < 1_000 && !cloud.ec2("us-east-1", call).element("Code").equals(THROTTLED)) {
            calls++;
        }
        return calls;
    }

    @ParameterizedTest
    @CsvSource({
        "DescribeSpotPriceHistory, 100, 20",
        "DescribeInstanceTypes, 100, 20",
        "GetConsoleOutput, 100, 20",
        "DescribeInstances, 50, 10",
        "DescribeSpotInstanceRequests, 50, 10",
        "DescribeVolumes, 50, 10",
        "CreateFleet, 50, 5",
        "CreateLaunchTemplate, 50, 5",
        "CancelSpotInstanceRequests, 50, 5",
        "CreateTags, 100, 10",
        "RunInstances, 5, 2",
        "TerminateInstances, 100, 5"
    })
    void bucketRefills(String action, int size, int perSecond) {
        cloud.faults.limitRequestRates(true);
        assertEquals(size, callsUntilThrottled(action));
        assertEquals(503, call("us-east-1", action).status());

        cloud.later = Duration.ofSeconds(1);
        assertEquals(perSecond, callsUntilThrottled(action));
        cloud.later = cloud.later.plusMillis(1_000 / perSecond - 1);
        assertEquals(0, callsUntilThrottled(action));
        cloud.later = cloud.later.plusMillis(1);
        assertEquals(1, callsUntilThrottled(action));
        cloud.later = cloud.later.plusHours(1);
        assertEquals(size, callsUntilThrottled(action));
    }

    @ParameterizedTest
    @CsvSource({"MaxResults, 100", "Filter.1.Name, instance-id"})
    void filtersAndPagesTakeFromLargerBucket(String parameter, String value) {
        cloud.faults.limitRequestRates(true);

        assertEquals(50, callsUntilThrottled("DescribeInstances"));
        assertEquals(100, callsUntilThrottled("DescribeInstances", parameter, value));
    }

    @Test
    void launchTakesTokenForEachInstance() {
        cloud.faults.limitRequestRates(true);

        assertEquals(1, callsUntilThrottled("RunInstances", "MaxCount", "1000"));
        cloud.later = Duration.ofSeconds(1);
        assertEquals(0, callsUntilThrottled("RunInstances", "MaxCount", "3"));
        assertEquals(1, callsUntilThrottled("RunInstances", "MaxCount", "2"));
    }

    @Test
    void dryRunTakesNoTokenForInstances() {
        cloud.faults.limitRequestRates(true);

        assertEquals(5, callsUntilThrottled("RunInstances", "MaxCount", "1000", "DryRun", "true"));
    }

    @Test
    void terminationTakesTokenForEachInstance() {
        cloud.faults.limitRequestRates(true);

        assertEquals(1, callsUntilThrottled("TerminateInstances", instanceIds(1_000)));
        cloud.later = Duration.ofSeconds(1);
        assertEquals(0, callsUntilThrottled("TerminateInstances", instanceIds(21)));
        assertEquals(1, callsUntilThrottled("TerminateInstances", instanceIds(20)));
    }

    private static String[] instanceIds(int number) {
        return IntStream.rangeClosed(1, number)
                .boxed()
                .flatMap(i -> Stream.of("InstanceId." + i, "i-" + i))
                .toArray(String[]::new);
    }

    @Test
    void bucketsAreIndependent() {
        cloud.faults.limitRequestRates(true);
        callsUntilThrottled("RunInstances");

        assertNotEquals(THROTTLED, call("us-west-2", "RunInstances").element("Code"));
        assertNotEquals(THROTTLED, call("us-east-1", "CreateFleet").element("Code"));
        assertNotEquals(THROTTLED, call("us-east-1", "DescribeInstances").element("Code"));
    }

    @Test
    void limitsAreOffUntilSwitchedOn() {
        assertEquals(1_000, callsUntilThrottled("RunInstances"));
        cloud.faults.limitRequestRates(true);
        assertEquals(5, callsUntilThrottled("RunInstances"));
        cloud.faults.clear();
        assertEquals(1_000, callsUntilThrottled("RunInstances"));
        cloud.faults.limitRequestRates(true);
        assertEquals(5, callsUntilThrottled("RunInstances"));
    }

    @Test
    void throttledCallLaunchesNothing() {
        cloud.faults.limitRequestRates(true);
        callsUntilThrottled("RunInstances");

        Answer answer = cloud.query(
                "ec2",
                "Action",
                "RunInstances",
                "ImageId",
                cloud.images.id("us-east-1", "al2023-arm64"),
                "InstanceType",
                "m7g.large",
                "MinCount",
                "1",
                "MaxCount",
                "1");

        assertEquals(THROTTLED, answer.element("Code"));
        assertEquals(0, cloud.fleet.all().size());
    }
}
