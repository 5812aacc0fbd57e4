package io.github.spotspec.function.launch;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the pools that recently had no capacity, or in which EC2 interrupted instances. They are ranked last for
 * three minutes, the duration that Karpenter found to be right. Thread-safe.
 */
public final class UnavailablePools {
    private static final Duration UNAVAILABLE_TTL = Duration.ofMinutes(3);

    private record Pool(String type, String zone) {}

    private final Map<Pool, Instant> failed = new ConcurrentHashMap<>();

    /** Records that a pool was unavailable at the given time. */
    public void add(String type, String zone, Instant at) {
        failed.merge(new Pool(type, zone), at, (before, after) -> after.isAfter(before) ? after : before);
    }

    boolean contains(String type, String zone, Instant now) {
        failed.values().removeIf(at -> Duration.between(at, now).compareTo(UNAVAILABLE_TTL) >= 0);
        return failed.containsKey(new Pool(type, zone));
    }
}
