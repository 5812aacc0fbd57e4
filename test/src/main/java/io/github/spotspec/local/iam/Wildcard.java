package io.github.spotspec.local.iam;

/** The wildcards of policies: {@code *} for any run of characters, {@code ?} for any one. */
final class Wildcard {
    /** Stand in a pattern for the wildcards as mere characters; Unicode promises never to use these for anything. */
    private static final char STAR = '\uFDD0';

    private static final char QUESTION = '\uFDD1';

    private Wildcard() {}

    /** Returns a pattern that matches a text and nothing else. */
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
     * Matches part by part: a wildcard in an ARN does not reach across its first five colons. What has fewer parts is
     * no ARN, and matches nothing; a mere asterisk matches everything.
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
