package io.github.spotspec.function.rotation;

import io.github.spotspec.function.runtime.Deadline;
import java.security.SecureRandom;

/** Letters and digits by chance, as many as Secrets Manager made the first value of. Thread-safe. */
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
        // Nobody else has to know of it for it to work.
    }
}
