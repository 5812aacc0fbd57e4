package io.github.spotspec.function.token;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Cached;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Stores the list of revoked tokens in a separate secret, because a version that became current in the signing secret
 * would be the key that signs tokens. Caches the list for half a minute. Thread-safe.
 */
final class RevocationStore {
    private static final Duration CACHE_TTL = Duration.ofSeconds(30);
    private static final int MAX_TRIES = 5;

    private final Secret secret;
    private final Cached<RevocationList> cached;

    RevocationStore(Secret secret, InstantSource clock) {
        this.secret = secret;
        this.cached = new Cached<>(CACHE_TTL, clock);
    }

    /**
     * Returns the list of revoked tokens, at most half a minute old.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    RevocationList current(Deadline deadline) {
        return cached.get(() -> revoked(secret.currentVersion(deadline)));
    }

    /**
     * Changes the list of revoked tokens. If two minters change it at the same time, both changes are kept: the id of
     * each version is derived from the id of the version before it, and Secrets Manager accepts each id only once.
     *
     * @throws ServiceException if the list cannot be written
     */
    void change(UnaryOperator<RevocationList> change, Deadline deadline) {
        for (int i = 0; i < MAX_TRIES; i++) {
            Secret.Version before = secret.currentVersion(deadline);
            RevocationList after = change.apply(revoked(before));
            if (secret.put(new Secret.Version(successor(before), after.text()), deadline)) {
                return;
            }
        }
        throw new ServiceException(
                ErrorCode.THROTTLED,
                "No token was revoked, because others revoked tokens at the same time; try again.");
    }

    private RevocationList revoked(Secret.Version version) {
        try {
            return RevocationList.of(version.value());
        } catch (RuntimeException malformed) {
            // Fail, because treating the list as empty would accept revoked tokens.
            throw secret.unreadable("its value was not written by the minter");
        }
    }

    private static String successor(Secret.Version version) {
        return UUID.nameUUIDFromBytes(("revocations after " + version.id()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
