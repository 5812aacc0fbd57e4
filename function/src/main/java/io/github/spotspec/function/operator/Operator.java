package io.github.spotspec.function.operator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/**
 * The identity that acts on AWS for one request, and for no other, and until when.
 *
 * @param credentials its credentials
 * @param mfa whether they were had for an MFA code
 * @param userData cloud-init text, or its base64, for launches that bring none, if the secret has any
 */
public record Operator(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable String userData,
        Deadline deadline) {
    private static final Duration MOST_ATTEMPT = Duration.ofSeconds(8);

    /** Signs a call with the operator's credentials, and bounds it by what is left of the time. */
    public void authorize(AwsRequestOverrideConfiguration.Builder call) {
        Duration left = deadline.leastLeft();
        call.credentialsProvider(credentials)
                .apiCallTimeout(left)
                .apiCallAttemptTimeout(left.compareTo(MOST_ATTEMPT) < 0 ? left : MOST_ATTEMPT);
    }

    /** Returns the same operator with a deadline that is earlier by so much. */
    public Operator earlier(Duration by) {
        return new Operator(credentials, mfa, userData, deadline.earlier(by));
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Operator[…]";
    }
}
