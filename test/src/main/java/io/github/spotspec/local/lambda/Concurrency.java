package io.github.spotspec.local.lambda;

import io.github.spotspec.local.wire.AwsError;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How many invocations of a function may run at a time, whatever their version. What comes beyond a reservation is refused
 * with status 429, of invocations and of URLs alike (Lambda developer guide, "Throttling function URLs"); that a URL also
 * takes ten times as many requests in a second at most is not simulated. Thread-safe.
 */
public final class Concurrency {
    /** An account's quota in a region, and what of it must stay unreserved. */
    private static final int QUOTA = 1_000;

    private static final int UNRESERVED = 100;

    private final Map<String, Integer> reserved = new HashMap<>();
    private final Map<String, Integer> running = new HashMap<>();

    /** Reserves concurrency for a function in place of what was before; nothing if it is empty. */
    public synchronized void reserve(String functionArn, OptionalInt executions) {
        if (executions.isEmpty()) {
            reserved.remove(functionArn);
            return;
        }
        int others = reserved.entrySet().stream()
                .filter(one -> !one.getKey().equals(functionArn)
                        && region(one.getKey()).equals(region(functionArn)))
                .mapToInt(Map.Entry::getValue)
                .sum();
        if (others + executions.getAsInt() > QUOTA - UNRESERVED) {
            throw new AwsError(
                    400,
                    "InvalidParameterValueException",
                    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
                            + " below its minimum value of [" + UNRESERVED + "].");
        }
        reserved.put(functionArn, executions.getAsInt());
    }

    synchronized void enter(String functionArn) {
        int now = running.getOrDefault(functionArn, 0);
        if (now >= reserved.getOrDefault(functionArn, QUOTA)) {
            throw exceeded();
        }
        running.put(functionArn, now + 1);
    }

    synchronized void leave(String functionArn) {
        running.merge(functionArn, -1, Integer::sum);
    }

    /** Returns the refusal of what there is no room to run. */
    static AwsError exceeded() {
        return new AwsError(429, "TooManyRequestsException", "Rate Exceeded.");
    }

    private static String region(String functionArn) {
        return functionArn.split(":")[3];
    }
}
