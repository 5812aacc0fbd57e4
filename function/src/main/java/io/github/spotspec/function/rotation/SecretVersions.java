package io.github.spotspec.function.rotation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** The versions of one secret, and the stages that they have. Thread-safe. */
final class SecretVersions {
    static final String CURRENT = "AWSCURRENT";
    static final String PENDING = "AWSPENDING";

    private final SecretsManagerClient secrets;
    private final String arn;

    SecretVersions(SecretsManagerClient secrets, String arn) {
        this.secrets = secrets;
        this.arn = arn;
    }

    /** Returns the stages of every version that has any, by the versions' ids. */
    Map<String, List<String>> stages() {
        return secrets.describeSecret(request -> request.secretId(arn)).versionIdsToStages();
    }

    /** Returns the value that is in use. */
    String current() {
        return secrets.getSecretValue(request -> request.secretId(arn).versionStage(CURRENT))
                .secretString();
    }

    /** Returns the value that was made for a version, or nothing if none was yet. */
    @Nullable
    String pending(String version) {
        try {
            return secrets.getSecretValue(
                            request -> request.secretId(arn).versionId(version).versionStage(PENDING))
                    .secretString();
        } catch (ResourceNotFoundException e) {
            return null;
        }
    }

    /** Gives a version its value, once and for all. */
    void put(String version, String value) {
        secrets.putSecretValue(request -> request.secretId(arn)
                .clientRequestToken(version)
                .secretString(value)
                .versionStages(PENDING));
    }

    /** Puts a version into use; the one that was becomes the one before. */
    void use(String version, String instead) {
        secrets.updateSecretVersionStage(request -> request.secretId(arn)
                .versionStage(CURRENT)
                .moveToVersionId(version)
                .removeFromVersionId(instead));
    }

    /** Takes a version out of rotation, so that another can begin. */
    void giveUp(String version) {
        secrets.updateSecretVersionStage(
                request -> request.secretId(arn).versionStage(PENDING).removeFromVersionId(version));
    }
}
