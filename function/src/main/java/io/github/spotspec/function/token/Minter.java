package io.github.spotspec.function.token;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.secret.Keyring;
import io.github.spotspec.function.secret.Secret;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/** Makes and revokes tokens. Thread-safe. */
final class Minter {
    private final String service;
    private final Keyring<SigningKey> keys;
    private final RevocationStore revocations;

    Minter(Secret signing, Secret revocations, String service, InstantSource clock) {
        this.service = service;
        this.keys = SigningKey.ring(signing, service, clock);
        this.revocations = new RevocationStore(revocations, clock);
    }

    /**
     * A token as the caller of the minter gets it.
     *
     * @param text the token itself
     */
    record Minted(Token token, String text) {
        /** Omits the contents, so that no log or message can show them. */
        @Override
        public String toString() {
            return "Minted[…]";
        }
    }

    Minted mint(MintFields.MintRequest.Mint asked, Instant now, Deadline deadline) {
        Instant expires = now.plus(asked.life()).truncatedTo(ChronoUnit.SECONDS);
        Token token = new Token(service, UUID.randomUUID().toString(), now, expires, asked.scope());
        return new Minted(token, keys.current(deadline).sign(token.claims()));
    }

    void revoke(List<String> ids, Instant now, Deadline deadline) {
        revocations.change(
                revoked -> {
                    RevocationList more = revoked.with(ids, now);
                    if (more.isTooLong()) {
                        throw new ServiceException(
                                ErrorCode.TOO_MANY_REVOKED,
                                "More than " + RevocationList.MAX_IDS
                                        + " tokens would be revoked individually; revoke \"all\" instead, which"
                                        + " empties the list.");
                    }
                    return more;
                },
                deadline);
    }

    void revokeAll(Instant now, Deadline deadline) {
        revocations.change(revoked -> revoked.withAllUntil(now), deadline);
    }
}
