package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Session;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * The operator's credentials for one request.
 *
 * @param mfa whether they were obtained with an MFA code
 * @param openedSession the session that this request opened, if any
 */
public record ResolvedCredentials(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable Session openedSession) {
    /** Returns the operator's own credentials unchanged. */
    public static ResolvedCredentials withoutMfa(OperatorCredentials operatorCredentials) {
        return new ResolvedCredentials(
                StaticCredentialsProvider.create(operatorCredentials.awsCredentials()), false, null);
    }

    /** Omits the contents, so that no log or message can show them. */
    @Override
    public String toString() {
        return "ResolvedCredentials[…]";
    }
}
