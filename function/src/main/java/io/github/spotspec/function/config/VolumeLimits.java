package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of EBS volumes. A component that is null or empty sets no limit. Immutable and thread-safe.
 *
 * @param maxSize the maximum size in GiB
 * @param types EC2's names of the allowed volume types, such as {@code gp3}
 * @param maxIops the maximum provisioned IOPS of a volume
 * @param maxThroughput the maximum provisioned throughput of a volume, in MiB per second
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
     * Rejects a volume that exceeds the limits. If a parameter is null, the image or EC2 decides.
     *
     * @param what the volume, as the start of a sentence
     */
    public void check(
            String what,
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput) {
        if (exceeds(size, maxSize)) {
            throw notAllowed(
                    what + " of " + size + " GiB exceeds this deployment's 'maxVolumeSize' of " + maxSize + " GiB.");
        }
        if (type != null && !types.isEmpty() && !types.contains(type)) {
            throw notAllowed(what + " of type " + type + " is not allowed; this deployment's 'volumeTypes' are "
                    + String.join(", ", types) + ".");
        }
        if (exceeds(iops, maxIops)) {
            throw notAllowed(
                    what + " with " + iops + " IOPS exceeds this deployment's 'maxVolumeIops' of " + maxIops + ".");
        }
        if (exceeds(throughput, maxThroughput)) {
            throw notAllowed(what + " with a throughput of " + throughput
                    + " MiB a second exceeds this deployment's 'maxVolumeThroughput' of " + maxThroughput + ".");
        }
    }

    private static boolean exceeds(@Nullable Integer value, @Nullable Integer max) {
        return value != null && max != null && value > max;
    }

    private static ServiceException notAllowed(String details) {
        return new ServiceException(ErrorCode.VOLUME_NOT_ALLOWED, details);
    }
}
