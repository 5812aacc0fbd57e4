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
 * @param persistent whether EC2 launches again when its instance ends
 * @param instanceId the instance that it launched, or null if it has none
 * @param lease when its lease ends, or null if it is unknown
 */
public record ManagedSpotRequest(
        String region,
        String id,
        String state,
        @Nullable String status,
        boolean persistent,
        @Nullable String instanceId,
        @Nullable String type,
        @Nullable String zone,
        @Nullable String product,
        Instant createTime,
        @Nullable Instant lease,
        @Nullable String caller) {

    /** Returns whether it can still launch something; only then can it be cancelled. */
    public boolean isAlive() {
        return state.equals("open") || state.equals("active") || state.equals("disabled");
    }
}
