package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * One secret in Secrets Manager, which keeps its current value and the one before (Secrets Manager user guide, "What's in
 * a secret"). Thread-safe.
 */
public final class Secret {
    private final SecretsManagerClient secrets;
    private final String arn;
    private final String what;

    /**
     * Makes a secret.
     *
     * @param what what refusals call it, such as {@code operator's secret}
     */
    public Secret(SecretsManagerClient secrets, String arn, String what) {
        this.secrets = secrets;
        this.arn = arn;
        this.what = what;
    }

    /**
     * Reads the current value; empty if it is no text.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}
     */
    public String current(Deadline deadline) {
        try {
            return value("AWSCURRENT", deadline);
        } catch (AwsServiceException e) {
            throw unreadable("Secrets Manager answered " + code(e));
        }
    }

    /**
     * Reads the value before the current one, or nothing if there was none.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}
     */
    public @Nullable String previous(Deadline deadline) {
        try {
            return value("AWSPREVIOUS", deadline);
        } catch (AwsServiceException e) {
            if (code(e).equals("ResourceNotFoundException")) {
                return null;
            }
            throw unreadable("Secrets Manager answered " + code(e));
        }
    }

    /** Returns the refusal that says why the secret cannot be used, which names nothing that was read. */
    public Refusal unreadable(String why) {
        return new Refusal(Reason.SECRET_UNREADABLE, "The " + what + " cannot be used: " + why + ".");
    }

    private String value(String stage, Deadline deadline) {
        try {
            String value = secrets.getSecretValue(request -> request.secretId(arn)
                            .versionStage(stage)
                            .overrideConfiguration(call -> call.apiCallTimeout(deadline.leastLeft())))
                    .secretString();
            return value == null ? "" : value;
        } catch (AwsServiceException e) {
            throw e;
        } catch (SdkException e) {
            throw unreadable("Secrets Manager did not answer");
        }
    }

    private static String code(AwsServiceException e) {
        return e.awsErrorDetails() == null
                ? "HTTP " + e.statusCode()
                : e.awsErrorDetails().errorCode();
    }
}
