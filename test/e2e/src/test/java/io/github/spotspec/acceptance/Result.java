package io.github.spotspec.acceptance;

/**
 * What a check found out.
 *
 * @param words what AWS or the service answered, or the measured figure
 */
record Result(Outcome outcome, String words) {
    /** What became of a promise. */
    enum Outcome {
        HELD("held"),
        NOT_HELD("NOT HELD"),
        /** An open question has an answer, or a time was measured. The service works with any answer. */
        ANSWERED("answered"),
        /** This account, place or run cannot tell. */
        NOT_SETTLED("not settled");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Ends a check early, with its result. */
    static final class Early extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Result result;

        private Early(Result result) {
            super(result.words());
            this.result = result;
        }

        Result result() {
            return result;
        }
    }

    Early early() {
        return new Early(this);
    }

    static Result held(String words) {
        return new Result(Outcome.HELD, words);
    }

    static Result notHeld(String words) {
        return new Result(Outcome.NOT_HELD, words);
    }

    static Result answered(String words) {
        return new Result(Outcome.ANSWERED, words);
    }

    static Result notSettled(String words) {
        return new Result(Outcome.NOT_SETTLED, words);
    }

    /**
     * Returns that a promise held or not.
     *
     * @param words the answer, which is worth showing only if the promise did not hold
     */
    static Result of(boolean held, String words) {
        return held ? held("") : notHeld(words);
    }
}
