package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cached values by key, which expire, and which are limited in their total size. A value that would exceed the limit is
 * not cached. Threads may read the same value at the same time; the last one is cached. Thread-safe.
 *
 * @param <K> the type of the keys
 * @param <T> the type of the values
 */
public final class CachedByKey<K, T> {
    private record Entry<T>(T value, int size, Instant expires) {}

    private final Duration ttl;
    private final int maxSize;
    private final ToIntFunction<T> sizeOf;
    private final Map<K, Entry<T>> entries = new LinkedHashMap<>();
    private int totalSize;

    /**
     * Creates an empty cache.
     *
     * @param ttl how long after it was read a value expires
     * @param maxSize the maximum of the sum of all sizes
     * @param sizeOf returns the size of a value
     */
    public CachedByKey(Duration ttl, int maxSize, ToIntFunction<T> sizeOf) {
        this.ttl = ttl;
        this.maxSize = maxSize;
        this.sizeOf = sizeOf;
    }

    /** Returns the value of a key if there is one that has not expired. */
    public synchronized @Nullable T get(K key, Instant now) {
        // The oldest entries come first.
        Iterator<Entry<T>> oldest = entries.values().iterator();
        while (oldest.hasNext()) {
            Entry<T> entry = oldest.next();
            if (now.isBefore(entry.expires())) {
                break;
            }
            totalSize -= entry.size();
            oldest.remove();
        }
        Entry<T> entry = entries.get(key);
        return entry != null && now.isBefore(entry.expires()) ? entry.value() : null;
    }

    /** Caches a value that was read at the given time. */
    public synchronized void put(K key, T value, Instant readAt) {
        Entry<T> before = entries.remove(key);
        totalSize -= before == null ? 0 : before.size();
        int size = sizeOf.applyAsInt(value);
        if (totalSize + size <= maxSize) {
            entries.put(key, new Entry<>(value, size, readAt.plus(ttl)));
            totalSize += size;
        }
    }
}
