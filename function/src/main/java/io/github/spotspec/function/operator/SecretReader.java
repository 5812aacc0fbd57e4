package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.json.JsonException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/**
 * Reads the operator's keys from their secret. It is JSON in the ancestor's shape: {@code accessKeyId},
 * {@code secretAccessKey}, and optionally {@code serialNumber} and {@code userData}. Thread-safe.
 */
public final class SecretReader implements OperatorSecret.Source {
    private final Secret secret;

    public SecretReader(Secret secret) {
        this.secret = secret;
    }

    /**
     * Reads the current version.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}; it names what is wrong, never what was read
     */
    @Override
    public OperatorKeys read(Deadline deadline) {
        return keys(secret.current(deadline));
    }

    @Override
    public @Nullable OperatorKeys readBefore(Deadline deadline) {
        String before = secret.previous(deadline);
        return before == null ? null : keys(before);
    }

    private OperatorKeys keys(String document) {
        Map<?, ?> keys = object(document);
        return new OperatorKeys(
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
