package io.github.spotspec.infra;

import java.util.Collection;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;

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

    /** Returns a size that must be whole units, known at synthesis, and within bounds. */
    static Size between(String prop, Size size, Unit unit, long least, long most) {
        that(!size.isUnresolved(), "'" + prop + "' must be known when the app is synthesized, got a token");
        long bytes = size.toBytes().longValue();
        boolean whole = bytes % unit.bytes == 0;
        that(
                whole && bytes / unit.bytes >= least && bytes / unit.bytes <= most,
                "'" + prop + "' must be whole " + unit.symbol + " from " + least + " to " + most + ", got "
                        + (whole ? bytes / unit.bytes + " " + unit.symbol : bytes + " bytes"));
        return size;
    }

    /** Returns a list of what is allowed. An empty one, taken for none set, would allow everything. */
    static <T> List<T> some(String prop, Collection<? extends T> allowed) {
        that(!allowed.isEmpty(), "'" + prop + "' must name at least one; leave it out for any");
        return List.copyOf(allowed);
    }

    /** What sizes are measured in. */
    enum Unit {
        MEBIBYTE("MiB", 1L << 20),
        GIBIBYTE("GiB", 1L << 30);

        private final String symbol;
        private final long bytes;

        Unit(String symbol, long bytes) {
            this.symbol = symbol;
            this.bytes = bytes;
        }
    }
}
