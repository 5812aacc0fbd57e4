package io.github.spotspec.acceptance;

import java.time.Duration;
import java.time.Instant;

/** Waits for conditions that AWS meets sooner or later. */
final class Wait {
    /** How soon IAM usually shows changes everywhere. */
    static final Duration IAM = Duration.ofMinutes(2);

    /** How soon EC2 usually shows changes. */
    static final Duration EC2 = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** A condition that asks AWS. */
    @FunctionalInterface
    interface Condition {
        boolean isMet() throws Exception;
    }

    private Wait() {}

    /** Waits until a condition is met, with growing pauses. Returns whether it was met in time. */
    static boolean until(Duration time, Condition condition) throws Exception {
        return until(time, FIRST_PAUSE, LONGEST_PAUSE, condition);
    }

    /**
     * Waits until a condition is met. Returns whether it was met in time. The condition is checked at the end of the
     * time, too.
     *
     * @param first the first pause. Each further one is twice as long
     * @param longest the longest pause
     */
    static boolean until(Duration time, Duration first, Duration longest, Condition condition) throws Exception {
        Instant end = Instant.now().plus(time);
        Duration pause = first;
        while (!condition.isMet()) {
            Duration left = Duration.between(Instant.now(), end);
            if (!left.isPositive()) {
                return false;
            }
            Thread.sleep(shorter(pause, left));
            pause = shorter(pause.multipliedBy(2), longest);
        }
        return true;
    }

    private static Duration shorter(Duration one, Duration another) {
        return one.compareTo(another) < 0 ? one : another;
    }
}
