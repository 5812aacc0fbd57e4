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
        Instant end = Instant.now().plus(time);
        Duration pause = FIRST_PAUSE;
        while (!condition.isMet()) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        return true;
    }
}
