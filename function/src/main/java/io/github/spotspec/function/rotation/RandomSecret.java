package io.github.spotspec.function.rotation;

import io.github.spotspec.function.runtime.Deadline;
import java.security.SecureRandom;

/** Generates random letters and digits, as many as in the first value that Secrets Manager generated. Thread-safe. */
final class RandomSecret implements SecretRotator {
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int LENGTH = 64;

    private final SecureRandom random = new SecureRandom();

    @Override
    public String create(String current) {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        return text.toString();
    }

    @Override
    public boolean isUsable(String pending) {
        return true;
    }

    @Override
    public void test(String pending, Deadline deadline) {
        // The value works at once because no other system has to know it.
    }
}
