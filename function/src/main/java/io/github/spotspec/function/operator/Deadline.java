package io.github.spotspec.function.operator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * When an answer must be ready. Thread-safe.
 *
 * @param at the time
 * @param clock tells how much of it is left
 */
public record Deadline(Instant at, InstantSource clock) {
    private static final Duration LEAST = Duration.ofMillis(1);

    /** Returns the time that is left; never negative. */
    public Duration left() {
        Duration left = Duration.between(clock.instant(), at);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Returns the time that is left, but at least a millisecond, since the SDK takes no time of nought. */
    public Duration leastLeft() {
        Duration left = left();
        return left.compareTo(LEAST) < 0 ? LEAST : left;
    }

    /** Returns whether no time is left. */
    public boolean isOver() {
        return !clock.instant().isBefore(at);
    }

    /** Returns a deadline that is earlier by so much. */
    public Deadline earlier(Duration by) {
        return new Deadline(at.minus(by), clock);
    }
}
