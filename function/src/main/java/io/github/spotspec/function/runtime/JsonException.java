package io.github.spotspec.function.runtime;

/**
 * Thrown when a document is not JSON that {@link Json} accepts. The message says what is wrong and where, and never
 * contains any of the content. The code that reads the document handles it: a request is rejected, a secret is
 * unreadable.
 */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message, null, false, false);
    }
}
