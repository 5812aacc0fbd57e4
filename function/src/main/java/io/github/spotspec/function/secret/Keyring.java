package io.github.spotspec.function.secret;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Cached;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are derived from the current and the previous value of a secret. The previous key keeps existing tokens
 * and sessions valid after the secret changes. Caches the keys for a while. Thread-safe.
 *
 * @param <K> the type of the keys
 */
public final class Keyring<K> {
    /** The minimum length of a secret's value. Anyone who has something made with its key could guess a shorter one. */
    private static final int MIN_CHARACTERS = 16;

    private record Keys<K>(K current, @Nullable K previous) {}

    private final Secret secret;
    private final Function<String, K> derive;
    private final Duration minSearchInterval;
    private final InstantSource clock;
    private final Cached<Keys<K>> cached;
    private Instant nextSearch = Instant.MIN;

    /**
     * Creates a keyring that has no keys yet.
     *
     * @param derive derives the key from a value
     * @param ttl how long keys are cached before the secret is read again
     * @param minSearchInterval how long to wait after an unknown key was not found before searching again; zero means
     *     no wait
     */
    public Keyring(
            Secret secret, Function<String, K> derive, Duration ttl, Duration minSearchInterval, InstantSource clock) {
        this.secret = secret;
        this.derive = derive;
        this.minSearchInterval = minSearchInterval;
        this.clock = clock;
        this.cached = new Cached<>(ttl, clock);
    }

    /**
     * Returns the key for making new tokens or sessions.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public synchronized K current(Deadline deadline) {
        return keys(deadline).current();
    }

    /**
     * Returns the key that something was made with: the current key, a key that became current since the secret was
     * read, or the previous key. Returns null if there is no such key.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public synchronized @Nullable K find(Predicate<K> isWanted, Deadline deadline) {
        K known = find(keys(deadline), isWanted);
        Instant now = clock.instant();
        if (known != null || (!minSearchInterval.isZero() && now.isBefore(nextSearch))) {
            return known;
        }
        Keys<K> fresh = read(deadline);
        if (!isWanted.test(fresh.current())) {
            fresh = withPrevious(fresh, deadline);
        }
        K found = find(fresh, isWanted);
        if (found == null) {
            nextSearch = now.plus(minSearchInterval);
        }
        return found;
    }

    /**
     * Returns why no key may be derived from a value, or null if one may. JSON is rejected because it is not random
     * text. The service's other secrets hold JSON, so it is here by mistake, and somebody may know or guess it.
     */
    private static @Nullable String flaw(String value) {
        if (value.length() < MIN_CHARACTERS) {
            return "it has fewer than " + MIN_CHARACTERS + " characters";
        }
        String text = value.strip();
        return text.startsWith("{") || text.startsWith("[") ? "it is JSON; replace it with random text" : null;
    }

    private static <K> @Nullable K find(Keys<K> keys, Predicate<K> isWanted) {
        if (isWanted.test(keys.current())) {
            return keys.current();
        }
        K previous = keys.previous();
        return previous != null && isWanted.test(previous) ? previous : null;
    }

    private Keys<K> keys(Deadline deadline) {
        Keys<K> fresh = cached.fresh();
        if (fresh != null) {
            return fresh;
        }
        Keys<K> expired = cached.last();
        Keys<K> read = read(deadline);
        // Read the previous value again, too, if its key is in use, so that it needs no separate search.
        return expired != null && expired.previous() != null ? withPrevious(read, deadline) : read;
    }

    private Keys<K> read(Deadline deadline) {
        return cached.refresh(() -> {
            String value = secret.current(deadline);
            String flaw = flaw(value);
            if (flaw != null) {
                throw secret.unreadable(flaw);
            }
            return new Keys<>(derive.apply(value), null);
        });
    }

    private Keys<K> withPrevious(Keys<K> fresh, Deadline deadline) {
        String value = secret.previous(deadline);
        if (value == null || flaw(value) != null) {
            return fresh;
        }
        Keys<K> both = new Keys<>(fresh.current(), derive.apply(value));
        cached.complete(both);
        return both;
    }
}
