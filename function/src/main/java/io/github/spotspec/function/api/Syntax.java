package io.github.spotspec.function.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Checks the syntax of EC2's names. The checks compare single characters, because regular expressions would add more to
 * the cold start than all of these checks together.
 */
public final class Syntax {
    private Syntax() {}

    /** Returns whether a text is an instance type, such as {@code m7g.large} or {@code u-6tb1.112xlarge}. */
    public static boolean isInstanceType(String text) {
        int dot = text.indexOf('.');
        return dot > 0 && text.length() <= 40 && isWord(text, 0, dot) && isWord(text, dot + 1, text.length());
    }

    /** Returns whether a text is a region, such as {@code us-west-2} or {@code us-gov-east-1}. */
    public static boolean isRegion(String text) {
        int end = text.length();
        return end >= 9
                && end <= 32
                && isWord(text, 0, end)
                && text.indexOf('-') != end - 2
                && text.charAt(end - 2) == '-'
                && isDigit(text.charAt(end - 1));
    }

    /**
     * Returns whether a text is an id in EC2's format: a prefix, a hyphen, and 8 or 17 hexadecimal digits.
     *
     * @param prefix for example {@code i} or {@code sir}
     */
    public static boolean isId(String prefix, String text) {
        int digits = text.length() - prefix.length() - 1;
        if (!text.startsWith(prefix) || (digits != 8 && digits != 17) || text.charAt(prefix.length()) != '-') {
            return false;
        }
        // Not only hexadecimal digits, because the ids of spot requests have letters beyond f.
        return isAlphanumeric(text, prefix.length() + 1);
    }

    /**
     * Returns a text limited to {@code most} characters. A longer text is cut between two code points, and an ellipsis
     * follows.
     */
    public static String clipped(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
    }

    /** Returns whether a text is printable ASCII without spaces, from 1 to {@code most} characters long. */
    public static boolean isPrintable(String text, int most) {
        return !text.isEmpty() && text.length() <= most && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** Returns whether a text is printable ASCII, possibly with spaces, and at most {@code most} characters long. */
    public static boolean isPrintableText(String text, int most) {
        return text.length() <= most && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    /**
     * Parses a duration: a whole number of seconds, minutes, hours or days, such as {@code 90m}, or ISO-8601, such as
     * {@code PT8H}. Returns null for anything else.
     */
    public static @Nullable Duration duration(String text) {
        int last = text.length() - 1;
        // ASCII only, because Java accepts the digits of any script.
        if (last < 1 || last > 12 || !isPrintable(text, 13)) {
            return null;
        }
        try {
            if (text.charAt(0) == 'P') {
                return Duration.parse(text);
            }
            long number = Long.parseLong(text.substring(0, last));
            return switch (text.charAt(last)) {
                case 's' -> Duration.ofSeconds(number);
                case 'm' -> Duration.ofMinutes(number);
                case 'h' -> Duration.ofHours(number);
                case 'd' -> Duration.ofDays(number);
                default -> null;
            };
        } catch (ArithmeticException | java.time.DateTimeException | NumberFormatException e) {
            return null;
        }
    }

    /** Formats a duration so that {@link #duration} can parse it, in the largest unit that is exact. */
    public static String format(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds == 0) {
            return "0s";
        }
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /**
     * Returns whether a text can be the name of a user on Linux: a letter or an underscore, followed by letters,
     * digits, underscores and hyphens, at most 32 characters.
     */
    public static boolean isOsUser(String text) {
        if (text.isEmpty() || text.length() > 32 || isDigit(text.charAt(0)) || text.charAt(0) == '-') {
            return false;
        }
        return text.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '_'
                        || c == '-');
    }

    /** Returns whether a text is the six digits of an MFA code. */
    public static boolean isMfaCode(String text) {
        return text.length() == 6 && text.chars().allMatch(c -> isDigit((char) c));
    }

    /**
     * Returns whether a part of a text has only lower-case letters, digits and hyphens, with no hyphen at either end.
     */
    static boolean isWord(String text, int from, int to) {
        if (from >= to || text.charAt(from) == '-' || text.charAt(to - 1) == '-') {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !isDigit(c) && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isAlphanumeric(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !isDigit(c)) {
                return false;
            }
        }
        return true;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
