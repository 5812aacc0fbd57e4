package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import io.github.spotspec.function.secret.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/**
 * Reads the operator's credentials from their secret. The secret is JSON in the ancestor's format: {@code accessKeyId},
 * {@code secretAccessKey}, and optionally {@code serialNumber} and {@code userData}. Thread-safe.
 */
public final class OperatorSecretReader implements SecretCredentialsProvider.Source {
    private final Secret secret;

    public OperatorSecretReader(Secret secret) {
        this.secret = secret;
    }

    /**
     * Reads the current version.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}; it says what is wrong, but never contains a
     *     value of the secret
     */
    @Override
    public OperatorCredentials read(Deadline deadline) {
        return credentials(secret.current(deadline));
    }

    @Override
    public @Nullable OperatorCredentials readPrevious(Deadline deadline) {
        String before = secret.previous(deadline);
        return before == null ? null : credentials(before);
    }

    private OperatorCredentials credentials(String document) {
        Map<?, ?> values = object(document);
        return new OperatorCredentials(
                AwsBasicCredentials.create(required(values, "accessKeyId"), required(values, "secretAccessKey")),
                text(values, "serialNumber"),
                text(values, "userData"));
    }

    private Map<?, ?> object(String document) {
        try {
            if (Json.parse(document) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (JsonException notJson) {
            throw secret.unreadable("it is not JSON");
        }
        throw secret.unreadable("it is not a JSON object");
    }

    private String required(Map<?, ?> values, String name) {
        String value = text(values, name);
        if (value == null) {
            throw secret.unreadable("it has no '" + name + "'");
        }
        return value;
    }

    private static @Nullable String text(Map<?, ?> values, String name) {
        return values.get(name) instanceof String value && !value.isBlank() ? value : null;
    }
}
