package io.github.spotspec.function.mfa;

import io.github.spotspec.function.answer.Session;
import io.github.spotspec.function.operator.Granted;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Credentials that STS gave for an MFA code, and when they end. */
record Upgraded(String accessKeyId, String secretAccessKey, String sessionToken, Instant expires) {
    /** Returns them for one request, with the session that it has opened, if it has. */
    Granted granted(@Nullable Session opened) {
        return new Granted(
                StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(accessKeyId, secretAccessKey, sessionToken)),
                true,
                opened);
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Upgraded[…]";
    }
}
