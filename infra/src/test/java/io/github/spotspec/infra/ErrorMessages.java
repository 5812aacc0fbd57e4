package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Asserts what an error message names, and not its wording. */
final class ErrorMessages {
    private ErrorMessages() {}

    /**
     * Asserts that a value is rejected.
     *
     * @param named what the message must contain, such as the prop in quotes and the value
     */
    static void assertRejected(Executable executable, String... named) {
        assertFails(IllegalArgumentException.class, executable, named);
    }

    /** Asserts that something fails with a message that contains these texts. */
    static void assertFails(Class<? extends Exception> type, Executable executable, String... named) {
        assertNames(assertThrows(type, executable), named);
    }

    /** Asserts that the message of an exception contains these texts. */
    static void assertNames(Throwable thrown, String... named) {
        String message = String.valueOf(thrown.getMessage());
        for (String text : named) {
            assertTrue(message.contains(text), () -> "no " + text + " in: " + message);
        }
    }
}
