package io.github.spotspec.function.rotation;

/** Thrown if a rotation step fails. The message is a sentence that contains no secret. */
final class RotationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RotationException(String sentence) {
        super(sentence);
    }
}
