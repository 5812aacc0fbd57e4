package io.github.spotspec.local.iam;

/** Matches the wildcards of policies: {@code *} for any sequence of characters, {@code ?} for any single character. */
final class Wildcard {
    /**
     * Represent the wildcards as ordinary characters in a pattern. These are Unicode noncharacters, which Unicode
     * guarantees never to assign.
     */
    private static final char STAR = '\uFDD0';

    private static final char QUESTION = '\uFDD1';

    private Wildcard() {}

    /** Returns a pattern that matches only the given text. */
    static String literal(String text) {
        return text.replace('*', STAR).replace('?', QUESTION);
    }

    /** Returns the text that a literal pattern matches. */
    static String plain(String literal) {
        return literal.replace(STAR, '*').replace(QUESTION, '?');
    }

    static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || same(pattern.charAt(p), text.charAt(t)))) {
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

    private static boolean same(char wanted, char actual) {
        return wanted == actual || (wanted == STAR && actual == '*') || (wanted == QUESTION && actual == '?');
    }

    /**
     * Matches part by part, because a wildcard in an ARN does not extend across the ARN's first five colons. A text
     * with fewer parts is not an ARN and matches nothing, but a single asterisk matches everything.
     */
    static boolean matchesArn(String pattern, String arn) {
        String[] wanted = pattern.split(":", 6);
        String[] actual = arn.split(":", 6);
        if (wanted.length != 6 || actual.length != 6) {
            return pattern.equals("*");
        }
        for (int i = 0; i < 6; i++) {
            if (!matches(wanted[i], actual[i])) {
                return false;
            }
        }
        return true;
    }
}
