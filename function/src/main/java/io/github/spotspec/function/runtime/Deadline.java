package io.github.spotspec.function.runtime;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.time.Duration;
import java.time.Instant;

/**
 * When an answer must be ready. Thread-safe.
 *
 * @param at when nothing more is begun
 * @param last when what was begun before is given up
 * @param clock tells how much of the time is left
 */
public record Deadline(Instant at, Instant last, ServiceClock clock) {
    private static final Duration MIN_REMAINING = Duration.ofMillis(1);

    /** Makes a deadline at which all is given up. */
    public Deadline(Instant at, ServiceClock clock) {
        this(at, at, clock);
    }

    /** Returns the time that is left to begin something; never negative. */
    public Duration remaining() {
        Duration left = Duration.between(clock.instant(), at);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Returns what a call may take that is made now, but at least a millisecond, since the SDK takes no time of nought. */
    public Duration remainingForLastCall() {
        Duration left = Duration.between(clock.instant(), last);
        return left.compareTo(MIN_REMAINING) < 0 ? MIN_REMAINING : left;
    }

    /** Returns whether no time is left. */
    public boolean isOver() {
        return !clock.instant().isBefore(at);
    }

    /** Returns a deadline that is earlier by so much. */
    public Deadline minus(Duration by) {
        return new Deadline(at.minus(by), last.minus(by), clock);
    }

    /**
     * Waits a moment, though not beyond the deadline.
     *
     * @throws ServiceException with {@link ErrorCode#TIMED_OUT} if whoever waits for the answer gives up meanwhile
     */
    public void sleep(Duration moment) {
        Duration left = remaining();
        try {
            clock.sleep(moment.compareTo(left) < 0 ? moment : left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(
                    ErrorCode.TIMED_OUT,
                    "The time was up before all was done; the same request tells what came of it.");
        }
    }
}
