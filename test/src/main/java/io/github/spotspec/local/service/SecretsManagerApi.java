package io.github.spotspec.local.service;

import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;

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
            default -> null;
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
        input.text("ClientRequestToken");
        Secrets.Secret changed = secrets.put(secret.arn(), input.required("SecretString"));
        return Map.of(
                "ARN",
                changed.arn(),
                "Name",
                changed.name(),
                "VersionId",
                changed.current().id());
    }
}
