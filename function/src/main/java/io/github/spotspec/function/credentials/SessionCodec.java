package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Session;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import io.github.spotspec.function.secret.Keyring;
import io.github.spotspec.function.secret.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;

/**
 * Encodes and decodes sessions, which callers keep. A session holds credentials, sealed together with the caller that
 * they belong to and the time when they expire. The secret of the seal is cached for five minutes. When the secret
 * changes, sessions that were sealed with its previous value can still be opened. Thread-safe.
 *
 * <p>A session belongs to the ARN of its caller as AWS has verified it. For a role, that is the ARN of the role
 * session, including the session name. So people who share a role do not share the session that one of them opened with
 * an MFA code. A caller that assumes the role again under another session name needs a new code.
 */
public final class SessionCodec {
    private static final Duration CACHE_TTL = Duration.ofMinutes(5);

    private final Keyring<SessionCipher> ciphers;

    /**
     * Creates the codec of a deployment.
     *
     * @param secret the secret that the key of the seal is derived from
     * @param service the deployment's name
     */
    public SessionCodec(Secret secret, String service, InstantSource clock) {
        // No pause, because only authenticated callers can cause a search for a key.
        this.ciphers =
                new Keyring<>(secret, value -> SessionCipher.of(value, service), CACHE_TTL, Duration.ZERO, clock);
    }

    /** Returns the cipher for new sessions. */
    SessionCipher cipher(Deadline deadline) {
        return ciphers.current(deadline);
    }

    /** Seals a session. */
    Session encode(SessionCipher cipher, MfaCredentials mfaCredentials, String caller) {
        return new Session(
                cipher.encrypt(Json.text(Map.of(
                        "caller",
                        caller,
                        "expires",
                        mfaCredentials.expires(),
                        "accessKeyId",
                        mfaCredentials.accessKeyId(),
                        "secretAccessKey",
                        mfaCredentials.secretAccessKey(),
                        "sessionToken",
                        mfaCredentials.sessionToken()))),
                mfaCredentials.expires());
    }

    /**
     * Opens a session.
     *
     * @throws ServiceException with {@link ErrorCode#SESSION_REJECTED} unless this deployment issued it to this caller
     *     and it has not expired
     */
    MfaCredentials decode(String sealed, String caller, Instant now, Deadline deadline) {
        SessionCipher cipher = ciphers.find(one -> one.sealed(sealed), deadline);
        String text = cipher == null ? null : cipher.decrypt(sealed);
        if (text == null) {
            throw rejected("was not issued by this deployment, or is no longer valid");
        }
        Map<?, ?> session = session(text);
        if (!caller.equals(session.get("caller"))) {
            throw rejected("was issued to another caller");
        }
        MfaCredentials mfaCredentials = new MfaCredentials(
                String.valueOf(session.get("accessKeyId")),
                String.valueOf(session.get("secretAccessKey")),
                String.valueOf(session.get("sessionToken")),
                Instant.parse(String.valueOf(session.get("expires"))));
        if (!now.isBefore(mfaCredentials.expires())) {
            throw rejected("expired at " + mfaCredentials.expires());
        }
        return mfaCredentials;
    }

    private static Map<?, ?> session(String text) {
        try {
            return (Map<?, ?>) Objects.requireNonNull(Json.parse(text));
        } catch (JsonException e) {
            // Only a holder of the seal's secret can have sealed it.
            throw rejected("was not issued by this deployment");
        }
    }

    private static ServiceException rejected(String why) {
        return new ServiceException(
                ErrorCode.SESSION_REJECTED, "The session " + why + "; send 'mfaCode' instead to start a new one.");
    }
}
