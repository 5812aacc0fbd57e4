package io.github.spotspec.function.credentials;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * The operator as the secret describes it, in the ancestor's shape; or the function's role, which is no more than credentials.
 *
 * @param awsCredentials the access key
 * @param serialNumber the ARN of the MFA device, if there is one
 * @param userData base64 cloud-init for launches, if there is any
 */
public record OperatorCredentials(
        AwsCredentials awsCredentials,
        @Nullable String serialNumber,
        @Nullable String userData) {
    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "OperatorCredentials[…]";
    }
}
