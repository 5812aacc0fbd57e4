package io.github.spotspec.function.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the function behind the URL.
 *
 * @param service the deployment's name, with which every resource that it creates is tagged
 * @param regions the allowed regions, the default first; never empty
 * @param tasks the names of the allowed tasks
 * @param mfaTasks the names of the tasks that need MFA
 * @param secretArns the secrets of the operator, of sessions and of tokens
 * @param guardRails the limits of launches
 * @param fleets whether launches may use EC2 Fleet
 */
public record Settings(
        String service,
        List<String> regions,
        Set<String> tasks,
        Set<String> mfaTasks,
        SecretArns secretArns,
        GuardRails guardRails,
        boolean fleets) {
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
            "defaultImage",
            "subnets",
            "securityGroups",
            "keyPairs",
            "instanceProfile",
            "maxPrice",
            "maxCommitted",
            "maxVolumeSize",
            "volumeTypes",
            "maxVolumeIops",
            "maxVolumeThroughput",
            "maxMetadataHopLimit",
            "osUsers",
            "allowOnDemand",
            "fleets",
            "allowEndWhenIdle",
            "userData");

    public Settings {
        regions = List.copyOf(regions);
        tasks = Set.copyOf(tasks);
        mfaTasks = Set.copyOf(mfaTasks);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("'regions' must name at least one region");
        }
        if (!mfaTasks.isEmpty() && secretArns.operator() == null) {
            throw new IllegalArgumentException("'mfaTasks' requires 'secretArn' because a role has no MFA device");
        }
        if (!mfaTasks.isEmpty() && secretArns.sessions() == null) {
            throw new IllegalArgumentException("'mfaTasks' requires 'sessionSecretArn' to encrypt sessions");
        }
        if ((secretArns.signing() == null) != (secretArns.revocations() == null)) {
            throw new IllegalArgumentException(
                    "'signingSecretArn' and 'revocationsSecretArn' require each other because every token must be"
                            + " revocable");
        }
    }

    /** Parses the document; see {@link SettingsDocument}. */
    public static Settings parse(@Nullable String text) {
        SettingsDocument document = SettingsDocument.parse(text, REQUIRED, OPTIONAL);
        GuardRails guardRails = new GuardRails(
                new AllowLists(
                        document.texts("instanceTypes"),
                        document.texts("images"),
                        document.texts("imageOwners"),
                        document.texts("subnets"),
                        document.texts("securityGroups"),
                        document.texts("keyPairs"),
                        defaultImage(document)),
                new InstanceLimits(
                        text(document, "instanceProfile"),
                        whole(document, "maxMetadataHopLimit"),
                        document.has("osUsers") ? document.texts("osUsers") : InstanceLimits.DEFAULT_OS_USERS),
                new CostLimits(amount(document, "maxPrice"), amount(document, "maxCommitted")),
                document.number("maxInstances").intValueExact(),
                new VolumeLimits(
                        whole(document, "maxVolumeSize"),
                        document.texts("volumeTypes"),
                        whole(document, "maxVolumeIops"),
                        whole(document, "maxVolumeThroughput")),
                new LeaseLimits(
                        document.seconds("defaultLease"),
                        document.seconds("maxLease"),
                        document.flag("allowEndWhenIdle")),
                document.flag("allowOnDemand"),
                document.texts("userData"));
        return new Settings(
                document.text("service"),
                document.texts("regions"),
                Set.copyOf(document.texts("tasks")),
                Set.copyOf(document.texts("mfaTasks")),
                new SecretArns(
                        text(document, "secretArn"),
                        text(document, "sessionSecretArn"),
                        text(document, "signingSecretArn"),
                        text(document, "revocationsSecretArn")),
                guardRails,
                document.flag("fleets"));
    }

    /**
     * Returns the default image. A deployment that allows several images and sets no default has none, because the
     * function cannot know which one a caller means.
     */
    private static @Nullable String defaultImage(SettingsDocument document) {
        if (document.has("defaultImage")) {
            return document.text("defaultImage");
        }
        List<String> images = document.texts("images");
        return switch (images.size()) {
            case 0 -> AllowLists.DEFAULT_IMAGE;
            case 1 -> images.getFirst();
            default -> null;
        };
    }

    private static @Nullable String text(SettingsDocument document, String key) {
        return document.has(key) ? document.text(key) : null;
    }

    /** Returns an amount in US dollars, which the document has as a string to keep all digits. */
    private static @Nullable BigDecimal amount(SettingsDocument document, String key) {
        return document.has(key) ? new BigDecimal(document.text(key)) : null;
    }

    private static @Nullable Integer whole(SettingsDocument document, String key) {
        return document.has(key) ? (Integer) document.number(key).intValueExact() : null;
    }
}
