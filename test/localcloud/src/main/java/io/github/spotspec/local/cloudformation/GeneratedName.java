package io.github.spotspec.local.cloudformation;

import java.security.SecureRandom;

/**
 * A resource name that CloudFormation generates.
 *
 * @param full the stack, the logical id and random characters
 * @param shorter the same without the stack
 */
record GeneratedName(String full, String shorter) {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SUFFIX_LENGTH = 12;
    private static final int MAX_LENGTH = 64;

    static GeneratedName of(String stack, String logicalId) {
        StringBuilder suffix = new StringBuilder(SUFFIX_LENGTH);
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            suffix.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        // Shortens a name that is too long. The logical id is shortened first, but keeps at least half of the available
        // length.
        int room = MAX_LENGTH - SUFFIX_LENGTH - 2;
        String id = first(logicalId, Math.max(room / 2, room - stack.length()));
        return new GeneratedName(first(stack, room - id.length()) + "-" + id + "-" + suffix, logicalId + "-" + suffix);
    }

    private static String first(String text, int most) {
        return text.substring(0, Math.min(most, text.length()));
    }
}
