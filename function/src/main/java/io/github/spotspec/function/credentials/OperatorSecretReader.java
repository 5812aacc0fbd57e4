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
        return keys(secret.current(deadline));
    }

    @Override
    public @Nullable OperatorCredentials readPrevious(Deadline deadline) {
        String before = secret.previous(deadline);
        return before == null ? null : keys(before);
    }

    private OperatorCredentials keys(String document) {
        Map<?, ?> keys = object(document);
        return new OperatorCredentials(
                AwsBasicCredentials.create(required(keys, "accessKeyId"), required(keys, "secretAccessKey")),
                text(keys, "serialNumber"),
                text(keys, "userData"));
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

    private String required(Map<?, ?> keys, String name) {
        String value = text(keys, name);
        if (value == null) {
            throw secret.unreadable("it has no '" + name + "'");
        }
        return value;
    }

    private static @Nullable String text(Map<?, ?> keys, String name) {
        return keys.get(name) instanceof String value && !value.isBlank() ? value : null;
    }
}
