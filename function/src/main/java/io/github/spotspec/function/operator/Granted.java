package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Session;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Credentials of the operator for one request.
 *
 * @param mfa whether they were had for an MFA code
 * @param opened the session that this request has opened, if it has
 */
public record Granted(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable Session opened) {
    /** Returns the operator's own keys, as they are. */
    public static Granted withoutMfa(OperatorKeys keys) {
        return new Granted(StaticCredentialsProvider.create(keys.credentials()), false, null);
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Granted[…]";
    }
}
