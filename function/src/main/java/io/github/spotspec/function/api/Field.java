package io.github.spotspec.function.api;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A field of a request: its name, its alternative names, and the constraints on its value. As in the ancestor, booleans
 * and numbers may be strings, and a list of one element may be just the element. Immutable and thread-safe.
 *
 * @param <T> the type of the checked value
 */
public final class Field<T> {
    /** The value of a field whose caller asks for all values. */
    public static final List<String> ALL = List.of("all");

    private static final int MAX_ECHOED = 60;

    private final List<String> names;
    private final String expected;
    private final Function<Object, @Nullable T> reading;
    private final boolean secret;

    private Field(List<String> names, String expected, Function<Object, @Nullable T> reading, boolean secret) {
        this.names = names;
        this.expected = expected;
        this.reading = reading;
        this.secret = secret;
    }

    /**
     * Returns a field of any type.
     *
     * @param expected completes the sentence "must be …"
     * @param reading returns the checked value, or null if the value is invalid
     */
    public static <T> Field<T> of(String name, String expected, Function<Object, @Nullable T> reading) {
        return new Field<>(List.of(name), expected, reading, false);
    }

    /** Returns a field for a text that passes the check. */
    public static Field<String> text(String name, String expected, Predicate<String> check) {
        return of(name, expected, value -> value instanceof String text && check.test(text) ? text : null);
    }

    /**
     * Returns a field for a list of 1 to {@code most} texts that all pass the check. The list keeps their order and
     * drops duplicates. {@code expected} is in the plural.
     */
    public static Field<List<String>> textList(String name, int most, String expected, Predicate<String> check) {
        return of(
                name, (most == 1 ? "one " : "1 to " + most + " ") + expected, value -> textList(value, 1, most, check));
    }

    /** Like {@link #textList}, but the word {@code all} may stand for all values. It is then {@link #ALL}. */
    public static Field<List<String>> textListOrAll(String name, int most, String expected, Predicate<String> check) {
        return of(
                name,
                "1 to " + most + " " + expected + ", or \"all\"",
                value -> value.equals("all") || value.equals(ALL) ? ALL : textList(value, 1, most, check));
    }

    /** Like {@link #textList}, but the list may be empty. */
    public static Field<List<String>> freeTextList(String name, int most, String expected, Predicate<String> check) {
        return of(name, "at most " + most + " " + expected, value -> textList(value, 0, most, check));
    }

    /** Returns a field for one of the given words. */
    public static Field<String> oneOf(String name, List<String> words) {
        return text(name, "one of " + String.join(", ", words), words::contains);
    }

    /** Returns a field for {@code true} or {@code false}. */
    public static Field<Boolean> bool(String name) {
        return of(name, "true or false", value -> switch (value) {
            case Boolean flag -> flag;
            case String text when text.equals("true") -> true;
            case String text when text.equals("false") -> false;
            default -> null;
        });
    }

    /** Returns a field for a whole number between two bounds, both inclusive. */
    public static Field<Integer> integer(String name, int least, int most) {
        return of(name, "a whole number from " + least + " to " + most, value -> {
            BigDecimal number = between(value, BigDecimal.valueOf(least), BigDecimal.valueOf(most));
            return number == null || number.stripTrailingZeros().scale() > 0 ? null : (Integer) number.intValueExact();
        });
    }

    /** Returns a field for a decimal number between two bounds, both inclusive. */
    public static Field<BigDecimal> decimal(String name, String what, BigDecimal least, BigDecimal most) {
        return of(
                name,
                what + " from " + least.toPlainString() + " to " + most.toPlainString(),
                value -> between(value, least, most));
    }

    /** Returns a field for a duration between two bounds, both inclusive, as {@link Syntax#duration} reads it. */
    public static Field<Duration> duration(String name, Duration least, Duration most) {
        String expected =
                "a duration such as 90m, 8h or 2d, from " + Syntax.format(least) + " to " + Syntax.format(most);
        return of(name, expected, value -> {
            Duration duration = value instanceof String text ? Syntax.duration(text) : null;
            return duration == null || duration.compareTo(least) < 0 || duration.compareTo(most) > 0 ? null : duration;
        });
    }

    /** Returns a field for a time in ISO-8601, such as {@code 2026-03-01T12:00:00Z}. */
    public static Field<Instant> time(String name) {
        return of(name, "a time such as 2026-03-01T12:00:00Z", value -> {
            try {
                return value instanceof String text && text.length() <= 40 ? Instant.parse(text) : null;
            } catch (java.time.format.DateTimeParseException e) {
                return null;
            }
        });
    }

    /** Returns the same field with more alternative names, such as EC2's or the ancestor's. */
    public Field<T> or(String... others) {
        List<String> all = new ArrayList<>(names);
        all.addAll(List.of(others));
        return new Field<>(List.copyOf(all), expected, reading, secret);
    }

    /** Returns the same field, but error messages do not repeat its value. */
    public Field<T> secret() {
        return new Field<>(names, expected, reading, true);
    }

    /** Returns the names, the preferred one first. */
    public List<String> names() {
        return names;
    }

    /** Returns what the value must be, to complete the sentence "must be …". */
    public String expected() {
        return expected;
    }

    T read(String path, Object value) {
        T checked = reading.apply(value);
        if (checked == null) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "'" + path + "' must be " + expected + (secret ? "." : ", got " + echo(value) + "."));
        }
        return checked;
    }

    private static @Nullable List<String> textList(Object value, int least, int most, Predicate<String> check) {
        List<?> elements = value instanceof List<?> list ? list : List.of(value);
        List<String> checked = new ArrayList<>();
        for (Object element : elements) {
            if (!(element instanceof String text) || !check.test(text)) {
                return null;
            }
            if (!checked.contains(text)) {
                if (checked.size() == most) {
                    // Stop here, because otherwise every element of a very long list would be compared with every
                    // other.
                    return null;
                }
                checked.add(text);
            }
        }
        return checked.size() < least ? null : List.copyOf(checked);
    }

    /**
     * Returns a number within the bounds, or null. Rejects large exponents because a few characters could then expand
     * to gigabytes.
     */
    private static @Nullable BigDecimal between(Object value, BigDecimal least, BigDecimal most) {
        BigDecimal number = switch (value) {
            case BigDecimal it -> it;
            // ASCII only, because Java accepts the digits of any script.
            case String text when Syntax.isPrintable(text, 20) -> parsed(text);
            default -> null;
        };
        if (number == null || Math.abs((long) number.scale()) > 20) {
            return null;
        }
        return number.compareTo(least) >= 0 && number.compareTo(most) <= 0 ? number : null;
    }

    private static @Nullable BigDecimal parsed(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String echo(Object value) {
        return switch (value) {
            case String text -> {
                String shown = Syntax.clipped(text, MAX_ECHOED);
                int length = text.codePointCount(0, text.length());
                yield '"' + shown + '"' + (shown.equals(text) ? "" : " (" + length + " characters)");
            }
            case BigDecimal number -> number.toString();
            case Boolean flag -> flag.toString();
            case List<?> list when list.size() == 1 && list.getFirst() instanceof String text -> "[" + echo(text) + "]";
            case List<?> list -> "a list of " + list.size() + (list.size() == 1 ? " element" : " elements");
            default -> "an object";
        };
    }
}
