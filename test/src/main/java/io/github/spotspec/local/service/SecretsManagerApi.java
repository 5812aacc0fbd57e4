package io.github.spotspec.local.service;

import io.github.spotspec.local.state.Secrets;
import java.util.List;
import java.util.Map;

/** AWS Secrets Manager. */
final class SecretsManagerApi extends JsonApi {
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
        return Map.of(
                "ARN", secret.arn(),
                "Name", secret.name(),
                "SecretString", secret.value(),
                "VersionId", secret.versionId(),
                "VersionStages", List.of("AWSCURRENT"));
    }

    private Map<String, Object> putSecretValue(ApiCall call, Input input) {
        Secrets.Secret secret = secrets.find(input.required("SecretId"), call.region());
        call.authorize("secretsmanager:PutSecretValue", secret.arn());
        input.text("ClientRequestToken");
        Secrets.Secret changed = secrets.put(secret.arn(), input.required("SecretString"));
        return Map.of("ARN", changed.arn(), "Name", changed.name(), "VersionId", changed.versionId());
    }
}
