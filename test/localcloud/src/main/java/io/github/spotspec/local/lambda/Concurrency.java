package io.github.spotspec.local.lambda;

import io.github.spotspec.local.wire.AwsError;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Limits how many invocations run at the same time. A function with reserved concurrency is limited to its reservation.
 * All other functions of a region share the rest of the account's quota (Lambda developer guide, "Understanding Lambda
 * function scaling"). Lambda rejects further invocations with status 429, both direct ones and those through URLs
 * ("Throttling function URLs"). This class does not simulate that a URL accepts at most ten times as many requests per
 * second. Thread-safe.
 */
public final class Concurrency {
    /** The default of an account's quota "Concurrent executions" in a region. AWS raises it on request. */
    static final int DEFAULT_QUOTA = 1_000;

    /** The part of the quota that must stay unreserved. A smaller quota must stay unreserved as a whole. */
    private static final int MIN_UNRESERVED = 100;

    private final Map<String, Integer> reserved = new HashMap<>();
    private final Map<String, Integer> running = new HashMap<>();
    private int quota = DEFAULT_QUOTA;

    /** Sets the account's quota in each region. */
    synchronized void quota(int executions) {
        quota = executions;
    }

    /** Sets a function's reserved concurrency, or removes the reservation if the value is empty. */
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
                    "Specified ReservedConcurrentExecutions for function decreases account's"
                            + " UnreservedConcurrentExecution below its minimum value of [" + unreserved + "].");
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

    /** Returns the error for an invocation that exceeds the available concurrency. */
    static AwsError exceeded() {
        return new AwsError(429, "TooManyRequestsException", "Rate Exceeded.");
    }

    /** Returns the concurrency that the other functions of a function's region reserve. */
    private int reservedByOthers(String functionArn) {
        return sum(
                reserved, other -> !other.equals(functionArn) && region(other).equals(region(functionArn)));
    }

    /** Returns how many invocations without reserved concurrency are running in a function's region. */
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
