package io.github.spotspec.infra;

import software.amazon.awscdk.Duration;

/** Checks of props. */
final class Check {
    private Check() {}

    /**
     * Checks something.
     *
     * @throws IllegalArgumentException with the message, which names the prop, what is wanted and what came
     */
    static void that(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Returns a duration that must be whole seconds, known at synthesis, and within bounds. */
    static Duration between(String prop, Duration duration, Duration least, Duration most) {
        that(!duration.isUnresolved(), "'" + prop + "' must be known when the app is synthesized, got a token");
        long millis = duration.toMilliseconds().longValue();
        that(
                millis % 1_000 == 0
                        && millis >= least.toMilliseconds().longValue()
                        && millis <= most.toMilliseconds().longValue(),
                "'" + prop + "' must be whole seconds from " + least.toHumanString() + " to " + most.toHumanString()
                        + ", got " + (millis % 1_000 == 0 ? duration.toHumanString() : millis + " milliseconds"));
        return duration;
    }
}
