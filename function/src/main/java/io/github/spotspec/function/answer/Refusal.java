package io.github.spotspec.function.answer;

/**
 * A request that is not carried out: a reason, and a sentence that says what was wrong and what would be right. The
 * sentence goes to the caller and to the log, so it never holds a key, a token, a code or a secret.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Makes a refusal; it carries no stack trace, since it tells of the request and not of the code. */
    public Refusal(Reason reason, String details) {
        super(details, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Returns the sentence. */
    public String details() {
        return String.valueOf(getMessage());
    }
}
