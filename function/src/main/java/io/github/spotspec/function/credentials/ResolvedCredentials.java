package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Session;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Credentials of the operator for one request.
 *
 * @param mfa whether they were had for an MFA code
 * @param openedSession the session that this request has opened, if it has
 */
public record ResolvedCredentials(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable Session openedSession) {
    /** Returns the operator's own keys, as they are. */
    public static ResolvedCredentials withoutMfa(OperatorCredentials keys) {
        return new ResolvedCredentials(StaticCredentialsProvider.create(keys.awsCredentials()), false, null);
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "ResolvedCredentials[…]";
    }
}
