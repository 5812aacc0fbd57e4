package io.github.spotspec.function.ec2;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A spot request that carries the deployment's tag.
 *
 * @param id the id of the spot request
 * @param state EC2's name of the state: {@code open}, {@code active}, {@code closed}, {@code cancelled},
 *     {@code disabled} or {@code failed}
 * @param status EC2's status code, for example {@code fulfilled}
 * @param instanceId the instance that it launched, or null if it has none
 * @param tags the values of its tags
 */
public record ManagedSpotRequest(
        String region,
        String id,
        String state,
        @Nullable String status,
        @Nullable String instanceId,
        Instant createTime,
        Details details,
        TagValues tags) {

    /**
     * What the spot request is for.
     *
     * @param persistent whether EC2 launches again when its instance ends
     * @param zone the zone of the instance that it launched
     * @param zoneId that zone's id, or null if EC2 does not return it
     * @param product EC2's product description of what it launches, or null if EC2 has no spot price for it
     * @param statusTime when its status last changed, or null if EC2 does not return it
     */
    public record Details(
            boolean persistent,
            @Nullable String type,
            @Nullable String zone,
            @Nullable String zoneId,
            @Nullable String product,
            @Nullable Instant statusTime) {}

    public boolean persistent() {
        return details.persistent();
    }

    public @Nullable Instant lease() {
        return tags.lease();
    }

    public @Nullable String caller() {
        return tags.caller();
    }

    /**
     * Returns when EC2 noticed that its instance ended, or null if its status does not say. When EC2 interrupts the
     * instance, that is up to two minutes early; when the instance shuts itself down, it is about a minute late.
     */
    public @Nullable Instant instanceEndNoticed() {
        return status != null && status.startsWith("instance-terminated") ? details.statusTime() : null;
    }

    /** Returns whether it can still launch something; only then can it be cancelled. */
    public boolean isAlive() {
        return state.equals("open") || state.equals("active") || state.equals("disabled");
    }
}
