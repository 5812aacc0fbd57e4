package io.github.spotspec.function.edge;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.deployment.Caller;
import io.github.spotspec.function.operator.Deadline;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How the service knows who asks. Implementations are thread-safe. */
@FunctionalInterface
public interface Callers {
    /**
     * Tells who asks, before anything else of the request is looked at.
     *
     * @param signer the ARN of the IAM principal that signed the request, as AWS has verified it, if it was signed
     * @param token the bearer token that the request brings, as it came, if it brings one
     * @param now when the request came
     * @throws Refusal unless it is somebody who may ask
     */
    Caller of(@Nullable String signer, @Nullable String token, Instant now, Deadline deadline);

    /** Returns whether callers bring tokens, as a browser can, too. */
    default boolean bearTokens() {
        return false;
    }

    /** Returns the callers of a URL that AWS lets only signed requests through to; tokens mean nothing there. */
    static Callers signers() {
        return (signer, token, now, deadline) -> {
            if (signer == null) {
                throw new Refusal(Reason.CALLER_UNKNOWN, "The request must be signed; the event names no caller.");
            }
            return new Caller(signer, null);
        };
    }
}
