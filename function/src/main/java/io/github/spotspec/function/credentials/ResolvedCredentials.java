package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Session;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * The operator's credentials for one request.
 *
 * @param sessionExpires when they expire if they were obtained with an MFA code, otherwise null
 * @param openedSession the session that this request opened, if any
 */
public record ResolvedCredentials(
        AwsCredentialsProvider credentials,
        @Nullable Instant sessionExpires,
        @Nullable Session openedSession) {
    /** Returns the operator's own credentials unchanged. */
    public static ResolvedCredentials withoutMfa(OperatorCredentials operatorCredentials) {
        return new ResolvedCredentials(
                StaticCredentialsProvider.create(operatorCredentials.awsCredentials()), null, null);
    }

    /** Returns whether they were obtained with an MFA code. */
    public boolean mfa() {
        return sessionExpires != null;
    }

    /** Omits the contents, so that no log or message can show them. */
    @Override
    public String toString() {
        return "ResolvedCredentials[…]";
    }
}
