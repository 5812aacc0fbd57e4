package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;

/** Provides the operator's credentials. Implementations are thread-safe. */
public interface OperatorCredentialsProvider {
    /**
     * Returns the operator's credentials.
     *
     * @throws ServiceException if they are unavailable, or not available in time
     */
    OperatorCredentials credentials(Deadline deadline);

    /**
     * Returns other credentials of the operator after AWS has rejected these.
     *
     * @throws ServiceException {@code why} if there are no others
     */
    OperatorCredentials replacementFor(OperatorCredentials rejected, ServiceException why, Deadline deadline);
}
