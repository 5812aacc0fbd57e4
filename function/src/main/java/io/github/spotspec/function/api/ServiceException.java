package io.github.spotspec.function.api;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a request fails. It has an error code and a message that says what is wrong and how to fix it. The caller
 * and the log receive the message, so it never contains a key, a token, a code or a secret.
 */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode errorCode;
    private final transient @Nullable Session session;

    /** Creates an exception without a stack trace, because the cause is in the request and not in the code. */
    public ServiceException(ErrorCode reason, String details) {
        this(reason, details, null);
    }

    private ServiceException(ErrorCode reason, String details, @Nullable Session session) {
        super(details, null, false, false);
        this.errorCode = reason;
        this.session = session;
    }

    /**
     * Returns the same exception with a session, which is not lost although the request failed after STS accepted its
     * MFA code.
     */
    public ServiceException with(Session session) {
        return new ServiceException(errorCode, details(), session);
    }

    public ErrorCode errorCode() {
        return errorCode;
    }

    /** Returns the message. */
    public String details() {
        return String.valueOf(getMessage());
    }

    /** Returns the session that the request opened before it failed, or null if it opened none. */
    public @Nullable Session session() {
        return session;
    }
}
