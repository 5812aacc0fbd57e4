package io.github.spotspec.function.secret;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
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

    private record Cached<K>(K current, @Nullable K before, Instant until) {}

    private final Secret secret;
    private final Function<String, K> derive;
    private final Duration life;
    private final Duration pause;
    private final InstantSource clock;
    private @Nullable Cached<K> cached;
    private Instant nextLook = Instant.MIN;

    /**
     * Creates a keyring that has no keys yet.
     *
     * @param derive derives the key from a value
     * @param life how long keys are cached before the secret is read again
     * @param pause how long to wait after an unknown key was not found before searching again; zero means no wait
     */
    public Keyring(Secret secret, Function<String, K> derive, Duration life, Duration pause, InstantSource clock) {
        this.secret = secret;
        this.derive = derive;
        this.life = life;
        this.pause = pause;
        this.clock = clock;
    }

    /**
     * Returns the key for making new tokens or sessions.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public synchronized K current(Deadline deadline) {
        return cached(deadline).current();
    }

    /**
     * Returns the key that something was made with: the current key, a key that became current since the secret was
     * read, or the previous key. Returns null if there is no such key.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public synchronized @Nullable K find(Predicate<K> wanted, Deadline deadline) {
        K known = among(cached(deadline), wanted);
        Instant now = clock.instant();
        if (known != null || (!pause.isZero() && now.isBefore(nextLook))) {
            return known;
        }
        Cached<K> fresh = read(false, deadline);
        if (!wanted.test(fresh.current())) {
            fresh = withBefore(fresh, deadline);
        }
        K found = among(fresh, wanted);
        if (found == null) {
            nextLook = now.plus(pause);
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

    private static <K> @Nullable K among(Cached<K> kept, Predicate<K> wanted) {
        if (wanted.test(kept.current())) {
            return kept.current();
        }
        K before = kept.before();
        return before != null && wanted.test(before) ? before : null;
    }

    private Cached<K> cached(Deadline deadline) {
        Cached<K> now = cached;
        if (now != null && clock.instant().isBefore(now.until())) {
            return now;
        }
        // Read the previous value again, too, if its key is in use, so that it needs no separate search.
        return read(now != null && now.before() != null, deadline);
    }

    private Cached<K> read(boolean andBefore, Deadline deadline) {
        String value = secret.current(deadline);
        String flaw = flaw(value);
        if (flaw != null) {
            throw secret.unreadable(flaw);
        }
        Cached<K> fresh =
                new Cached<>(derive.apply(value), null, clock.instant().plus(life));
        cached = fresh;
        return andBefore ? withBefore(fresh, deadline) : fresh;
    }

    private Cached<K> withBefore(Cached<K> fresh, Deadline deadline) {
        String value = secret.previous(deadline);
        if (value == null || flaw(value) != null) {
            return fresh;
        }
        Cached<K> both = new Cached<>(fresh.current(), derive.apply(value), fresh.until());
        cached = both;
        return both;
    }
}
