package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a launch, validated as far as possible without calling AWS.
 *
 * @param types the instance types, or empty if {@code requirements} describes them
 * @param zones the zones to launch in; any zone if {@code zones} and {@code subnets} are both empty
 * @param image an image id, or {@code resolve:ssm:} and the name of a public parameter
 * @param maxPrice US dollars per hour, or null for no maximum: EC2 then never charges more than the on-demand price
 * @param userData the user data in base64, or null
 * @param interruption what EC2 does to the instances when it takes the capacity back
 * @param tags the caller's tags, which are added to the deployment's tags
 * @param onDemandFallback whether to fall back to On-Demand Instances when no pool has capacity
 * @param rankByScore whether pools are ranked by placement score before price
 */
public record Launch(
        String region,
        List<String> types,
        @Nullable InstanceRequirements requirements,
        List<String> zones,
        List<String> subnets,
        String image,
        int count,
        @Nullable BigDecimal maxPrice,
        @Nullable String keyName,
        List<String> securityGroups,
        List<String> securityGroupIds,
        @Nullable String userData,
        Interruption interruption,
        Map<String, String> tags,
        Duration lease,
        boolean onDemandFallback,
        boolean rankByScore,
        List<Volume> volumes,
        @Nullable Boolean ebsOptimized,
        @Nullable Boolean monitoring) {

    /** The interruption behavior: what EC2 does to an instance when it takes the capacity back. */
    public enum Interruption {
        TERMINATE("terminate"),
        STOP("stop"),
        HIBERNATE("hibernate");

        private final String word;

        Interruption(String word) {
            this.word = word;
        }

        /** Returns EC2's name for this behavior. */
        public String word() {
            return word;
        }

        /**
         * Returns the behavior with the given EC2 name.
         *
         * @throws IllegalArgumentException if EC2 has no behavior of that name
         */
        public static Interruption of(String word) {
            for (Interruption interruption : values()) {
                if (interruption.word.equals(word)) {
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

    /** Returns the same launch with the given user data. */
    Launch withUserData(String base64) {
        return new Launch(
                region,
                types,
                requirements,
                zones,
                subnets,
                image,
                count,
                maxPrice,
                keyName,
                securityGroups,
                securityGroupIds,
                base64,
                interruption,
                tags,
                lease,
                onDemandFallback,
                rankByScore,
                volumes,
                ebsOptimized,
                monitoring);
    }

    public Launch {
        types = List.copyOf(types);
        zones = List.copyOf(zones);
        subnets = List.copyOf(subnets);
        securityGroups = List.copyOf(securityGroups);
        securityGroupIds = List.copyOf(securityGroupIds);
        volumes = List.copyOf(volumes);
        // Sorted, because the launch id hashes the text of this record and equal launches must have equal text.
        tags = java.util.Collections.unmodifiableMap(new TreeMap<>(tags));
    }
}
