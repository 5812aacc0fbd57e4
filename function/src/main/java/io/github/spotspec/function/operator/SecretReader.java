package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.json.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Reads the operator's keys from Secrets Manager. The secret is JSON in the ancestor's shape: {@code accessKeyId},
 * {@code secretAccessKey}, and optionally {@code serialNumber} and {@code userData}. Thread-safe.
 */
public final class SecretReader implements OperatorSecret.Source {
    private final SecretsManagerClient secrets;
    private final String arn;

    public SecretReader(SecretsManagerClient secrets, String arn) {
        this.secrets = secrets;
        this.arn = arn;
    }

    /**
     * Reads the current version.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}; it names what is wrong, never what was read
     */
    @Override
    public OperatorKeys read(Deadline deadline) {
        Map<?, ?> secret = object(document(deadline));
        return new OperatorKeys(
                required(secret, "accessKeyId"),
                required(secret, "secretAccessKey"),
                text(secret, "serialNumber"),
                text(secret, "userData"));
    }

    private String document(Deadline deadline) {
        try {
            String document = secrets.getSecretValue(request -> request.secretId(arn)
                            .overrideConfiguration(call -> call.apiCallTimeout(deadline.leastLeft())))
                    .secretString();
            return document == null ? "" : document;
        } catch (AwsServiceException e) {
            String code = e.awsErrorDetails() == null
                    ? "HTTP " + e.statusCode()
                    : e.awsErrorDetails().errorCode();
            throw unreadable("Secrets Manager answered " + code);
        } catch (SdkException e) {
            throw unreadable("Secrets Manager did not answer");
        }
    }

    private static Map<?, ?> object(String document) {
        try {
            if (Json.parse(document) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (Refusal notJson) {
            throw unreadable("it is not JSON");
        }
        throw unreadable("it is not a JSON object");
    }

    private static String required(Map<?, ?> secret, String name) {
        String value = text(secret, name);
        if (value == null) {
            throw unreadable("it has no '" + name + "'");
        }
        return value;
    }

    private static @Nullable String text(Map<?, ?> secret, String name) {
        return secret.get(name) instanceof String value && !value.isBlank() ? value : null;
    }

    private static Refusal unreadable(String why) {
        return new Refusal(Reason.SECRET_UNREADABLE, "The operator's secret cannot be used: " + why + ".");
    }
}
