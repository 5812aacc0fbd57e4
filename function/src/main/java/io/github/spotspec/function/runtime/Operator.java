package io.github.spotspec.function.runtime;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/**
 * The identity that acts on AWS for one request, and for no other, until when, and how often.
 *
 * @param credentials its credentials
 * @param mfa whether they were had for an MFA code
 * @param userData cloud-init text, or its base64, for launches that bring none, if the secret has any
 * @param callBudget how often it may call EC2
 */
public record Operator(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable String userData,
        Deadline deadline,
        CallBudget callBudget) {
    /** Makes an operator that nobody asks from outside; it may call until its deadline. */
    public Operator(AwsCredentialsProvider credentials, boolean mfa, @Nullable String userData, Deadline deadline) {
        this(credentials, mfa, userData, deadline, CallBudget.unlimited());
    }

    /** Signs a call with the operator's credentials, and bounds it by what is left of the time and of the allowance. */
    public void authorize(AwsRequestOverrideConfiguration.Builder call) {
        Duration left = deadline.remainingForLastCall();
        callBudget.attachTo(call);
        call.credentialsProvider(credentials)
                .apiCallTimeout(left)
                .apiCallAttemptTimeout(
                        left.compareTo(ClientConfiguration.ATTEMPT_TIME) < 0 ? left : ClientConfiguration.ATTEMPT_TIME);
    }

    /** Returns the same operator with a deadline that is earlier by so much. */
    public Operator withEarlierDeadline(Duration by) {
        return new Operator(credentials, mfa, userData, deadline.minus(by), callBudget);
    }

    /**
     * Returns the same operator for calls that an answer can do without: they end a second before the task must, so that there
     * is time to answer without what they would have brought.
     */
    public Operator forOptionalCalls() {
        Deadline earlier = new Deadline(deadline.at().minusSeconds(1), deadline.clock());
        return new Operator(credentials, mfa, userData, earlier, callBudget);
    }

    /** Says nothing of what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Operator[…]";
    }
}
