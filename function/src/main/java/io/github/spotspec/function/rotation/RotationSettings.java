package io.github.spotspec.function.rotation;

import io.github.spotspec.function.config.SettingsDocument;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the rotation function, which the construct writes as JSON into one environment variable.
 *
 * @param service the deployment's name
 * @param secretArn the secret with the operator's access key
 * @param user the name of the operator
 * @param generatedSecretArns the other secrets, which hold only random letters and digits
 */
public record RotationSettings(String service, String secretArn, String user, List<String> generatedSecretArns) {
    /** Copies the list. */
    public RotationSettings {
        generatedSecretArns = List.copyOf(generatedSecretArns);
    }

    /** Parses the settings; see {@link SettingsDocument}. */
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
