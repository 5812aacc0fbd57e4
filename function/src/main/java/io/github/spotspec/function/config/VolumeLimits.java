package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of EBS volumes. What is null or empty is not limited. Immutable and thread-safe.
 *
 * @param maxSize GiB
 * @param types EC2's names of volume types, such as {@code gp3}
 * @param maxIops the most IOPS that a volume may be provisioned with
 * @param maxThroughput the most throughput that a volume may be provisioned with, in MiB a second
 */
public record VolumeLimits(
        @Nullable Integer maxSize,
        List<String> types,
        @Nullable Integer maxIops,
        @Nullable Integer maxThroughput) {
    /** No limits. */
    public static final VolumeLimits NONE = new VolumeLimits(null, List.of(), null, null);

    public VolumeLimits {
        types = List.copyOf(types);
    }

    /**
     * Refuses a volume that is not within the limits. What is null is left to the image or to EC2.
     *
     * @param what which volume, as a sentence begins with it
     */
    public void check(
            String what,
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput) {
        if (exceeds(size, maxSize)) {
            throw refusal(what + " of " + size + " GiB is larger than this deployment's largest, " + maxSize + " GiB.");
        }
        if (type != null && !types.isEmpty() && !types.contains(type)) {
            throw refusal(what + " of type " + type + " is not one of this deployment's 'volumeTypes': "
                    + String.join(", ", types) + ".");
        }
        if (exceeds(iops, maxIops)) {
            throw refusal(
                    what + " with " + iops + " IOPS is above this deployment's 'maxVolumeIops', " + maxIops + ".");
        }
        if (exceeds(throughput, maxThroughput)) {
            throw refusal(what + " with a throughput of " + throughput
                    + " MiB a second is above this deployment's 'maxVolumeThroughput', " + maxThroughput + ".");
        }
    }

    private static boolean exceeds(@Nullable Integer value, @Nullable Integer most) {
        return value != null && most != null && value > most;
    }

    private static ServiceException refusal(String details) {
        return new ServiceException(ErrorCode.VOLUME_NOT_ALLOWED, details);
    }
}
