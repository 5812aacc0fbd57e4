package io.github.spotspec.function.ec2;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance that the deployment launched.
 *
 * @param id the instance id
 * @param type the instance type
 * @param state EC2's name of the state, for example {@code running}
 * @param spotRequestId the id of its spot request, or null if it is an On-Demand Instance
 * @param imageId the image that it was launched from
 * @param product EC2's product description of what runs on it, or null if EC2 has no spot price for it
 * @param lease when its lease ends; null only if the instance has ended and its tag is gone
 * @param launchTag the tag of the launch that created it
 * @param caller the caller that launched it
 * @param interruptedAt when EC2 sent an interruption notice or a rebalance recommendation, or null if it sent neither
 * @param keptVolumes the volumes that outlive it
 */
public record ManagedInstance(
        String region,
        String id,
        String type,
        String zone,
        String state,
        @Nullable String spotRequestId,
        String imageId,
        @Nullable String product,
        @Nullable String keyName,
        @Nullable String privateIp,
        @Nullable String publicIp,
        Instant launchTime,
        @Nullable Instant lease,
        @Nullable String launchTag,
        @Nullable String caller,
        @Nullable Instant interruptedAt,
        List<String> keptVolumes) {

    /** Returns whether it is a Spot Instance rather than an On-Demand Instance. */
    public boolean isSpot() {
        return spotRequestId != null;
    }

    /** Returns the same instance with the given end of its lease. */
    ManagedInstance withLease(Instant end) {
        return new ManagedInstance(
                region,
                id,
                type,
                zone,
                state,
                spotRequestId,
                imageId,
                product,
                keyName,
                privateIp,
                publicIp,
                launchTime,
                end,
                launchTag,
                caller,
                interruptedAt,
                keptVolumes);
    }

    /** Returns whether it may still cost money, that is, whether it is neither shutting down nor terminated. */
    public boolean isAlive() {
        return !state.equals("shutting-down") && !state.equals("terminated");
    }
}
