package io.github.spotspec.function.token;

import io.github.spotspec.function.runtime.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The revoked tokens: single tokens by id, and all tokens that were issued up to a given time. Revocations are kept for
 * the longest life that a token can have. Immutable and thread-safe.
 *
 * @param until the time up to which all tokens are revoked, or null if they were never all revoked
 * @param ids when single tokens were revoked, by their ids
 */
record RevocationList(@Nullable Instant until, Map<String, Instant> ids) {
    /** The longest life of a token in any deployment. */
    static final Duration MAX_TOKEN_LIFE = Duration.ofDays(7);

    /** How many ids are kept, given the 64 KiB that a secret can hold. */
    static final int MAX_IDS = 500;

    static final RevocationList EMPTY = new RevocationList(null, Map.of());

    RevocationList {
        ids = Map.copyOf(ids);
    }

    boolean covers(Token token) {
        return ids.containsKey(token.id()) || (until != null && !token.issued().isAfter(until));
    }

    /**
     * Returns a list that also revokes the given ids. Drops ids whose tokens have expired by now even with the longest
     * life.
     */
    RevocationList with(Collection<String> more, Instant now) {
        Map<String, Instant> all = new TreeMap<>(ids);
        all.values().removeIf(at -> at.plus(MAX_TOKEN_LIFE).isBefore(now));
        more.forEach(id -> all.putIfAbsent(id, now));
        return new RevocationList(until, all);
    }

    /**
     * Returns a list that revokes all tokens issued up to now. Drops the single ids, which are no longer needed, except
     * those that another minter revoked later than that. A minter whose clock is behind does not undo what another
     * minter revoked.
     */
    RevocationList withAllUntil(Instant now) {
        Instant later = until != null && until.isAfter(now) ? until : now;
        Map<String, Instant> single = new TreeMap<>(ids);
        single.values().removeIf(at -> !at.isAfter(later));
        return new RevocationList(later, single);
    }

    boolean isTooLong() {
        return ids.size() > MAX_IDS;
    }

    String text() {
        Map<String, Object> all = new LinkedHashMap<>();
        if (until != null) {
            all.put("until", until);
        }
        all.put("ids", new TreeMap<>(ids));
        return Json.text(all);
    }

    /** Parses the text that {@link #text} wrote. */
    static RevocationList of(String text) {
        Map<?, ?> all = (Map<?, ?>) Objects.requireNonNull(Json.parse(text));
        Map<String, Instant> ids = new TreeMap<>();
        ((Map<?, ?>) Objects.requireNonNull(all.get("ids")))
                .forEach((id, at) -> ids.put((String) id, Instant.parse((String) at)));
        return new RevocationList(all.get("until") instanceof String until ? Instant.parse(until) : null, ids);
    }
}
