package io.github.spotspec.function.launch;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pools that had no room lately, or from which EC2 took instances back: for three minutes they come last. The time is the
 * one that Karpenter found to be right. Thread-safe.
 */
public final class UnavailablePools {
    private static final Duration UNAVAILABLE_TTL = Duration.ofMinutes(3);

    private record Pool(String type, String zone) {}

    private final Map<Pool, Instant> failed = new ConcurrentHashMap<>();

    /** Remembers a pool that failed at a time. */
    public void add(String type, String zone, Instant at) {
        failed.merge(new Pool(type, zone), at, (before, after) -> after.isAfter(before) ? after : before);
    }

    boolean contains(String type, String zone, Instant now) {
        failed.values().removeIf(at -> Duration.between(at, now).compareTo(UNAVAILABLE_TTL) >= 0);
        return failed.containsKey(new Pool(type, zone));
    }
}
