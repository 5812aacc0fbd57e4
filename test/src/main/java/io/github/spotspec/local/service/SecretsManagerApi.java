package io.github.spotspec.local.service;

import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** AWS Secrets Manager. */
final class SecretsManagerApi extends JsonApi {
    private static final String CURRENT = "AWSCURRENT";
    private static final String PREVIOUS = "AWSPREVIOUS";

    private final Secrets secrets;

    SecretsManagerApi(Secrets secrets) {
        this.secrets = secrets;
    }

    @Override
    public String service() {
        return "secretsmanager";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("GetSecretValue", this::getSecretValue, "PutSecretValue", this::putSecretValue);
    }

    private Map<String, Object> getSecretValue(ApiCall call, Input input) {
        Secrets.Secret secret = secrets.find(input.required("SecretId"), call.region());
        call.authorize("secretsmanager:GetSecretValue", secret.arn());
        String stage = input.text("VersionStage");
        Secrets.Version version = version(secret, stage == null ? CURRENT : stage);
        return Map.of(
                "ARN", secret.arn(),
                "Name", secret.name(),
                "SecretString", version.value(),
                "VersionId", version.id(),
                "VersionStages", List.of(stage == null ? CURRENT : stage));
    }

    private static Secrets.Version version(Secrets.Secret secret, String stage) {
        Secrets.Version version = switch (stage) {
            case CURRENT -> secret.current();
            case PREVIOUS -> secret.previous();
            default -> secret.labelled().get(stage);
        };
        if (version == null) {
            throw new AwsError(
                    400,
                    "ResourceNotFoundException",
                    "Secrets Manager can't find the specified secret value for staging label: " + stage);
        }
        return version;
    }

    private Map<String, Object> putSecretValue(ApiCall call, Input input) {
        Secrets.Secret secret = secrets.find(input.required("SecretId"), call.region());
        call.authorize("secretsmanager:PutSecretValue", secret.arn());
        String token = input.text("ClientRequestToken");
        List<String> stages = input.any("VersionStages") instanceof List<?> given
                ? given.stream().map(String::valueOf).toList()
                : List.of();
        if (!stages.isEmpty()) {
            return putLabelled(secret, input, stages, token);
        }
        Secrets.Secret changed = secrets.put(secret.arn(), input.required("SecretString"));
        return Map.of(
                "ARN",
                changed.arn(),
                "Name",
                changed.name(),
                "VersionId",
                changed.current().id());
    }

    private Map<String, Object> putLabelled(
            Secrets.Secret secret, Input input, List<String> stages, @Nullable String token) {
        if (stages.size() != 1 || stages.getFirst().startsWith("AWS")) {
            throw AwsError.unknown("versions with the labels " + stages);
        }
        if (token == null || token.length() < 32 || token.length() > 64) {
            throw new AwsError(400, "InvalidParameterException", "ClientRequestToken must be 32-64 characters long.");
        }
        Secrets.Version version =
                secrets.putLabelled(secret.arn(), stages.getFirst(), token, input.required("SecretString"));
        return Map.of("ARN", secret.arn(), "Name", secret.name(), "VersionId", version.id(), "VersionStages", stages);
    }
}
