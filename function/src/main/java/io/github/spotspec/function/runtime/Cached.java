package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cached value that expires. While one thread reads the value, others wait for it. If reading fails, the failure is
 * thrown and nothing changes; an expired value is never returned instead. Thread-safe.
 *
 * @param <T> the type of the value
 */
public final class Cached<T> {
    private final Duration ttl;
    private final InstantSource clock;
    private @Nullable T value;
    private Instant expires = Instant.MIN;

    /**
     * Creates a cache without a value.
     *
     * @param ttl how long after it was read a value expires
     */
    public Cached(Duration ttl, InstantSource clock) {
        this.ttl = ttl;
        this.clock = clock;
    }

    /** Returns the value. Reads it if there is none or it has expired. */
    public synchronized T get(Supplier<T> read) {
        T fresh = fresh();
        return fresh == null ? refresh(read) : fresh;
    }

    /** Reads the value now, whether or not it has expired. */
    public synchronized T refresh(Supplier<T> read) {
        T fresh = read.get();
        value = fresh;
        expires = clock.instant().plus(ttl);
        return fresh;
    }

    /** Returns the value if there is one that has not expired. */
    public synchronized @Nullable T fresh() {
        return clock.instant().isBefore(expires) ? value : null;
    }

    /** Returns the value that was read last, even if it has expired, or null if none was read. */
    public synchronized @Nullable T last() {
        return value;
    }

    /** Replaces the value by a more complete one that expires at the same time. */
    public synchronized void complete(T more) {
        value = more;
    }
}
