package io.github.spotspec.function.request;

/**
 * The form of EC2's names. Checked character by character: a regular expression would cost the cold start more than all
 * of these together.
 */
public final class Syntax {
    private Syntax() {}

    /** An instance type, such as {@code m7g.large} or {@code u-6tb1.112xlarge}. */
    public static boolean isInstanceType(String text) {
        int dot = text.indexOf('.');
        return dot > 0 && text.length() <= 40 && isWord(text, 0, dot) && isWord(text, dot + 1, text.length());
    }

    /** A region, such as {@code us-west-2} or {@code us-gov-east-1}. */
    public static boolean isRegion(String text) {
        int end = text.length();
        return end >= 9
                && end <= 32
                && isWord(text, 0, end)
                && text.indexOf('-') != end - 2
                && text.charAt(end - 2) == '-'
                && isDigit(text.charAt(end - 1));
    }

    /** An availability zone or local zone, such as {@code us-west-2a} or {@code us-west-2-lax-1a}. */
    public static boolean isZone(String text) {
        int end = text.length();
        return end >= 10
                && end <= 40
                && isWord(text, 0, end)
                && isDigit(text.charAt(end - 2))
                && !isDigit(text.charAt(end - 1))
                && text.charAt(end - 1) != '-';
    }

    /** The six digits of an MFA device. */
    public static boolean isMfaCode(String text) {
        return text.length() == 6 && text.chars().allMatch(c -> isDigit((char) c));
    }

    /** Lower-case letters, digits and inner hyphens. */
    private static boolean isWord(String text, int from, int to) {
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

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
