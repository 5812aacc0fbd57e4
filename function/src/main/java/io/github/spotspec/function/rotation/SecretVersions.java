package io.github.spotspec.function.rotation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** The versions of one secret and their version stages. Thread-safe. */
final class SecretVersions {
    static final String CURRENT = "AWSCURRENT";
    static final String PENDING = "AWSPENDING";

    private final SecretsManagerClient secrets;
    private final String arn;

    SecretVersions(SecretsManagerClient secrets, String arn) {
        this.secrets = secrets;
        this.arn = arn;
    }

    /** Returns the version stages of every version that has any, by version id. */
    Map<String, List<String>> stages() {
        return secrets.describeSecret(request -> request.secretId(arn)).versionIdsToStages();
    }

    /** Returns the value that is in use. */
    String current() {
        return secrets.getSecretValue(request -> request.secretId(arn).versionStage(CURRENT))
                .secretString();
    }

    /** Returns the value of a pending version, or null if it has none yet. */
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

    /** Sets the value of a version, which cannot be changed afterwards. */
    void put(String version, String value) {
        secrets.putSecretValue(request -> request.secretId(arn)
                .clientRequestToken(version)
                .secretString(value)
                .versionStages(PENDING));
    }

    /** Makes a version the current one, and the current version the previous one. */
    void use(String version, String instead) {
        secrets.updateSecretVersionStage(request -> request.secretId(arn)
                .versionStage(CURRENT)
                .moveToVersionId(version)
                .removeFromVersionId(instead));
    }

    /** Takes a version out of rotation, so that another rotation can start. */
    void giveUp(String version) {
        secrets.updateSecretVersionStage(
                request -> request.secretId(arn).versionStage(PENDING).removeFromVersionId(version));
    }
}
