package io.github.spotspec.function.runtime;

/**
 * A document that is not JSON as {@link Json} reads it. The message says what is wrong and where, and never repeats the
 * content. What that means is for the reader of the document to say: a request is refused, a secret is unreadable.
 */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message, null, false, false);
    }
}
