package io.github.spotspec.local.lambda;

import io.github.spotspec.local.wire.AwsError;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Limits how many invocations run at a time: those of a function with a reservation to what it reserves, those of all other
 * functions of a region to what is left of the account's quota (Lambda developer guide, "Understanding Lambda function
 * scaling"). Lambda refuses the rest with status 429, for invocations and URLs alike ("Throttling function URLs"). Not
 * simulated: that a URL takes at most ten times as many requests a second. Thread-safe.
 */
public final class Concurrency {
    /** The quota "Concurrent executions" of an account in a region, which AWS raises on request. */
    static final int DEFAULT_QUOTA = 1_000;

    /** How much of the quota must stay unreserved; all of a smaller quota. */
    private static final int MIN_UNRESERVED = 100;

    private final Map<String, Integer> reserved = new HashMap<>();
    private final Map<String, Integer> running = new HashMap<>();
    private int quota = DEFAULT_QUOTA;

    /** Sets the account's quota in each region. */
    synchronized void quota(int executions) {
        quota = executions;
    }

    /** Reserves concurrency for a function in place of what was before; nothing if it is empty. */
    public synchronized void reserve(String functionArn, OptionalInt executions) {
        if (executions.isEmpty()) {
            reserved.remove(functionArn);
            return;
        }
        int unreserved = Math.min(MIN_UNRESERVED, quota);
        if (reservedByOthers(functionArn) + executions.getAsInt() > quota - unreserved) {
            throw new AwsError(
                    400,
                    "InvalidParameterValueException",
                    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
                            + " below its minimum value of [" + unreserved + "].");
        }
        reserved.put(functionArn, executions.getAsInt());
    }

    synchronized void enter(String functionArn) {
        Integer own = reserved.get(functionArn);
        boolean full = own == null
                ? runningUnreserved(functionArn) >= quota - reservedByOthers(functionArn)
                : running.getOrDefault(functionArn, 0) >= own;
        if (full) {
            throw exceeded();
        }
        running.merge(functionArn, 1, Integer::sum);
    }

    synchronized void leave(String functionArn) {
        running.merge(functionArn, -1, Integer::sum);
    }

    /** Returns the refusal of an invocation for which there is no room. */
    static AwsError exceeded() {
        return new AwsError(429, "TooManyRequestsException", "Rate Exceeded.");
    }

    /** Returns what other functions of a function's region reserve. */
    private int reservedByOthers(String functionArn) {
        return sum(
                reserved, other -> !other.equals(functionArn) && region(other).equals(region(functionArn)));
    }

    /** Returns how many invocations run in a function's region without a reservation. */
    private int runningUnreserved(String functionArn) {
        return sum(running, one -> !reserved.containsKey(one) && region(one).equals(region(functionArn)));
    }

    private static int sum(Map<String, Integer> counts, Predicate<String> functions) {
        return counts.entrySet().stream()
                .filter(count -> functions.test(count.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    private static String region(String functionArn) {
        return functionArn.split(":")[3];
    }
}
