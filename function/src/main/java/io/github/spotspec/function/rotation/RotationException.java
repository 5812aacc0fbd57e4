package io.github.spotspec.function.rotation;

/** Why a step was not carried out, in a sentence that holds nothing secret. */
final class RotationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RotationException(String sentence) {
        super(sentence);
    }
}
