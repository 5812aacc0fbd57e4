package io.github.spotspec.function.api;

/** Matches patterns with the wildcards of IAM's StringLike, so that the function and the operator's policy agree. */
public final class Wildcard {
    private Wildcard() {}

    /**
     * Returns whether a pattern matches a whole text.
     *
     * @param pattern {@code *} stands for any characters, also none, and {@code ?} for exactly one
     */
    public static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
