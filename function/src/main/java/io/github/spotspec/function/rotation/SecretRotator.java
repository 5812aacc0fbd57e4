package io.github.spotspec.function.rotation;

import io.github.spotspec.function.runtime.Deadline;

/** What a secret holds, and how there comes to be more of it. Implementations are thread-safe. */
interface SecretRotator {
    /**
     * Makes a new value.
     *
     * @param current the value that is in use, which stays good
     */
    String create(String current);

    /** Returns whether a value that was made, but is not in use yet, can still be used. */
    boolean isUsable(String pending);

    /**
     * Waits until a new value works.
     *
     * @throws RotationException if it does not before the deadline
     */
    void test(String pending, Deadline deadline);
}
