package io.github.spotspec.function.caller;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Authenticates the caller of a request. Implementations are thread-safe. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Authenticates the caller. This happens before the rest of the request is read.
     *
     * @param signer the ARN of the IAM principal that signed the request, as AWS verified it; null if the request is
     *     not signed
     * @param token the unverified bearer token of the request; null if it has none
     * @param now when the request arrived
     * @throws ServiceException if the caller may not send requests
     */
    Caller authenticate(@Nullable String signer, @Nullable String token, Instant now, Deadline deadline);

    /** Returns whether callers send tokens, which a browser can do as well. */
    default boolean takesTokens() {
        return false;
    }

    /** Returns the authenticator of a URL for which AWS allows only signed requests. It ignores tokens. */
    static Authenticator iam() {
        return (signer, token, now, deadline) -> {
            if (signer == null) {
                throw new ServiceException(
                        ErrorCode.CALLER_UNKNOWN,
                        "The event names no caller; sign the request and send it to the Function URL.");
            }
            return Caller.principal(signer);
        };
    }
}
