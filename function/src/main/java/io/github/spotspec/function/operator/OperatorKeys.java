package io.github.spotspec.function.operator;

import org.jspecify.annotations.Nullable;

/**
 * The operator as the secret describes it, in the ancestor's shape.
 *
 * @param accessKeyId the access key's id
 * @param secretAccessKey the access key's secret
 * @param serialNumber the ARN of the MFA device, if there is one
 * @param userData base64 cloud-init for launches, if there is any
 */
public record OperatorKeys(
        String accessKeyId,
        String secretAccessKey,
        @Nullable String serialNumber,
        @Nullable String userData) {
    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "OperatorKeys[…]";
    }
}
