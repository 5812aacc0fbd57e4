package io.github.spotspec.function.request;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One field of a request: its name, the other names it goes by, and what its value must be. Booleans and numbers may
 * arrive as strings, a list of one as its element, as the ancestor allowed. Immutable and thread-safe.
 *
 * @param <T> the type of the checked value
 */
public final class Field<T> {
    private static final int MOST_ECHOED = 60;

    private final List<String> names;
    private final String wanted;
    private final Function<Object, @Nullable T> reading;
    private final boolean secret;

    private Field(List<String> names, String wanted, Function<Object, @Nullable T> reading, boolean secret) {
        this.names = names;
        this.wanted = wanted;
        this.reading = reading;
        this.secret = secret;
    }

    /** A text that passes the check; {@code wanted} completes the sentence "must be …". */
    public static Field<String> text(String name, String wanted, Predicate<String> check) {
        return new Field<>(
                List.of(name), wanted, value -> value instanceof String text && check.test(text) ? text : null, false);
    }

    /** One to {@code most} texts that all pass the check, in their order, each once; {@code wanted} is in the plural. */
    public static Field<List<String>> texts(String name, int most, String wanted, Predicate<String> check) {
        return new Field<>(List.of(name), "1 to " + most + " " + wanted, value -> texts(value, most, check), false);
    }

    /** {@code true} or {@code false}. */
    public static Field<Boolean> flag(String name) {
        return new Field<>(
                List.of(name),
                "true or false",
                value -> switch (value) {
                    case Boolean flag -> flag;
                    case String text when text.equals("true") -> true;
                    case String text when text.equals("false") -> false;
                    default -> null;
                },
                false);
    }

    /** A whole number between two bounds, both included. */
    public static Field<Integer> whole(String name, int least, int most) {
        return new Field<>(
                List.of(name),
                "a whole number from " + least + " to " + most,
                value -> {
                    BigDecimal number = decimal(value);
                    if (number == null
                            || number.stripTrailingZeros().scale() > 0
                            || number.compareTo(BigDecimal.valueOf(least)) < 0
                            || number.compareTo(BigDecimal.valueOf(most)) > 0) {
                        return null;
                    }
                    return number.intValueExact();
                },
                false);
    }

    /** The same field, also known by other names: EC2's or the ancestor's. */
    public Field<T> or(String... others) {
        List<String> all = new ArrayList<>(names);
        all.addAll(List.of(others));
        return new Field<>(List.copyOf(all), wanted, reading, secret);
    }

    /** The same field, whose value no refusal repeats. */
    public Field<T> secret() {
        return new Field<>(names, wanted, reading, true);
    }

    /** Returns the names, the preferred one first. */
    public List<String> names() {
        return names;
    }

    /** Returns what the value must be, to complete the sentence "must be …". */
    public String wanted() {
        return wanted;
    }

    T read(String path, Object value) {
        T checked = reading.apply(value);
        if (checked == null) {
            throw new Refusal(
                    Reason.INVALID_VALUE,
                    "'" + path + "' must be " + wanted + (secret ? "." : ", got " + echo(value) + "."));
        }
        return checked;
    }

    private static @Nullable List<String> texts(Object value, int most, Predicate<String> check) {
        List<?> given = value instanceof List<?> list ? list : List.of(value);
        List<String> checked = new ArrayList<>();
        for (Object element : given) {
            if (!(element instanceof String text) || !check.test(text)) {
                return null;
            }
            if (!checked.contains(text)) {
                checked.add(text);
            }
        }
        return checked.isEmpty() || checked.size() > most ? null : List.copyOf(checked);
    }

    /** A number of ordinary size: an exponent must not make a few characters stand for gigabytes. */
    private static @Nullable BigDecimal decimal(Object value) {
        BigDecimal number = switch (value) {
            case BigDecimal it -> it;
            case String text when text.length() <= 20 -> parsed(text);
            default -> null;
        };
        return number != null && Math.abs((long) number.scale()) <= 20 ? number : null;
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
            case String text when text.length() <= MOST_ECHOED -> '"' + text + '"';
            case String text -> '"' + text.substring(0, MOST_ECHOED) + "…\" (" + text.length() + " characters)";
            case BigDecimal number -> number.toString();
            case Boolean flag -> flag.toString();
            case List<?> list when list.size() == 1 && list.getFirst() instanceof String text -> "[" + echo(text) + "]";
            case List<?> list -> "a list of " + list.size();
            default -> "an object";
        };
    }
}
