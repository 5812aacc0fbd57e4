package io.github.spotspec.function.keeper;

import io.github.spotspec.function.config.SettingsDocument;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the keeper is told: its settings document, which the construct writes into one environment variable.
 *
 * @param service the deployment's name, which every thing that it made is tagged with
 * @param regions the regions that it looks after
 * @param maxLease the longest lease, which a thing has whose lease tag is missing or says more
 * @param topicArn where it tells of interruptions
 * @param allowOnDemand whether the deployment launches on-demand instances, too, so that the keeper may terminate them
 * @param watchedTypes the instance types whose prices it notes
 */
public record KeeperSettings(
        String service,
        List<String> regions,
        Duration maxLease,
        String topicArn,
        boolean allowOnDemand,
        List<String> watchedTypes) {
    /** Reads the document; see {@link SettingsDocument}. */
    public static KeeperSettings parse(@Nullable String text) {
        SettingsDocument document = SettingsDocument.parse(
                text, Set.of("service", "regions", "maxLease", "topicArn"), Set.of("allowOnDemand", "watchedTypes"));
        return new KeeperSettings(
                document.text("service"),
                document.texts("regions"),
                document.seconds("maxLease"),
                document.text("topicArn"),
                document.flag("allowOnDemand"),
                document.texts("watchedTypes"));
    }
}
