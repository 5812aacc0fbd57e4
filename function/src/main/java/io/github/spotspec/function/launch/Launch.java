package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A launch as it is asked for, checked as far as it can be without asking AWS.
 *
 * @param types the instance types, or none if {@code need} says what they must have
 * @param zones where; anywhere if it is empty and {@code subnets} is too
 * @param image an image's id, or {@code resolve:ssm:} and a public parameter
 * @param maxPrice US dollars per hour, or null for none: EC2 then never charges more than the on-demand price
 * @param userData base64, or null
 * @param interruption what EC2 does to the instances when it takes the capacity back
 * @param tags the caller's own, beside the service's
 * @param onDemandFallback whether to fall back to on-demand instances when no pool has room
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

    /** What EC2 does to an instance that it takes back. */
    public enum Interruption {
        TERMINATE("terminate"),
        STOP("stop"),
        HIBERNATE("hibernate");

        private final String word;

        Interruption(String word) {
            this.word = word;
        }

        /** Returns EC2's word. */
        public String word() {
            return word;
        }

        /** Returns the interruption of a word, which must be one. */
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
     * @param device the device's name, or null for the root device
     * @param size GiB, or null for the image's own
     */
    public record Volume(
            @Nullable String device,
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            boolean deleteOnTermination) {}

    /** Returns the same launch with user data. */
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
        // In one order, so that equal launches look equal.
        tags = java.util.Collections.unmodifiableMap(new TreeMap<>(tags));
    }
}
