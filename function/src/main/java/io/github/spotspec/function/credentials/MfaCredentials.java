package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Session;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Credentials that STS gave for an MFA code, and when they end. */
record MfaCredentials(String accessKeyId, String secretAccessKey, String sessionToken, Instant expires) {
    /** Returns them for one request, with the session that it has opened, if it has. */
    ResolvedCredentials resolved(@Nullable Session opened) {
        return new ResolvedCredentials(
                StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(accessKeyId, secretAccessKey, sessionToken)),
                true,
                opened);
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "MfaCredentials[…]";
    }
}
