package io.github.spotspec.function.launch;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Spreads the launch calls of this process, so that EC2 does not throttle a launch that tries many pools. EC2 accepts
 * five RunInstances calls at the same time in a region, and two more each second ("Request throttling for the Amazon
 * EC2 API" in its developer guide). One of the five is left to calls that arrive unevenly, and to other callers of the
 * account. Thread-safe.
 */
public final class LaunchRateLimiter {
    private static final int BURST = 4;
    private static final Duration REFILL = Duration.ofMillis(500);

    /** By region: when EC2 will accept {@value #BURST} calls at the same time again. */
    private final Map<String, Instant> full = new HashMap<>();

    /** Reserves a call in a region, and returns how long to wait before making it. */
    synchronized Duration reserve(String region, Instant now) {
        Instant before = full.getOrDefault(region, now);
        Instant after = (before.isBefore(now) ? now : before).plus(REFILL);
        full.put(region, after);
        Duration wait = Duration.between(now, after.minus(REFILL.multipliedBy(BURST)));
        return wait.isNegative() ? Duration.ZERO : wait;
    }
}
