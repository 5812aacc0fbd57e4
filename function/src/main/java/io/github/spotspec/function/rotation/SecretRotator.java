package io.github.spotspec.function.rotation;

import io.github.spotspec.function.runtime.Deadline;

/** Creates and tests new values for one kind of secret. Implementations are thread-safe. */
interface SecretRotator {
    /**
     * Creates a new value.
     *
     * @param current the value that is in use, which stays valid
     */
    String create(String current);

    /** Returns whether a value that was created, but is not in use yet, can still be used. */
    boolean isUsable(String pending);

    /**
     * Waits until a new value works.
     *
     * @throws RotationException if it does not work before the deadline
     */
    void test(String pending, Deadline deadline);
}
