package io.github.spotspec.local.ec2;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What RunInstances is asked, checked against what there is.
 *
 * @param market {@code spot} or {@code on-demand}
 * @param tenancy {@code default}, {@code dedicated} or {@code host}
 * @param networkInterface the id of an interface that exists, or null for a new one
 * @param instanceTags the tags for instances; likewise for the other kinds
 */
public record Launching(
        String region,
        Images.Image image,
        String type,
        int least,
        int most,
        Network.Subnet subnet,
        List<String> groups,
        @Nullable String keyName,
        @Nullable String userData,
        String market,
        Spot spot,
        String tenancy,
        @Nullable String networkInterface,
        String metadataTokens,
        String shutdownBehavior,
        boolean ebsOptimized,
        boolean monitoring,
        @Nullable String profileArn,
        List<NewVolume> volumes,
        Map<String, String> instanceTags,
        Map<String, String> volumeTags,
        Map<String, String> requestTags,
        @Nullable String clientToken) {

    /** Options of the spot market. */
    public record Spot(
            boolean persistent,
            String interruption,
            @Nullable BigDecimal maxPrice,
            @Nullable Instant validUntil) {}

    /**
     * A volume to be made.
     *
     * @param size GiB
     * @param sized whether the request itself says the size
     * @param iops what the request says, or null
     * @param throughput what the request says, in MiB a second, or null
     */
    public record NewVolume(
            String device,
            int size,
            boolean sized,
            String type,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            boolean encrypted,
            boolean deleteOnTermination) {}

    /** Returns whether spot instances are asked for. */
    public boolean isSpot() {
        return market.equals("spot");
    }
}
