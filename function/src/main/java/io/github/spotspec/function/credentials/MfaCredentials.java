package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.Session;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Credentials that STS returned for an MFA code, and when they expire. */
record MfaCredentials(String accessKeyId, String secretAccessKey, String sessionToken, Instant expires) {
    /** Returns the credentials for one request, with the session that the request opened, if any. */
    ResolvedCredentials resolved(@Nullable Session opened) {
        return new ResolvedCredentials(
                StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(accessKeyId, secretAccessKey, sessionToken)),
                expires,
                opened);
    }

    /** Omits the contents, so that no log or message can show them. */
    @Override
    public String toString() {
        return "MfaCredentials[…]";
    }
}
