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
 * Which tokens are revoked: some by their ids, and all that were made until some time. What is revoked is remembered for as
 * long as any token can live. Immutable and thread-safe.
 *
 * @param until when all tokens were revoked, or null if they were not
 * @param ids when single tokens were revoked, by their ids
 */
record RevocationList(@Nullable Instant until, Map<String, Instant> ids) {
    /** The longest life of a token, whatever the deployment. */
    static final Duration MAX_TOKEN_LIFE = Duration.ofDays(7);

    /** How many ids are kept, of 64 KiB that a secret can hold. */
    static final int MAX_IDS = 500;

    static final RevocationList NOTHING = new RevocationList(null, Map.of());

    RevocationList {
        ids = Map.copyOf(ids);
    }

    boolean covers(Token token) {
        return ids.containsKey(token.id()) || (until != null && !token.issued().isAfter(until));
    }

    /** Returns these and the tokens of some ids, without those that have expired by now, whatever their life. */
    RevocationList with(Collection<String> more, Instant now) {
        Map<String, Instant> all = new TreeMap<>(ids);
        all.values().removeIf(at -> at.plus(MAX_TOKEN_LIFE).isBefore(now));
        more.forEach(id -> all.putIfAbsent(id, now));
        return new RevocationList(until, all);
    }

    /**
     * Returns these and all tokens that were made until now. Single ones need not be remembered then, but for those that another
     * revoked meanwhile; nor does one whose clock is behind take back what another revoked.
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

    /** Reads what {@link #text} has written. */
    static RevocationList of(String text) {
        Map<?, ?> all = (Map<?, ?>) Objects.requireNonNull(Json.parse(text));
        Map<String, Instant> ids = new TreeMap<>();
        ((Map<?, ?>) Objects.requireNonNull(all.get("ids")))
                .forEach((id, at) -> ids.put((String) id, Instant.parse((String) at)));
        return new RevocationList(all.get("until") instanceof String until ? Instant.parse(until) : null, ids);
    }
}
