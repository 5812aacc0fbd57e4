package io.github.spotspec.function;

import io.github.spotspec.function.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the deployment decides: the settings document, which the construct writes into one environment variable.
 *
 * @param regions the regions in which the service may act, the default one first; never empty
 * @param secretArn the secret that holds the operator's access key
 */
public record Settings(List<String> regions, String secretArn) {
    /** The environment variable that holds the document. */
    public static final String VARIABLE = "SPOTSPEC_SETTINGS";

    private static final Set<String> KEYS = Set.of("regions", "secretArn");

    public Settings {
        regions = List.copyOf(regions);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("'regions' must name at least one region");
        }
    }

    /**
     * Reads the document.
     *
     * @throws IllegalArgumentException if it is missing or not as the construct writes it; thrown at start-up, so that a
     *     deployment with bad settings never becomes active
     */
    public static Settings parse(@Nullable String document) {
        if (document == null) {
            throw new IllegalArgumentException(VARIABLE + " is not set; the construct sets it");
        }
        if (!(Json.parse(document) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(VARIABLE + " must be a JSON object");
        }
        if (!KEYS.equals(map.keySet())) {
            throw new IllegalArgumentException(VARIABLE + " must have the keys " + KEYS + ", got " + map.keySet());
        }
        if (map.get("regions") instanceof List<?> regions && map.get("secretArn") instanceof String secretArn) {
            return new Settings(regions.stream().map(String.class::cast).toList(), secretArn);
        }
        throw new IllegalArgumentException("'regions' must be a list and 'secretArn' a string");
    }
}
