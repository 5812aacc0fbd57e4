package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Instant;

/** Resolves the operator's credentials for a request. Implementations are thread-safe. */
@FunctionalInterface
public interface CredentialsResolver {
    /**
     * Reads and checks the fields that authenticate the request, before any credentials are used.
     *
     * @throws ServiceException if they are not sufficient for the request's task
     */
    CredentialsRequest prepare(Fields fields);

    /** The authentication fields of a request, ready to be resolved to credentials. */
    @FunctionalInterface
    interface CredentialsRequest {
        /**
         * Returns the credentials for this request only.
         *
         * @param operatorCredentials the operator's own credentials
         * @param caller the name of the caller: an ARN, or the id of a token
         * @param now when the request arrived
         * @throws ServiceException if the authentication fields are not accepted. If an MFA code was accepted before
         *     the failure, the exception has a session.
         */
        ResolvedCredentials resolve(
                OperatorCredentials operatorCredentials, String caller, Instant now, Deadline deadline);
    }

    /**
     * Returns the resolver for a deployment in which no task needs MFA. It always uses the operator's own key and
     * ignores the authentication fields.
     */
    static CredentialsResolver withoutMfa() {
        // Created here and not for each request, so that a snapshot contains its class.
        CredentialsRequest request =
                (operatorCredentials, caller, now, deadline) -> ResolvedCredentials.withoutMfa(operatorCredentials);
        return fields -> request;
    }
}
