package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Provides the credentials of the function's own role as the operator's. There is no key to read and no MFA device.
 * Thread-safe.
 */
public final class RoleCredentialsProvider implements OperatorCredentialsProvider {
    private final AwsCredentialsProvider own;

    /**
     * Creates a provider.
     *
     * @param own the credentials of the function's role; the provider renews them before they expire
     */
    public RoleCredentialsProvider(AwsCredentialsProvider own) {
        this.own = own;
    }

    @Override
    public OperatorCredentials credentials(Deadline deadline) {
        try {
            return new OperatorCredentials(own.resolveCredentials(), null, null);
        } catch (SdkException e) {
            throw new ServiceException(
                    ErrorCode.OPERATOR_REJECTED, "Lambda did not provide the credentials of the function's role.");
        }
    }

    @Override
    public OperatorCredentials replacementFor(OperatorCredentials rejected, ServiceException why, Deadline deadline) {
        throw why;
    }
}
