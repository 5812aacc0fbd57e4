package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
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
    private static final int LEAST_CHARACTERS = 16;

    private record Kept<K>(K current, @Nullable K before, Instant until) {}

    private final Secret secret;
    private final Function<String, K> derive;
    private final Duration life;
    private final Duration pause;
    private final InstantSource clock;
    private @Nullable Kept<K> kept;
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
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}
     */
    public synchronized K current(Deadline deadline) {
        return kept(deadline).current();
    }

    /**
     * Finds the key that something was made with: the current one, one that was made current since it was read, or the one
     * before.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}
     */
    public synchronized @Nullable K find(Predicate<K> wanted, Deadline deadline) {
        K known = among(kept(deadline), wanted);
        Instant now = clock.instant();
        if (known != null || (!pause.isZero() && now.isBefore(nextLook))) {
            return known;
        }
        Kept<K> fresh = read(false, deadline);
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
        if (value.length() < LEAST_CHARACTERS) {
            return "it has fewer than " + LEAST_CHARACTERS + " characters";
        }
        String text = value.strip();
        return text.startsWith("{") || text.startsWith("[") ? "it is JSON; put random text into it" : null;
    }

    private static <K> @Nullable K among(Kept<K> kept, Predicate<K> wanted) {
        if (wanted.test(kept.current())) {
            return kept.current();
        }
        K before = kept.before();
        return before != null && wanted.test(before) ? before : null;
    }

    private Kept<K> kept(Deadline deadline) {
        Kept<K> now = kept;
        if (now != null && clock.instant().isBefore(now.until())) {
            return now;
        }
        // One that is in use stays known, without its having to be looked for again.
        return read(now != null && now.before() != null, deadline);
    }

    private Kept<K> read(boolean andBefore, Deadline deadline) {
        String value = secret.current(deadline);
        String flaw = flaw(value);
        if (flaw != null) {
            throw secret.unreadable(flaw);
        }
        Kept<K> fresh = new Kept<>(derive.apply(value), null, clock.instant().plus(life));
        kept = fresh;
        return andBefore ? withBefore(fresh, deadline) : fresh;
    }

    private Kept<K> withBefore(Kept<K> fresh, Deadline deadline) {
        String value = secret.previous(deadline);
        if (value == null || flaw(value) != null) {
            return fresh;
        }
        Kept<K> both = new Kept<>(fresh.current(), derive.apply(value), fresh.until());
        kept = both;
        return both;
    }
}
