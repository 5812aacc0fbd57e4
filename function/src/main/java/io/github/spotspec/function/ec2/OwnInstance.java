package io.github.spotspec.function.ec2;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance that the service launched.
 *
 * @param id the instance's id
 * @param type the instance type
 * @param state EC2's name of the state, for example {@code running}
 * @param spotRequest the id of its spot request, or null if it is on-demand
 * @param image the image that it was launched from
 * @param product EC2's product description of what runs on it, or null if EC2 has no spot price for it
 * @param lease when its lease ends; null only if it has ended and its tag is gone
 * @param request the tag of the launch that made it
 * @param caller who launched it
 * @param interrupted when EC2 warned that it will take it back, or null if it has not
 * @param keptVolumes the volumes that outlive it
 */
public record OwnInstance(
        String region,
        String id,
        String type,
        String zone,
        String state,
        @Nullable String spotRequest,
        String image,
        @Nullable String product,
        @Nullable String keyName,
        @Nullable String privateIp,
        @Nullable String publicIp,
        Instant launched,
        @Nullable Instant lease,
        @Nullable String request,
        @Nullable String caller,
        @Nullable Instant interrupted,
        List<String> keptVolumes) {

    /** Returns whether it is a spot instance, not an on-demand one. */
    public boolean isSpot() {
        return spotRequest != null;
    }

    /** Returns the same instance with another end of its lease. */
    OwnInstance withLease(Instant end) {
        return new OwnInstance(
                region,
                id,
                type,
                zone,
                state,
                spotRequest,
                image,
                product,
                keyName,
                privateIp,
                publicIp,
                launched,
                end,
                request,
                caller,
                interrupted,
                keptVolumes);
    }

    /** Returns whether it may still cost something: not yet shutting down or terminated. */
    public boolean isAlive() {
        return !state.equals("shutting-down") && !state.equals("terminated");
    }
}
