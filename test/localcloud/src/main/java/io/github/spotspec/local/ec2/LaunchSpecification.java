package io.github.spotspec.local.ec2;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of RunInstances, after they were checked against the existing resources.
 *
 * @param volumes the volumes to create
 */
public record LaunchSpecification(
        Images.Image image,
        String type,
        NetworkInterface network,
        Request request,
        Market market,
        Options options,
        List<NewVolume> volumes,
        Tags tags) {

    /**
     * The network interface of each instance.
     *
     * @param networkInterface the id of an existing network interface, or null for a new one
     */
    public record NetworkInterface(
            Network.Subnet subnet,
            List<String> groups,
            @Nullable String networkInterface) {}

    /** How many instances are requested, and the token that lets the request be repeated. */
    public record Request(
            int minCount, int maxCount, @Nullable String clientToken) {}

    /**
     * Whether the instances are Spot Instances, and the spot options of the launch.
     *
     * @param name {@code spot} or {@code on-demand}
     */
    public record Market(
            String name,
            boolean persistent,
            String interruption,
            @Nullable BigDecimal maxPrice,
            @Nullable Instant validUntil) {}

    /**
     * The settings of each instance.
     *
     * @param tenancy EC2's word: default, dedicated or host
     */
    public record Options(
            @Nullable String keyName,
            @Nullable String userData,
            @Nullable String profileArn,
            String tenancy,
            String shutdownBehavior,
            boolean ebsOptimized,
            boolean monitoring,
            @Nullable String cpuCredits,
            Metadata metadata) {}

    /**
     * How an instance offers its metadata.
     *
     * @param hopLimit the value in the request, or null
     * @param tags whether the instance shows its tags in its metadata
     */
    public record Metadata(String tokens, @Nullable Integer hopLimit, boolean tags) {}

    /**
     * The tags for the resources that the launch creates.
     *
     * @param request the tags for spot requests
     */
    public record Tags(Map<String, String> instance, Map<String, String> volume, Map<String, String> request) {}

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

    public String region() {
        return network.subnet().region();
    }

    public Network.Subnet subnet() {
        return network.subnet();
    }

    /** Returns whether the launch is for Spot Instances. */
    public boolean isSpot() {
        return market.name().equals("spot");
    }
}
