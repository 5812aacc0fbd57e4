package io.github.spotspec.function.config;

import java.time.Duration;

/**
 * The limits of leases. Immutable and thread-safe.
 *
 * @param defaultLease the lease of a launch that does not ask for one
 * @param maxLease the maximum lease
 * @param allowEndWhenIdle whether launches may ask the keeper to end instances that are idle
 */
public record LeaseLimits(Duration defaultLease, Duration maxLease, boolean allowEndWhenIdle) {}
