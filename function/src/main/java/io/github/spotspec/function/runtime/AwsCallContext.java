package io.github.spotspec.function.runtime;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/**
 * What the AWS calls of one request have in common: the credentials, the deadline and the call budget.
 *
 * @param credentials the credentials of the calls: the operator's, or the keeper's own
 * @param mfa whether the credentials come from an MFA code
 * @param userData the secret's cloud-init text, or its base64, for launches that state none; null if the secret has
 *     none
 * @param callBudget how many EC2 calls it may make
 */
public record AwsCallContext(
        AwsCredentialsProvider credentials,
        boolean mfa,
        @Nullable String userData,
        Deadline deadline,
        CallBudget callBudget) {
    /** Creates a context for work that no request asks for. Only the deadline limits its calls. */
    public AwsCallContext(
            AwsCredentialsProvider credentials, boolean mfa, @Nullable String userData, Deadline deadline) {
        this(credentials, mfa, userData, deadline, CallBudget.unlimited());
    }

    /** Adds the credentials to a call and limits the call by the remaining time and the call budget. */
    public void authorize(AwsRequestOverrideConfiguration.Builder call) {
        Duration left = deadline.remainingForLastCall();
        callBudget.attachTo(call);
        call.credentialsProvider(credentials).apiCallTimeout(left).apiCallAttemptTimeout(AwsClients.attemptTime(left));
    }

    /** Returns the same context with a deadline that is earlier by a duration. */
    public AwsCallContext withEarlierDeadline(Duration by) {
        return new AwsCallContext(credentials, mfa, userData, deadline.minus(by), callBudget);
    }

    /**
     * Returns the same context for calls that an answer can do without. They end one second before the task must end,
     * so that there is time to answer without their results.
     */
    public AwsCallContext forOptionalCalls() {
        Deadline earlier = new Deadline(deadline.at().minusSeconds(1), deadline.clock());
        return new AwsCallContext(credentials, mfa, userData, earlier, callBudget);
    }

    /** Hides the contents, so that they cannot appear in a log or message. */
    @Override
    public String toString() {
        return "AwsCallContext[…]";
    }
}
