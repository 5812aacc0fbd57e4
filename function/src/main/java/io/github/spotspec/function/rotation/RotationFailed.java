package io.github.spotspec.function.rotation;

/** Why a step was not carried out, in a sentence that holds nothing secret. */
final class RotationFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    RotationFailed(String sentence) {
        super(sentence);
    }
}
