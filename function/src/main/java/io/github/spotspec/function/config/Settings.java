package io.github.spotspec.function.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the function behind the URL.
 * @param service the deployment's name, with which every resource that it creates is tagged
 * @param regions the allowed regions, the default first; never empty
 * @param secretArn the secret with the operator's access key; null if the function's role is the operator
 * @param tasks the names of the allowed tasks
 * @param mfaTasks the names of the tasks that need MFA
 * @param sessionSecretArn the secret that seals MFA sessions; not null if any task needs MFA
 * @param signingSecretArn the secret that signs tokens; null if the URL requires signed requests instead of tokens
 * @param revocationsSecretArn the secret that lists revoked tokens; not null if there is a signing secret
 * @param guardRails the limits of launches
 */
public record Settings(
        String service,
        List<String> regions,
        @Nullable String secretArn,
        Set<String> tasks,
        Set<String> mfaTasks,
        @Nullable String sessionSecretArn,
        @Nullable String signingSecretArn,
        @Nullable String revocationsSecretArn,
        GuardRails guardRails) {
    private static final Set<String> REQUIRED =
            Set.of("service", "regions", "tasks", "maxInstances", "defaultLease", "maxLease");
    private static final Set<String> OPTIONAL = Set.of(
            "secretArn",
            "mfaTasks",
            "sessionSecretArn",
            "signingSecretArn",
            "revocationsSecretArn",
            "instanceTypes",
            "images",
            "imageOwners",
            "subnets",
            "securityGroups",
            "keyPairs",
            "instanceProfile",
            "maxPrice",
            "maxVolumeSize",
            "volumeTypes",
            "maxVolumeIops",
            "maxVolumeThroughput",
            "allowOnDemand",
            "userData");

    public Settings {
        regions = List.copyOf(regions);
        tasks = Set.copyOf(tasks);
        mfaTasks = Set.copyOf(mfaTasks);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("'regions' must name at least one region");
        }
        if (!mfaTasks.isEmpty() && secretArn == null) {
            throw new IllegalArgumentException("'mfaTasks' requires 'secretArn' because a role has no MFA device");
        }
        if (!mfaTasks.isEmpty() && sessionSecretArn == null) {
            throw new IllegalArgumentException("'mfaTasks' requires 'sessionSecretArn' to encrypt sessions");
        }
        if ((signingSecretArn == null) != (revocationsSecretArn == null)) {
            throw new IllegalArgumentException(
                    "'signingSecretArn' and 'revocationsSecretArn' require each other because every token must be"
                            + " revocable");
        }
    }

    /** Parses the document; see {@link SettingsDocument}. */
    public static Settings parse(@Nullable String text) {
        SettingsDocument document = SettingsDocument.parse(text, REQUIRED, OPTIONAL);
        GuardRails guardRails = new GuardRails(
                document.texts("instanceTypes"),
                document.texts("images"),
                document.texts("imageOwners"),
                document.texts("subnets"),
                document.texts("securityGroups"),
                document.texts("keyPairs"),
                document.has("instanceProfile") ? document.text("instanceProfile") : null,
                document.has("maxPrice") ? new BigDecimal(document.text("maxPrice")) : null,
                document.number("maxInstances").intValueExact(),
                new VolumeLimits(
                        whole(document, "maxVolumeSize"),
                        document.texts("volumeTypes"),
                        whole(document, "maxVolumeIops"),
                        whole(document, "maxVolumeThroughput")),
                document.seconds("defaultLease"),
                document.seconds("maxLease"),
                document.flag("allowOnDemand"),
                document.texts("userData"));
        return new Settings(
                document.text("service"),
                document.texts("regions"),
                document.has("secretArn") ? document.text("secretArn") : null,
                Set.copyOf(document.texts("tasks")),
                Set.copyOf(document.texts("mfaTasks")),
                document.has("sessionSecretArn") ? document.text("sessionSecretArn") : null,
                document.has("signingSecretArn") ? document.text("signingSecretArn") : null,
                document.has("revocationsSecretArn") ? document.text("revocationsSecretArn") : null,
                guardRails);
    }

    private static @Nullable Integer whole(SettingsDocument document, String key) {
        return document.has(key) ? (Integer) document.number(key).intValueExact() : null;
    }
}
