package io.github.spotspec.function.api;

import org.jspecify.annotations.Nullable;

/**
 * A request that is not carried out: a reason, and a sentence that says what was wrong and what would be right. The
 * sentence goes to the caller and to the log, so it never holds a key, a token, a code or a secret.
 */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode errorCode;
    private final transient @Nullable Session session;

    /** Makes a refusal; it carries no stack trace, since it tells of the request and not of the code. */
    public ServiceException(ErrorCode reason, String details) {
        this(reason, details, null);
    }

    private ServiceException(ErrorCode reason, String details, @Nullable Session session) {
        super(details, null, false, false);
        this.errorCode = reason;
        this.session = session;
    }

    /** Returns the same refusal, of a request whose MFA code was taken: the session that it opened is not lost. */
    public ServiceException with(Session session) {
        return new ServiceException(errorCode, details(), session);
    }

    public ErrorCode errorCode() {
        return errorCode;
    }

    /** Returns the sentence. */
    public String details() {
        return String.valueOf(getMessage());
    }

    /** Returns the session that the request opened all the same, or nothing if it opened none. */
    public @Nullable Session session() {
        return session;
    }
}
