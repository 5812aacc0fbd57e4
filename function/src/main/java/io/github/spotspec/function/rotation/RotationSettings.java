package io.github.spotspec.function.rotation;

import io.github.spotspec.function.config.SettingsDocument;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the rotation function is told: its settings document, which the construct writes into one environment variable.
 *
 * @param service the deployment's name
 * @param secretArn the secret with the operator's access key
 * @param user the name of the operator
 * @param generatedSecretArns the other secrets, which hold nothing but letters and digits by chance
 */
public record RotationSettings(String service, String secretArn, String user, List<String> generatedSecretArns) {
    /** Copies the list. */
    public RotationSettings {
        generatedSecretArns = List.copyOf(generatedSecretArns);
    }

    /** Reads the document; see {@link SettingsDocument}. */
    public static RotationSettings parse(@Nullable String text) {
        SettingsDocument document =
                SettingsDocument.parse(text, Set.of("service", "secretArn", "user"), Set.of("generatedSecretArns"));
        return new RotationSettings(
                document.text("service"),
                document.text("secretArn"),
                document.text("user"),
                document.texts("generatedSecretArns"));
    }
}
