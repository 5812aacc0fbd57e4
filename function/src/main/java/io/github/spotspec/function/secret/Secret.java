package io.github.spotspec.function.secret;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsErrors;
import io.github.spotspec.function.runtime.Deadline;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;

/**
 * A secret in Secrets Manager, which keeps its current and its previous value (Secrets Manager user guide, "What's in a
 * secret"). Thread-safe.
 */
public final class Secret {
    private final SecretsManagerClient secrets;
    private final String arn;
    private final String what;

    /**
     * Creates a secret.
     *
     * @param what what error messages call it, such as {@code operator's secret}
     */
    public Secret(SecretsManagerClient secrets, String arn, String what) {
        this.secrets = secrets;
        this.arn = arn;
        this.what = what;
    }

    /**
     * Returns the current value; empty if it is not text.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public String current(Deadline deadline) {
        return currentVersion(deadline).value();
    }

    /**
     * Returns the current version. Its value is empty if it is not text.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public Version currentVersion(Deadline deadline) {
        try {
            return version("AWSCURRENT", deadline);
        } catch (AwsServiceException e) {
            throw unreadable("Secrets Manager answered " + AwsErrors.code(e));
        }
    }

    /**
     * Returns the previous value, or null if there is none.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public @Nullable String previous(Deadline deadline) {
        try {
            return version("AWSPREVIOUS", deadline).value();
        } catch (AwsServiceException e) {
            if (AwsErrors.code(e).equals("ResourceNotFoundException")) {
                return null;
            }
            throw unreadable("Secrets Manager answered " + AwsErrors.code(e));
        }
    }

    /**
     * One version of the secret.
     *
     * @param id its unique id
     */
    public record Version(String id, String value) {
        /** Omits the contents, so that no log or message can show them. */
        @Override
        public String toString() {
            return "Version[…]";
        }
    }

    /**
     * Makes a new version the current one.
     *
     * @param version the new version; its id must have 32 to 64 characters
     * @return false if a version with this id and another value exists; in that case nothing is changed
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public boolean put(Version version, Deadline deadline) {
        try {
            secrets.putSecretValue(request -> request.secretId(arn)
                    .clientRequestToken(version.id())
                    .secretString(version.value())
                    .overrideConfiguration(call -> call.apiCallTimeout(deadline.remainingForLastCall())));
            return true;
        } catch (AwsServiceException e) {
            if (AwsErrors.code(e).equals("ResourceExistsException")) {
                return false;
            }
            throw unreadable("Secrets Manager answered " + AwsErrors.code(e));
        } catch (SdkException e) {
            throw unreadable("Secrets Manager did not answer");
        }
    }

    /** Returns the exception that says why the secret cannot be used. It contains no value of the secret. */
    public ServiceException unreadable(String why) {
        return new ServiceException(ErrorCode.SECRET_UNREADABLE, "The " + what + " cannot be used: " + why + ".");
    }

    private Version version(String stage, Deadline deadline) {
        try {
            GetSecretValueResponse answer = secrets.getSecretValue(request -> request.secretId(arn)
                    .versionStage(stage)
                    .overrideConfiguration(call -> call.apiCallTimeout(deadline.remainingForLastCall())));
            return new Version(
                    String.valueOf(answer.versionId()), answer.secretString() == null ? "" : answer.secretString());
        } catch (AwsServiceException e) {
            throw e;
        } catch (SdkException e) {
            throw unreadable("Secrets Manager did not answer");
        }
    }
}
