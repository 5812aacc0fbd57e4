package io.github.spotspec.function.token;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The list of revoked tokens, in a secret of its own: a version that became current in the signing secret would be the key
 * that tokens are signed with. The process keeps the list for half a minute. Thread-safe.
 */
final class RevocationStore {
    private static final Duration CACHE_TTL = Duration.ofSeconds(30);
    private static final int MAX_TRIES = 5;

    private record Kept(RevocationList revoked, Instant until) {}

    private final Secret secret;
    private final InstantSource clock;
    private @Nullable Kept kept;

    RevocationStore(Secret secret, InstantSource clock) {
        this.secret = secret;
        this.clock = clock;
    }

    /**
     * Returns what is revoked, as it was at most half a minute ago.
     *
     * @throws ServiceException with {@link ErrorCode#SECRET_UNREADABLE}
     */
    synchronized RevocationList current(Deadline deadline) {
        Kept now = kept;
        if (now == null || !clock.instant().isBefore(now.until())) {
            now = new Kept(
                    revoked(secret.currentVersion(deadline)), clock.instant().plus(CACHE_TTL));
            kept = now;
        }
        return now.revoked();
    }

    /**
     * Revokes more. Of two that do so at the same time, neither is lost: the id of the version that follows another is
     * derived from that one's, and Secrets Manager takes each id only once.
     *
     * @throws ServiceException if it cannot be written
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
                ErrorCode.THROTTLED, "Others revoke tokens at the same time, and nothing was revoked here; try again.");
    }

    private RevocationList revoked(Secret.Version version) {
        try {
            return RevocationList.of(version.value());
        } catch (RuntimeException malformed) {
            // Not as if nothing were revoked.
            throw secret.unreadable("its value is not what the minter writes");
        }
    }

    private static String successor(Secret.Version version) {
        return UUID.nameUUIDFromBytes(("revocations after " + version.id()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
