package io.github.spotspec.local.ec2;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of RunInstances, after they were checked against the existing resources.
 *
 * @param market {@code spot} or {@code on-demand}
 * @param tenancy EC2's word: default, dedicated or host
 * @param networkInterface the id of an existing network interface, or null for a new one
 * @param metadataHopLimit the value in the request, or null
 * @param metadataTags whether the instance shows its tags in its metadata
 * @param instanceTags the tags for instances; the other kinds of resources have similar parameters
 */
public record LaunchSpecification(
        String region,
        Images.Image image,
        String type,
        int minCount,
        int maxCount,
        Network.Subnet subnet,
        List<String> groups,
        @Nullable String keyName,
        @Nullable String userData,
        String market,
        Spot spot,
        String tenancy,
        @Nullable String networkInterface,
        String metadataTokens,
        @Nullable Integer metadataHopLimit,
        boolean metadataTags,
        String shutdownBehavior,
        boolean ebsOptimized,
        boolean monitoring,
        @Nullable String profileArn,
        List<NewVolume> volumes,
        Map<String, String> instanceTags,
        Map<String, String> volumeTags,
        Map<String, String> requestTags,
        @Nullable String clientToken) {

    /** The spot options of a launch. */
    public record Spot(
            boolean persistent,
            String interruption,
            @Nullable BigDecimal maxPrice,
            @Nullable Instant validUntil) {}

    /**
     * A volume to create.
     *
     * @param size the size in GiB
     * @param sizeRequested whether the request itself specifies the size
     * @param iops the value in the request, or null
     * @param throughput the value in the request, in MiB per second, or null
     */
    public record NewVolume(
            String device,
            int size,
            boolean sizeRequested,
            String type,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            boolean encrypted,
            boolean deleteOnTermination) {}

    /** Returns whether the launch is for Spot Instances. */
    public boolean isSpot() {
        return market.equals("spot");
    }
}
