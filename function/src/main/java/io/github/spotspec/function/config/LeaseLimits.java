package io.github.spotspec.function.config;

import java.time.Duration;

/**
 * The limits of leases. Immutable and thread-safe.
 *
 * @param defaultLease the lease of a launch that does not ask for one
 * @param maxLease the maximum lease
 * @param allowEndWhenIdle whether launches may ask the keeper to end instances that are idle
 */
public record LeaseLimits(Duration defaultLease, Duration maxLease, boolean allowEndWhenIdle) {
    /** The shortest time after which an idle instance can be ended. EC2 measures once in five minutes. */
    public static final Duration MIN_END_WHEN_IDLE = Duration.ofMinutes(10);

    /** The longest time after which an idle instance can be ended. */
    public static final Duration MAX_END_WHEN_IDLE = Duration.ofDays(1);
}
