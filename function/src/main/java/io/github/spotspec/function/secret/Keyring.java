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
 * The keys that are derived from a secret: of its current value, and of the one before, so that what was made with that one
 * stays good when the secret is changed. They are kept in the process for a while. Thread-safe.
 *
 * @param <K> the type of the keys
 */
public final class Keyring<K> {
    /** A value that is shorter could be guessed by whoever has something that was made with its key. */
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
     * Makes a ring without keys yet.
     *
     * @param derive makes the key of a value
     * @param life how long keys are kept before the secret is read again
     * @param pause how long an unknown key is not looked for again after one was not found; of nought, each is looked for
     */
    public Keyring(Secret secret, Function<String, K> derive, Duration life, Duration pause, InstantSource clock) {
        this.secret = secret;
        this.derive = derive;
        this.life = life;
        this.pause = pause;
        this.clock = clock;
    }

    /**
     * Returns the key to make something with.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    public synchronized K current(Deadline deadline) {
        return cached(deadline).current();
    }

    /**
     * Finds the key that something was made with: the current one, one that was made current since it was read, or the one
     * before.
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
     * Returns why no key may be derived from a value, or null if one may. JSON is refused because it is not random text: it
     * is what the service's other secrets hold, so it is here by mistake, and somebody may know or guess it.
     */
    private static @Nullable String flaw(String value) {
        if (value.length() < MIN_CHARACTERS) {
            return "it has fewer than " + MIN_CHARACTERS + " characters";
        }
        String text = value.strip();
        return text.startsWith("{") || text.startsWith("[") ? "it is JSON; put random text into it" : null;
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
        // One that is in use stays known, without its having to be looked for again.
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
