package io.github.spotspec.function.token;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.json.JsonException;
import io.github.spotspec.function.operator.Deadline;
import io.github.spotspec.function.operator.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where it stands which tokens are revoked: in a version of the signing secret that carries a label of its own, so that
 * neither does a revocation touch the keys, nor a change of keys the revocations. They are kept in the process for half a
 * minute. Thread-safe.
 */
final class Revocations {
    private static final String LABEL = "REVOKED";
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final int MOST_TRIES = 5;

    private record Kept(Revoked revoked, Instant until) {}

    private final Secret secret;
    private final InstantSource clock;
    private @Nullable Kept kept;

    Revocations(Secret secret, InstantSource clock) {
        this.secret = secret;
        this.clock = clock;
    }

    /**
     * Returns what is revoked, as it was at most half a minute ago.
     *
     * @throws Refusal with {@link Reason#SECRET_UNREADABLE}
     */
    synchronized Revoked current(Deadline deadline) {
        Kept now = kept;
        if (now == null || !clock.instant().isBefore(now.until())) {
            now = new Kept(
                    revoked(secret.labelled(LABEL, deadline)), clock.instant().plus(KEPT));
            kept = now;
        }
        return now.revoked();
    }

    /**
     * Revokes more. Of two that do so at the same time, neither is lost: the id of the version that follows another is
     * derived from that one's, and Secrets Manager takes each id only once.
     *
     * @throws Refusal if it cannot be written
     */
    void change(UnaryOperator<Revoked> change, Deadline deadline) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Secret.Version before = secret.labelled(LABEL, deadline);
            Revoked after = change.apply(revoked(before));
            if (secret.add(LABEL, new Secret.Version(successor(before), after.text()), deadline)) {
                return;
            }
        }
        throw new Refusal(
                Reason.THROTTLED, "Others revoke tokens at the same time, and nothing was revoked here; try again.");
    }

    private Revoked revoked(Secret.@Nullable Version version) {
        try {
            return version == null ? Revoked.NOTHING : Revoked.of(version.value());
        } catch (JsonException e) {
            throw secret.unreadable("its list of revoked tokens is not JSON");
        }
    }

    private static String successor(Secret.@Nullable Version version) {
        String before = version == null ? "none" : version.id();
        return UUID.nameUUIDFromBytes((LABEL + " after " + before).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
