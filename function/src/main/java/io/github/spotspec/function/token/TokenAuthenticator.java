package io.github.spotspec.function.token;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.caller.Authenticator;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.JsonException;
import io.github.spotspec.function.secret.Keyring;
import io.github.spotspec.function.secret.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the callers of a URL that AWS leaves open. A caller must send a token that this deployment signed and
 * that has neither expired nor been revoked. Ignores a signature on the request. Thread-safe.
 */
public final class TokenAuthenticator implements Authenticator {
    /** The prefix of the name of a caller with a token. The token's id follows it. */
    public static final String PREFIX = "token:";

    /** How far the clocks of the minter and of this function may differ. */
    private static final Duration SKEW = Duration.ofSeconds(30);

    private static final int MAX_CHARACTERS = 8 * 1024;

    private final String service;
    private final Keyring<SigningKey> keys;
    private final RevocationStore revocations;

    /**
     * Creates the authenticator of a deployment.
     *
     * @param signing the secret that the signing key is derived from
     * @param revocations the secret that lists revoked tokens
     * @param service the deployment's name
     */
    public TokenAuthenticator(Secret signing, Secret revocations, String service, InstantSource clock) {
        this.service = service;
        this.keys = SigningKey.ring(signing, service, clock);
        this.revocations = new RevocationStore(revocations, clock);
    }

    @Override
    public Caller authenticate(@Nullable String signer, @Nullable String token, Instant now, Deadline deadline) {
        if (token == null) {
            throw new ServiceException(
                    ErrorCode.TOKEN_MISSING,
                    "The request needs a token; send it in the header 'Authorization: Bearer …' or as the query"
                            + " parameter 'token'.");
        }
        Token verified = verified(token, deadline);
        // Even if another deployment's secret were put here by hand, the derived keys would differ.
        if (verified == null || !verified.service().equals(service)) {
            throw rejected("was not issued by this deployment, or is no longer valid");
        }
        if (verified.issued().isAfter(now.plus(SKEW))) {
            throw rejected("was issued in the future");
        }
        if (!now.isBefore(verified.expires())) {
            throw rejected("expired at " + verified.expires());
        }
        if (revocations.current(deadline).covers(verified)) {
            throw rejected("was revoked");
        }
        return new Caller(PREFIX + verified.id(), verified.scope(), verified.expires());
    }

    @Override
    public boolean takesTokens() {
        return true;
    }

    private @Nullable Token verified(String token, Deadline deadline) {
        if (token.length() > MAX_CHARACTERS) {
            return null;
        }
        SigningKey key = keys.find(one -> one.signed(token), deadline);
        String claims = key == null ? null : key.claims(token);
        if (claims == null) {
            return null;
        }
        Token read;
        try {
            read = Token.of(claims);
        } catch (JsonException e) {
            return null;
        }
        // The claims must match exactly, like the header. This function would ignore any other claim, such as a time
        // before which the token is not valid.
        return read.claims().equals(claims) ? read : null;
    }

    private static ServiceException rejected(String why) {
        return new ServiceException(ErrorCode.TOKEN_REJECTED, "The token " + why + "; get a new one from the minter.");
    }
}
