package io.github.spotspec.function.config;

import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A settings document: the JSON in the environment variable that the construct sets. Each method throws an
 * {@link IllegalArgumentException} if the document is not in the form that the construct writes. This happens at
 * start-up, so a deployment with invalid settings never becomes active.
 */
public final class SettingsDocument {
    /** The environment variable that holds the document. */
    public static final String VARIABLE = "SPOTSPEC_SETTINGS";

    private final Map<?, ?> values;

    private SettingsDocument(Map<?, ?> values) {
        this.values = values;
    }

    /**
     * Parses a document that must have the required keys and may have the optional keys.
     *
     * @param text the value of the variable, or null if it is not set
     */
    public static SettingsDocument parse(@Nullable String text, Set<String> required, Set<String> optional) {
        if (text == null) {
            throw new IllegalArgumentException(VARIABLE + " is not set; the construct sets it");
        }
        if (!(json(text) instanceof Map<?, ?> values)) {
            throw new IllegalArgumentException(VARIABLE + " must be a JSON object");
        }
        for (String key : required) {
            if (values.get(key) == null) {
                throw new IllegalArgumentException("'" + key + "' is missing from " + VARIABLE);
            }
        }
        for (Object key : values.keySet()) {
            if (!required.contains(key) && !optional.contains(key)) {
                throw new IllegalArgumentException("'" + key + "' is unknown in " + VARIABLE);
            }
        }
        return new SettingsDocument(values);
    }

    private static @Nullable Object json(String text) {
        try {
            return Json.parse(text);
        } catch (JsonException e) {
            throw new IllegalArgumentException(VARIABLE + " must be a JSON object: " + e.getMessage(), e);
        }
    }

    /** Returns whether the document has an optional key. */
    public boolean has(String key) {
        return values.get(key) != null;
    }

    public String text(String key) {
        if (values.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("'" + key + "' must be a string");
    }

    /** Returns a list of strings; empty if the document does not have the key. */
    public List<String> texts(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (values.get(key) instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new IllegalArgumentException("'" + key + "' must be a list of strings");
    }

    public BigDecimal number(String key) {
        if (values.get(key) instanceof BigDecimal number) {
            return number;
        }
        throw new IllegalArgumentException("'" + key + "' must be a number");
    }

    public Duration seconds(String key) {
        return Duration.ofSeconds(number(key).longValueExact());
    }

    /** Returns whether the value of a key is true; false if the document does not have the key. */
    public boolean flag(String key) {
        return Boolean.TRUE.equals(values.get(key));
    }
}
