package io.github.spotspec.function.runtime;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.time.Duration;
import java.time.Instant;

/**
 * The time by which an answer must be ready. Thread-safe.
 *
 * @param at after this time, nothing new is started
 * @param last after this time, operations that have started are abandoned
 * @param clock the clock for the remaining time
 */
public record Deadline(Instant at, Instant last, ServiceClock clock) {
    private static final Duration MIN_REMAINING = Duration.ofMillis(1);

    /** Creates a deadline after which nothing is started and everything is abandoned. */
    public Deadline(Instant at, ServiceClock clock) {
        this(at, at, clock);
    }

    /** Returns the time that is left to start operations; never negative. */
    public Duration remaining() {
        Duration left = Duration.between(clock.instant(), at);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Returns how long a call that is made now may take. At least one millisecond, because the SDK rejects a timeout of
     * zero.
     */
    public Duration remainingForLastCall() {
        Duration left = Duration.between(clock.instant(), last);
        return left.compareTo(MIN_REMAINING) < 0 ? MIN_REMAINING : left;
    }

    /** Returns whether the time to start operations is over. */
    public boolean isOver() {
        return !clock.instant().isBefore(at);
    }

    /** Returns a deadline that is earlier by a duration. */
    public Deadline minus(Duration duration) {
        return new Deadline(at.minus(duration), last.minus(duration), clock);
    }

    /**
     * Sleeps for a duration, but not beyond the deadline.
     *
     * @throws ServiceException with {@link ErrorCode#TIMED_OUT} if the thread is interrupted because nobody waits for
     *     the answer any more
     */
    public void sleep(Duration duration) {
        Duration left = remaining();
        try {
            clock.sleep(duration.compareTo(left) < 0 ? duration : left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(
                    ErrorCode.TIMED_OUT,
                    "The request timed out before it was done; the tasks 'instances' and 'requests' show the result.");
        }
    }
}
