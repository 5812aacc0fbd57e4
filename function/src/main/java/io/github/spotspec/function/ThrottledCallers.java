package io.github.spotspec.function;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Rejects requests that arrive before the time that the caller was asked to wait, without a call to EC2. EC2's rate
 * limits count the calls of the whole account, so the callers who do wait would otherwise find the limits used up by
 * those who do not. Each execution environment remembers only its own throttled requests: that needs no store, and
 * Lambda spreads a flood of requests over all environments. Thread-safe.
 */
final class ThrottledCallers {
    private static final Duration WAIT = Objects.requireNonNull(ErrorCode.THROTTLED.retryAfter());

    /** When the callers may repeat the requests that were throttled. */
    private final Map<Throttled, Instant> ends = new HashMap<>();

    /** A caller whose task was throttled. The other tasks use other limits, so the caller may still end instances. */
    private record Throttled(String caller, String task) {}

    /** Remembers that AWS has just throttled a request. */
    synchronized void add(String caller, String task, Instant now) {
        ends.values().removeIf(end -> !now.isBefore(end));
        ends.put(new Throttled(caller, task), now.plus(WAIT));
    }

    /**
     * Checks a request that has just arrived.
     *
     * @throws ServiceException with {@link ErrorCode#THROTTLED} if the caller should still wait
     */
    synchronized void check(String caller, String task, Instant now) {
        Instant end = ends.get(new Throttled(caller, task));
        if (end != null && now.isBefore(end)) {
            throw new ServiceException(
                    ErrorCode.THROTTLED,
                    "AWS has just throttled '" + task + "' for this caller; wait " + WAIT.toSeconds()
                            + " seconds before the next try.");
        }
    }
}
