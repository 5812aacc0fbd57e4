package io.github.spotspec.function.keeper;

import io.github.spotspec.function.config.SettingsDocument;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keeper's settings document, which the construct writes into one environment variable.
 *
 * @param service the deployment's name, which tags everything that the deployment creates
 * @param regions the regions to sweep
 * @param maxLease the longest lease; it also applies to resources whose lease tag is missing or later than this allows
 * @param topicArn the topic for interruption notices and warnings
 * @param leaseWarning how long before the end of a lease the keeper warns; zero if it does not warn
 * @param endWhenIdle whether the keeper ends idle instances whose launches ask for it
 * @param allowOnDemand whether the deployment also launches On-Demand Instances, so that the keeper may terminate them
 * @param fleets whether the deployment launches with EC2 Fleet, so that launches may leave launch templates behind
 * @param watchedTypes the instance types whose prices the keeper records
 */
public record KeeperSettings(
        String service,
        List<String> regions,
        Duration maxLease,
        String topicArn,
        Duration leaseWarning,
        boolean endWhenIdle,
        boolean allowOnDemand,
        boolean fleets,
        List<String> watchedTypes) {
    /** Parses the document; see {@link SettingsDocument}. */
    public static KeeperSettings parse(@Nullable String text) {
        SettingsDocument document = SettingsDocument.parse(
                text,
                Set.of("service", "regions", "maxLease", "topicArn"),
                Set.of("leaseWarning", "endWhenIdle", "allowOnDemand", "fleets", "watchedTypes"));
        return new KeeperSettings(
                document.text("service"),
                document.texts("regions"),
                document.seconds("maxLease"),
                document.text("topicArn"),
                document.has("leaseWarning") ? document.seconds("leaseWarning") : Duration.ZERO,
                document.flag("endWhenIdle"),
                document.flag("allowOnDemand"),
                document.flag("fleets"),
                document.texts("watchedTypes"));
    }
}
