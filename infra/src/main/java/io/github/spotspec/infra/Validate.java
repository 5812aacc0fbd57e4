package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Token;

/** Validates props. */
final class Validate {
    private Validate() {}

    /**
     * Checks a condition.
     *
     * @throws IllegalArgumentException with the message, which names the prop, the allowed values and the actual value
     */
    static void that(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Returns a value that must not be null. */
    static <T> T propNotNull(String prop, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + prop + "' must not be null; leave it out for the default");
        }
        return value;
    }

    /** Returns values that must not be null. The number of values must be known at synthesis. */
    static <T> List<T> elements(String prop, @Nullable Collection<? extends @Nullable T> values) {
        List<T> each = new ArrayList<>();
        for (T value : propNotNull(prop, values)) {
            if (value == null) {
                throw new IllegalArgumentException("'" + prop + "' must not hold null");
            }
            that(
                    !(value instanceof String text && text.startsWith("#{Token[")),
                    "'" + prop
                            + "' must be a list whose length is known when the app is synthesized, got a list token;"
                            + " take its items with Fn.select");
            each.add(value);
        }
        return each;
    }

    /** Returns a text that must be known at synthesis. */
    static String notToken(String prop, String text) {
        that(!Token.isUnresolved(text), "'" + prop + "' must be known when the app is synthesized, got a token");
        return text;
    }

    /** Returns the values of an array as a list. */
    static <T> List<T> asList(String prop, T @Nullable [] values) {
        return Arrays.asList(propNotNull(prop, values));
    }

    /** Returns a duration that must be whole seconds, known at synthesis, and within bounds. */
    static Duration between(String prop, Duration duration, Duration least, Duration most) {
        return between(prop, duration, Time.SECOND, least, most);
    }

    /** Returns a duration that must be whole units, known at synthesis, and within bounds. */
    static Duration between(String prop, Duration duration, Time unit, Duration least, Duration most) {
        that(
                !propNotNull(prop, duration).isUnresolved(),
                "'" + prop + "' must be known when the app is synthesized, got a token");
        long millis = duration.toMilliseconds().longValue();
        that(
                millis % unit.millis == 0
                        && millis >= least.toMilliseconds().longValue()
                        && millis <= most.toMilliseconds().longValue(),
                "'" + prop + "' must be whole " + unit.plural + " from " + least.toHumanString() + " to "
                        + most.toHumanString() + ", got "
                        + (millis % 1_000 == 0 ? duration.toHumanString() : millis + " milliseconds"));
        return duration;
    }

    /** Returns a size that must be whole units, known at synthesis, and within bounds. */
    static Size between(String prop, Size size, Unit unit, long least, long most) {
        propNotNull(prop, size);
        that(!size.isUnresolved(), "'" + prop + "' must be known when the app is synthesized, got a token");
        long bytes = size.toBytes().longValue();
        boolean whole = bytes % unit.bytes == 0;
        that(
                whole && bytes / unit.bytes >= least && bytes / unit.bytes <= most,
                "'" + prop + "' must be whole " + unit.symbol + " from " + least + " to " + most + ", got "
                        + (whole ? bytes / unit.bytes + " " + unit.symbol : bytes + " bytes"));
        return size;
    }

    /**
     * Returns a list of allowed values, which must not be empty. An empty list would mean that nothing is set, and
     * allow everything.
     */
    static <T> List<T> notEmpty(String prop, @Nullable Collection<? extends T> allowed) {
        List<T> some = elements(prop, allowed);
        that(!some.isEmpty(), "'" + prop + "' must name at least one; leave it out for any");
        return List.copyOf(some);
    }

    /** The units of durations. */
    enum Time {
        SECOND("seconds", 1_000),
        MINUTE("minutes", 60_000),
        DAY("days", 86_400_000);

        private final String plural;
        private final long millis;

        Time(String plural, long millis) {
            this.plural = plural;
            this.millis = millis;
        }
    }

    /** The units of sizes. */
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
