package io.github.spotspec.function.caller;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How the service knows who asks. Implementations are thread-safe. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Tells who asks, before anything else of the request is looked at.
     *
     * @param signer the ARN of the IAM principal that signed the request, as AWS has verified it, if it was signed
     * @param token the bearer token that the request brings, as it came, if it brings one
     * @param now when the request came
     * @throws ServiceException unless it is somebody who may ask
     */
    Caller authenticate(@Nullable String signer, @Nullable String token, Instant now, Deadline deadline);

    /** Returns whether callers bring tokens, as a browser can, too. */
    default boolean takesTokens() {
        return false;
    }

    /** Returns the callers of a URL that AWS lets only signed requests through to; tokens mean nothing there. */
    static Authenticator iam() {
        return (signer, token, now, deadline) -> {
            if (signer == null) {
                throw new ServiceException(
                        ErrorCode.CALLER_UNKNOWN, "The request must be signed; the event names no caller.");
            }
            return new Caller(signer, null);
        };
    }
}
