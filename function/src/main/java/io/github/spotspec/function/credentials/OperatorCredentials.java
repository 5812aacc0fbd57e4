package io.github.spotspec.function.credentials;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * The operator's credentials: the contents of the operator's secret, in the ancestor's format; or the function's role,
 * which has only an access key.
 *
 * @param awsCredentials the access key
 * @param serialNumber the ARN of the MFA device, if there is one
 * @param userData cloud-init user data for launches in base64, if there is any
 */
public record OperatorCredentials(
        AwsCredentials awsCredentials,
        @Nullable String serialNumber,
        @Nullable String userData) {
    /** Omits the contents, so that no log or message can show them. */
    @Override
    public String toString() {
        return "OperatorCredentials[…]";
    }
}
