package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Instant;

/** How a request comes by credentials of the operator. Implementations are thread-safe. */
@FunctionalInterface
public interface CredentialsResolver {
    /**
     * Reads and checks what the request brings to be let in, before any credentials are touched.
     *
     * @throws ServiceException if that is not enough for what it asks
     */
    CredentialsRequest prepare(Fields fields);

    /** What a request brought, ready to be turned into credentials. */
    @FunctionalInterface
    interface CredentialsRequest {
        /**
         * Returns the credentials for this request, and for no other.
         *
         * @param keys the operator's own
         * @param caller the ARN of whoever asks
         * @param now when the request came
         * @throws ServiceException if what it brought is not accepted; one that comes after an MFA code was taken has a session
         */
        ResolvedCredentials resolve(OperatorCredentials keys, String caller, Instant now, Deadline deadline);
    }

    /** Returns the access of a deployment in which no task needs MFA: with the operator's own key, whatever is brought. */
    static CredentialsResolver withoutMfa() {
        return fields -> (keys, caller, now, deadline) -> ResolvedCredentials.withoutMfa(keys);
    }
}
