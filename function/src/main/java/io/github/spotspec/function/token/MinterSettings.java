package io.github.spotspec.function.token;

import io.github.spotspec.function.config.SettingsDocument;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the minter, which the construct writes as JSON into one environment variable.
 *
 * @param service the deployment's name
 * @param regions the regions in which the service may act
 * @param tasks the names of the tasks that the service carries out
 * @param signingSecretArn the secret that the signing keys are derived from
 * @param revocationsSecretArn the secret that lists revoked tokens
 * @param url the service's URL
 * @param maxLife the longest life of a token
 * @param osUsers the operating system users that callers may log in as; empty without the task {@code connect}
 */
public record MinterSettings(
        String service,
        List<String> regions,
        List<String> tasks,
        String signingSecretArn,
        String revocationsSecretArn,
        String url,
        Duration maxLife,
        List<String> osUsers) {
    private static final String OS_USERS = "osUsers";
    private static final Set<String> REQUIRED =
            Set.of("service", "regions", "tasks", "signingSecretArn", "revocationsSecretArn", "url", "longestLife");

    public MinterSettings {
        regions = List.copyOf(regions);
        tasks = List.copyOf(tasks);
        osUsers = List.copyOf(osUsers);
        if (maxLife.compareTo(RevocationList.MAX_TOKEN_LIFE) > 0) {
            throw new IllegalArgumentException(
                    "'longestLife' must be at most seven days, because revocations are kept that long");
        }
    }

    /** Parses the settings; see {@link SettingsDocument}. */
    public static MinterSettings parse(@Nullable String text) {
        SettingsDocument document = SettingsDocument.parse(text, REQUIRED, Set.of(OS_USERS));
        return new MinterSettings(
                document.text("service"),
                document.texts("regions"),
                document.texts("tasks"),
                document.text("signingSecretArn"),
                document.text("revocationsSecretArn"),
                document.text("url"),
                document.seconds("longestLife"),
                document.texts(OS_USERS));
    }
}
