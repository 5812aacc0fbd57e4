package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a launch, validated as far as possible without calling AWS.
 *
 * @param regions the regions to launch in, the preferred one first
 * @param image an image id, {@code resolve:ssm:} and the name of a public parameter, or a short name of a public image
 * @param pools where to launch
 * @param market what to pay, and what happens if there is no capacity
 * @param settings how to set up each instance
 * @param tags the caller's tags, which are added to the deployment's tags
 */
public record Launch(
        List<String> regions,
        int count,
        String image,
        PoolSelection pools,
        MarketOptions market,
        InstanceSettings settings,
        Lifetime lifetime,
        Map<String, String> tags) {

    /**
     * How long the instances may run.
     *
     * @param endWhenIdle how long an instance must be idle before the keeper ends it, or null if idleness does not
     *     matter
     */
    public record Lifetime(Duration lease, @Nullable Duration endWhenIdle) {}

    /**
     * The capacity pools to launch in.
     *
     * @param types the instance types, or empty if {@code requirements} describes them
     * @param zones the zones to launch in; any zone if {@code zones} and {@code subnets} are both empty
     * @param allocation which pools are tried first
     */
    public record PoolSelection(
            List<String> types,
            @Nullable InstanceRequirements requirements,
            List<String> zones,
            List<String> subnets,
            AllocationStrategy allocation) {
        public PoolSelection {
            types = List.copyOf(types);
            zones = List.copyOf(zones);
            subnets = List.copyOf(subnets);
        }
    }

    /** The allocation strategy: which capacity pools a launch tries first. */
    public enum AllocationStrategy {
        /** The pool with the lowest price first. EC2 interrupts its instances most often. */
        LOWEST_PRICE("lowest-price"),
        /** The zones with the highest placement score first, and in each the pool with the lowest price. */
        PLACEMENT_SCORE("placement-score"),
        /** Chosen by EC2 Fleet: of the pools with the most capacity, those with the lowest price. */
        PRICE_CAPACITY_OPTIMIZED("price-capacity-optimized"),
        /** Chosen by EC2 Fleet: the pools with the most capacity, whatever they cost. */
        CAPACITY_OPTIMIZED("capacity-optimized");

        private final String requestName;

        AllocationStrategy(String word) {
            this.requestName = word;
        }

        /** Returns the name of this strategy, which is EC2's if EC2 has one. */
        public String requestName() {
            return requestName;
        }

        /** Returns whether EC2 Fleet chooses the pools, because only EC2 knows how much capacity they have. */
        public boolean usesFleets() {
            return this == PRICE_CAPACITY_OPTIMIZED || this == CAPACITY_OPTIMIZED;
        }

        /**
         * Returns the strategy with the given name.
         *
         * @throws IllegalArgumentException if there is no strategy of that name
         */
        public static AllocationStrategy of(String word) {
            for (AllocationStrategy strategy : values()) {
                if (strategy.requestName.equals(word)) {
                    return strategy;
                }
            }
            throw new IllegalArgumentException(word);
        }
    }

    /**
     * How the instances are bought.
     *
     * @param maxPrice US dollars per hour, or null for no maximum: EC2 then never charges more than the on-demand price
     * @param interruption what EC2 does to the instances when it takes the capacity back
     * @param onDemandFallback whether to fall back to On-Demand Instances when no pool has capacity
     */
    public record MarketOptions(
            @Nullable BigDecimal maxPrice, InterruptionBehavior interruption, boolean onDemandFallback) {}

    /**
     * How each instance is set up.
     *
     * @param userData the user data, or null; in base64 in a {@link Launch}, as the caller sent it in a launch
     *     specification
     * @param metadataHopLimit over how many network hops the metadata may be read, or null for the default
     */
    public record InstanceSettings(
            @Nullable String keyName,
            List<String> securityGroups,
            List<String> securityGroupIds,
            @Nullable String userData,
            List<Volume> volumes,
            @Nullable Boolean ebsOptimized,
            @Nullable Boolean monitoring,
            @Nullable Integer metadataHopLimit) {
        /** Leaves everything to EC2 and the image. */
        public static final InstanceSettings NONE =
                new InstanceSettings(null, List.of(), List.of(), null, List.of(), null, null, null);

        public InstanceSettings {
            securityGroups = List.copyOf(securityGroups);
            securityGroupIds = List.copyOf(securityGroupIds);
            volumes = List.copyOf(volumes);
        }

        private InstanceSettings withUserData(String base64) {
            return new InstanceSettings(
                    keyName,
                    securityGroups,
                    securityGroupIds,
                    base64,
                    volumes,
                    ebsOptimized,
                    monitoring,
                    metadataHopLimit);
        }
    }

    /** The interruption behavior: what EC2 does to an instance when it takes the capacity back. */
    public enum InterruptionBehavior {
        TERMINATE("terminate"),
        STOP("stop"),
        HIBERNATE("hibernate");

        private final String ec2Name;

        InterruptionBehavior(String word) {
            this.ec2Name = word;
        }

        /** Returns EC2's name for this behavior. */
        public String ec2Name() {
            return ec2Name;
        }

        /**
         * Returns the behavior with the given EC2 name.
         *
         * @throws IllegalArgumentException if EC2 has no behavior of that name
         */
        public static InterruptionBehavior of(String word) {
            for (InterruptionBehavior interruption : values()) {
                if (interruption.ec2Name.equals(word)) {
                    return interruption;
                }
            }
            throw new IllegalArgumentException(word);
        }
    }

    /**
     * An EBS volume, as in EC2's BlockDeviceMapping.
     *
     * @param device the device name, or null for the root device
     * @param size the size in GiB, or null for the size that the image defines
     */
    public record Volume(
            @Nullable String device,
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            boolean deleteOnTermination) {}

    public Launch {
        regions = List.copyOf(regions);
        // Sorted, because the launch id hashes the text of this record and equal launches must have equal text.
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    public Duration lease() {
        return lifetime.lease();
    }

    /** Returns the same launch in one of its regions. */
    public Launch in(String region) {
        return new Launch(List.of(region), count, image, pools, market, settings, lifetime, tags);
    }

    /** Returns the same launch with the given user data, in base64. */
    Launch withUserData(String base64) {
        return new Launch(regions, count, image, pools, market, settings.withUserData(base64), lifetime, tags);
    }
}
