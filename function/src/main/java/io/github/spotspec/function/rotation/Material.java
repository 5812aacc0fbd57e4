package io.github.spotspec.function.rotation;

import io.github.spotspec.function.operator.Deadline;

/** What a secret holds, and how there comes to be more of it. Implementations are thread-safe. */
interface Material {
    /**
     * Makes a new value.
     *
     * @param current the value that is in use, which stays good
     */
    String next(String current);

    /** Returns whether a value that was made, but is not in use yet, can still be used. */
    boolean lasts(String pending);

    /**
     * Waits until a new value works.
     *
     * @throws RotationFailed if it does not before the deadline
     */
    void test(String pending, Deadline deadline);
}
