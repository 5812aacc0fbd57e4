package io.github.spotspec.local.service;

import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The API of AWS Secrets Manager. */
final class SecretsManagerApi extends JsonApi {
    private final Secrets secrets;
    private final Rotations rotations;

    SecretsManagerApi(Secrets secrets, Rotations rotations) {
        this.secrets = secrets;
        this.rotations = rotations;
    }

    @Override
    public String service() {
        return "secretsmanager";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of(
                "GetSecretValue", this::getSecretValue,
                "PutSecretValue", this::putSecretValue,
                "DescribeSecret", this::describeSecret,
                "UpdateSecretVersionStage", this::updateSecretVersionStage,
                "RotateSecret", this::rotateSecret,
                "CancelRotateSecret", this::cancelRotateSecret);
    }

    private Secrets.Secret secret(ApiCall call, Input input, String action) {
        Secrets.Secret secret = secrets.find(input.required("SecretId"), call.region());
        call.authorize("secretsmanager:" + action, secret.arn());
        return secret;
    }

    private Map<String, Object> getSecretValue(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "GetSecretValue");
        String id = input.text("VersionId");
        String stage = input.text("VersionStage");
        Secrets.Version version = version(secret, id, id == null && stage == null ? Secrets.CURRENT : stage);
        return Map.of(
                "ARN", secret.arn(),
                "Name", secret.name(),
                "SecretString", version.value(),
                "VersionId", version.id(),
                "VersionStages", List.copyOf(version.stages()));
    }

    private static Secrets.Version version(Secrets.Secret secret, @Nullable String id, @Nullable String stage) {
        return secret.versions().stream()
                .filter(version -> id == null || version.id().equals(id))
                .filter(version -> stage == null || version.stages().contains(stage))
                .filter(version -> !version.value().isEmpty())
                .findFirst()
                .orElseThrow(() -> new AwsError(
                        400,
                        "ResourceNotFoundException",
                        "Secrets Manager can't find the specified secret value for "
                                + (id == null ? "staging label: " + stage : "VersionId: " + id)));
    }

    private Map<String, Object> putSecretValue(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "PutSecretValue");
        String token = input.text("ClientRequestToken");
        if (token != null && (token.length() < 32 || token.length() > 64)) {
            throw new AwsError(400, "InvalidParameterException", "ClientRequestToken must be 32-64 characters long.");
        }
        List<String> stages = input.any("VersionStages") instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(Secrets.CURRENT);
        Secrets.Version put = secrets.put(
                secret.arn(),
                token == null ? UUID.randomUUID().toString() : token,
                input.required("SecretString"),
                stages);
        return Map.of(
                "ARN", secret.arn(),
                "Name", secret.name(),
                "VersionId", put.id(),
                "VersionStages", List.copyOf(put.stages()));
    }

    private Map<String, Object> describeSecret(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "DescribeSecret");
        Map<String, Object> stages = new TreeMap<>();
        secret.versions().stream()
                .filter(version -> !version.stages().isEmpty())
                .forEach(version -> stages.put(version.id(), List.copyOf(version.stages())));
        return Map.of(
                "ARN", secret.arn(),
                "Name", secret.name(),
                "RotationEnabled", rotations.isOn(secret.arn()),
                "VersionIdsToStages", stages);
    }

    private Map<String, Object> updateSecretVersionStage(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "UpdateSecretVersionStage");
        String stage = input.required("VersionStage");
        String from = input.text("RemoveFromVersionId");
        String to = input.text("MoveToVersionId");
        String now = secret.at(stage).map(Secrets.Version::id).orElse(null);
        if (now != null && !now.equals(to) && !now.equals(from)) {
            throw new AwsError(
                    400,
                    "InvalidParameterException",
                    "The parameter RemoveFromVersionId must be the version that has the staging label " + stage + ".");
        }
        if (stage.equals(Secrets.CURRENT) && to == null) {
            throw new AwsError(400, "InvalidParameterException", "AWSCURRENT can only be moved to another version.");
        }
        secrets.move(secret.arn(), stage, to);
        return Map.of("ARN", secret.arn(), "Name", secret.name());
    }

    private Map<String, Object> rotateSecret(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "RotateSecret");
        String token = input.text("ClientRequestToken");
        String version =
                rotations.begin(secret.arn(), token == null ? UUID.randomUUID().toString() : token);
        return Map.of("ARN", secret.arn(), "Name", secret.name(), "VersionId", version);
    }

    private Map<String, Object> cancelRotateSecret(ApiCall call, Input input) {
        Secrets.Secret secret = secret(call, input, "CancelRotateSecret");
        rotations.cancel(secret.arn());
        return Map.of("ARN", secret.arn(), "Name", secret.name());
    }
}
