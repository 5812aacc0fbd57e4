package io.github.spotspec.function.http;

import io.github.spotspec.function.api.Syntax;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Formats amounts, durations and names as people read them. */
final class ReadableText {
    /** The most decimals of an amount; spot prices have four to six. */
    private static final int MAX_DECIMALS = 4;

    private static final int MIN_DECIMALS = 2;
    private static final BigDecimal TEN_CENTS = new BigDecimal("0.1");

    private ReadableText() {}

    /** Returns a number, or null if the value is not one. */
    static @Nullable BigDecimal number(@Nullable Object value) {
        return switch (value) {
            case BigDecimal number -> number;
            case Integer number -> BigDecimal.valueOf(number);
            case Long number -> BigDecimal.valueOf(number);
            case String text -> {
                try {
                    yield new BigDecimal(text);
                } catch (NumberFormatException e) {
                    yield null;
                }
            }
            case null, default -> null;
        };
    }

    /**
     * Returns an amount of US dollars for a table, with two to four decimals: two from a dollar on. An amount that is
     * not zero never becomes zero.
     */
    static BigDecimal amount(BigDecimal amount) {
        return rounded(amount, BigDecimal.ONE, RoundingMode.HALF_UP);
    }

    /** Returns an amount for a sentence, such as {@code $0.0268}: with two decimals from ten cents on. */
    static String dollars(BigDecimal amount, RoundingMode rounding) {
        return "$" + rounded(amount, TEN_CENTS, rounding).toPlainString();
    }

    private static BigDecimal rounded(BigDecimal amount, BigDecimal large, RoundingMode rounding) {
        int decimals = amount.abs().compareTo(large) >= 0 ? MIN_DECIMALS : MAX_DECIMALS;
        BigDecimal rounded = amount.setScale(decimals, rounding);
        if (rounded.signum() == 0 && amount.signum() != 0) {
            rounded = amount.setScale(decimals, RoundingMode.UP);
        }
        BigDecimal stripped = rounded.stripTrailingZeros();
        return stripped.scale() < MIN_DECIMALS ? stripped.setScale(MIN_DECIMALS) : stripped;
    }

    /** Returns a duration in its two largest units, such as {@code 45s}, {@code 2h 10m} or {@code 3d 4h}. */
    static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return join(minutes + "m", seconds % 60, "s");
        }
        if (minutes < 60) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        long days = hours / 24;
        return hours < 48
                ? join(hours + "h", minutes % 60, "m")
                : days < 10 ? join(days + "d", hours % 24, "h") : days + "d";
    }

    private static String join(String large, long small, String unit) {
        return small == 0 ? large : large + " " + small + unit;
    }

    /** Returns a duration that an answer contains, such as {@code 130m} or a number of seconds, or the value itself. */
    static String duration(Object value) {
        Duration duration = value instanceof Number seconds
                ? Duration.ofSeconds(seconds.longValue())
                : Syntax.duration(String.valueOf(value));
        return duration == null ? String.valueOf(value) : duration(duration);
    }

    /** Returns a time relative to now, such as {@code 5m ago} or {@code in 2h 10m}, or the value if it is no time. */
    static String relative(Object value, Instant now) {
        Instant time = time(value);
        if (time == null) {
            return String.valueOf(value);
        }
        Duration until = Duration.between(now, time);
        if (until.toSeconds() == 0) {
            return "now";
        }
        return until.isNegative() ? duration(until.negated()) + " ago" : "in " + duration(until);
    }

    /** Returns a time, or null if the value is not one. */
    static @Nullable Instant time(@Nullable Object value) {
        try {
            return value instanceof Instant time ? time : Instant.parse(String.valueOf(value));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Returns a caller without what all callers of an account have in common: {@code user/dev} for its ARN. */
    static String caller(String caller) {
        return caller.startsWith("arn:") ? caller.substring(caller.lastIndexOf(':') + 1) : caller;
    }

    /** Returns the words of a name: {@code not launched} for {@code notLaunched}. */
    static String words(String name) {
        return separated(name, ' ').toLowerCase(Locale.ROOT);
    }

    /** Returns the title of a column: {@code LAUNCH-TIME} for {@code LaunchTime}. */
    static String title(String name) {
        return separated(name, '-').toUpperCase(Locale.ROOT);
    }

    private static String separated(String name, char separator) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean starts = i > 0
                    && Character.isUpperCase(c)
                    && (Character.isLowerCase(name.charAt(i - 1))
                            || (i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1))));
            if (starts) {
                words.append(separator);
            }
            words.append(c);
        }
        return words.toString();
    }

    /** Returns how many columns of a terminal a text takes. */
    static int width(String text) {
        return text.codePoints().map(ReadableText::width).sum();
    }

    private static int width(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
            default -> isWide(c) ? 2 : 1;
        };
    }

    /** Returns whether a character is wide according to Unicode's East Asian Width (UAX 11), in blocks, or an emoji. */
    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || Character.isEmojiPresentation(c)
                || (c >= 0x20000 && c <= 0x3fffd);
    }

    /** Returns a text cut to a width, with an ellipsis if something is cut off. */
    static String clipped(String text, int most) {
        if (width(text) <= most) {
            return text;
        }
        StringBuilder clipped = new StringBuilder();
        int width = 1;
        for (int c : text.codePoints().toArray()) {
            width += width(c);
            if (width > most) {
                break;
            }
            clipped.appendCodePoint(c);
        }
        return clipped.append('…').toString();
    }

    /** Returns the lines of a text that is broken at spaces. A word that is too long gets a line of its own. */
    static List<String> wrapped(String text, int most) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && width(line.toString()) + 1 + width(word) > most) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
