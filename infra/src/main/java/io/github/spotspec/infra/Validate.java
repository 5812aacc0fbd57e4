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

    /** Returns the value of an optional prop, which must not be null if it is set. */
    static <T> T propNotNull(String prop, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + prop + "' must not be null; omit it to use the default");
        }
        return value;
    }

    /** Returns the value of a parameter without a default, which must not be null. */
    static <T> T argumentNotNull(String parameter, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + parameter + "' must not be null");
        }
        return value;
    }

    /** Returns the elements, which must not be null. The number of elements must be known at synthesis. */
    static <T> List<T> elements(String prop, @Nullable Collection<? extends @Nullable T> values) {
        List<T> elements = new ArrayList<>();
        for (T value : propNotNull(prop, values)) {
            if (value == null) {
                throw new IllegalArgumentException("'" + prop + "' must not contain null");
            }
            that(
                    !(value instanceof String text && text.startsWith("#{Token[")),
                    "'" + prop
                            + "' must have a length that is known at synthesis, got a list token; select its elements"
                            + " with Fn.select");
            elements.add(value);
        }
        return elements;
    }

    /** Returns a text that must be known at synthesis. */
    static String notToken(String prop, String text) {
        that(!Token.isUnresolved(text), "'" + prop + "' must be known at synthesis, got a token; set a literal value");
        return text;
    }

    /** Returns the values of an array as a list. */
    static <T> List<T> asList(String prop, T @Nullable [] values) {
        return Arrays.asList(propNotNull(prop, values));
    }

    /** Returns a duration that must be whole seconds, known at synthesis, and within bounds. */
    static Duration between(String prop, Duration duration, Duration min, Duration max) {
        return between(prop, duration, Time.SECOND, min, max);
    }

    /** Returns a duration that must be whole units, known at synthesis, and within bounds. */
    static Duration between(String prop, Duration duration, Time unit, Duration min, Duration max) {
        that(
                !propNotNull(prop, duration).isUnresolved(),
                "'" + prop + "' must be known at synthesis, got a token; set a literal value");
        long millis = duration.toMilliseconds().longValue();
        that(
                millis % unit.millis == 0
                        && millis >= min.toMilliseconds().longValue()
                        && millis <= max.toMilliseconds().longValue(),
                "'" + prop + "' must be a whole number of " + unit.plural + " from " + min.toHumanString() + " to "
                        + max.toHumanString() + ", got "
                        + (millis % 1_000 == 0 ? duration.toHumanString() : millis + " milliseconds"));
        return duration;
    }

    /** Returns a size that must be whole units, known at synthesis, and within bounds. */
    static Size between(String prop, Size size, Unit unit, long min, long max) {
        propNotNull(prop, size);
        that(!size.isUnresolved(), "'" + prop + "' must be known at synthesis, got a token; set a literal value");
        long bytes = size.toBytes().longValue();
        boolean whole = bytes % unit.bytes == 0;
        that(
                whole && bytes / unit.bytes >= min && bytes / unit.bytes <= max,
                "'" + prop + "' must be a whole number of " + unit.symbol + " from " + min + " to " + max + ", got "
                        + (whole ? bytes / unit.bytes + " " + unit.symbol : bytes + " bytes"));
        return size;
    }

    /**
     * Returns a list of allowed values, which must not be empty. An empty list would mean that nothing is set, and
     * allow everything.
     */
    static <T> List<T> notEmpty(String prop, @Nullable Collection<? extends T> allowed) {
        List<T> elements = elements(prop, allowed);
        that(!elements.isEmpty(), "'" + prop + "' must not be empty; omit it to allow any value");
        return List.copyOf(elements);
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
