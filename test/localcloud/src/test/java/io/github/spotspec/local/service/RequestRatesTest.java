package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.spotspec.local.service.SmallCloud.Answer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the token buckets of EC2's launch calls. */
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

    private int callsUntilThrottled(String action) {
        int calls = 0;
        while (calls < 1_000 && !call("us-east-1", action).element("Code").equals(THROTTLED)) {
            calls++;
        }
        return calls;
    }

    @ParameterizedTest
    @CsvSource({"RunInstances, 5, 2", "CreateFleet, 50, 5", "CreateLaunchTemplate, 50, 5"})
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
