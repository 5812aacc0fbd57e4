package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * EC2's limits on the rate of calls that launch: a token bucket for each action in each region (EC2 developer guide,
 * "Request throttling for the Amazon EC2 API"). Buckets are full when the limits are switched on. Thread-safe.
 */
final class RequestRates {
    private static final Map<String, Limit> LIMITS = Map.of(
            "RunInstances", new Limit(5, 2),
            "CreateFleet", new Limit(50, 5),
            "CreateLaunchTemplate", new Limit(50, 5));
    private static final long TOKEN = 1_000;

    private final InstantSource clock;
    private final Map<String, Bucket> buckets = new HashMap<>();

    private record Limit(int size, int refillPerSecond) {}

    /** What was in a bucket at one point in time, in thousandths of a token. */
    private record Bucket(long content, Instant at) {}

    RequestRates(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes a token, or fails if there is none. */
    synchronized void take(String action, String region) {
        Limit limit = LIMITS.get(action);
        if (limit == null) {
            return;
        }
        Instant now = clock.instant();
        Bucket before = buckets.getOrDefault(action + " " + region, new Bucket(limit.size() * TOKEN, now));
        // A second adds as many tokens as a millisecond adds thousandths.
        long elapsed = Duration.between(before.at(), now).toMillis();
        long content = Math.min(limit.size() * TOKEN, before.content() + elapsed * limit.refillPerSecond());
        boolean throttled = content < TOKEN;
        buckets.put(
                action + " " + region,
                new Bucket(throttled ? content : content - TOKEN, before.at().plusMillis(elapsed)));
        if (throttled) {
            throw new AwsError(503, "RequestLimitExceeded", "Request limit exceeded.");
        }
    }

    /** Fills every bucket. */
    synchronized void reset() {
        buckets.clear();
    }
}
