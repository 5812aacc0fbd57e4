package io.github.spotspec.function.rotation;

import io.github.spotspec.function.deployment.SettingsDocument;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the rotation function is told: its settings document, which the construct writes into one environment variable.
 *
 * @param service the deployment's name
 * @param secretArn the secret with the operator's access key
 * @param user the name of the operator
 * @param sessionSecretArn the secret that MFA sessions are sealed with, if there is one
 */
public record RotationSettings(
        String service,
        String secretArn,
        String user,
        @Nullable String sessionSecretArn) {
    /** Reads the document; see {@link SettingsDocument}. */
    public static RotationSettings parse(@Nullable String text) {
        SettingsDocument document =
                SettingsDocument.parse(text, Set.of("service", "secretArn", "user"), Set.of("sessionSecretArn"));
        return new RotationSettings(
                document.text("service"),
                document.text("secretArn"),
                document.text("user"),
                document.has("sessionSecretArn") ? document.text("sessionSecretArn") : null);
    }
}
