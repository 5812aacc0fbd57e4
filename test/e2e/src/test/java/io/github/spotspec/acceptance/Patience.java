package io.github.spotspec.acceptance;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * How long to wait for what has no limit in AWS's documents, such as console output.
 *
 * @param time the time for each such wait
 */
record Patience(Duration time) {
    /** The longest time, because the leases of the run's instances must cover the waits. */
    static final Duration MAX = Duration.ofMinutes(20);

    /**
     * Parses the property {@code live.patience}.
     *
     * @throws IllegalArgumentException if it is not a duration of at most {@link #MAX}
     */
    static Patience parse(String text) {
        try {
            Duration time = Duration.parse(text);
            if (!time.isNegative() && time.compareTo(MAX) <= 0) {
                return new Patience(time);
            }
        } catch (DateTimeParseException e) {
            // Reported below.
        }
        throw new IllegalArgumentException("live.patience is '" + text + "'; it must be a duration such as PT8M, of at"
                + " most " + MAX + ", because the leases of the instances would end during longer waits");
    }
}
