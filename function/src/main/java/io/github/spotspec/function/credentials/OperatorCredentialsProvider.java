package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;

/** Where the operator's keys come from. Implementations are thread-safe. */
public interface OperatorCredentialsProvider {
    /**
     * Returns the operator's keys.
     *
     * @throws ServiceException if they cannot be had, or not in time
     */
    OperatorCredentials credentials(Deadline deadline);

    /**
     * Returns the operator's keys after AWS has refused these.
     *
     * @throws ServiceException the same as {@code why} if there are no others
     */
    OperatorCredentials replacementFor(OperatorCredentials refused, ServiceException why, Deadline deadline);
}
