package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/** The function's own role as the operator: no key of its own to read, and no MFA device. Thread-safe. */
public final class OperatorRole implements OperatorSource {
    private final AwsCredentialsProvider own;

    /**
     * Makes the operator.
     *
     * @param own the credentials of the function's role; the provider renews them before they end
     */
    public OperatorRole(AwsCredentialsProvider own) {
        this.own = own;
    }

    @Override
    public OperatorKeys keys(Deadline deadline) {
        try {
            return new OperatorKeys(own.resolveCredentials(), null, null);
        } catch (SdkException e) {
            throw new Refusal(Reason.OPERATOR_REJECTED, "Lambda gives the function no credentials of its role.");
        }
    }

    @Override
    public OperatorKeys insteadOf(OperatorKeys refused, Refusal why, Deadline deadline) {
        throw why;
    }
}
