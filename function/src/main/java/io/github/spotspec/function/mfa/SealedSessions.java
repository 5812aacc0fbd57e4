package io.github.spotspec.function.mfa;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Session;
import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.json.JsonException;
import io.github.spotspec.function.operator.Deadline;
import io.github.spotspec.function.operator.Keyring;
import io.github.spotspec.function.operator.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;

/**
 * Sessions as callers hold them: credentials, sealed together with whom they were given to and when they end. The seal's
 * secret is kept in the process for five minutes. When it is changed, sessions that were sealed with the value before can
 * still be opened. Thread-safe.
 *
 * <p>A session belongs to the ARN of its caller as AWS has verified it. For a role that is the ARN of the role's session,
 * name included: people who share a role do not share what one of them did with his code. Whoever takes on a role anew under
 * another name brings a new code.
 */
public final class SealedSessions {
    private static final Duration KEPT = Duration.ofMinutes(5);

    private final Keyring<Seal> seals;

    /**
     * Makes the sessions of a deployment.
     *
     * @param secret what the seal's key is derived from
     * @param service the deployment's name
     */
    public SealedSessions(Secret secret, String service, InstantSource clock) {
        // Without a pause, since only callers that are known can have seals looked for.
        this.seals = new Keyring<>(secret, value -> Seal.of(value, service), KEPT, Duration.ZERO, clock);
    }

    /** Returns the seal for new sessions. */
    Seal seal(Deadline deadline) {
        return seals.current(deadline);
    }

    /** Seals a session. */
    Session close(Seal seal, Upgraded upgraded, String caller) {
        return new Session(
                seal.close(Json.text(Map.of(
                        "caller",
                        caller,
                        "expires",
                        upgraded.expires(),
                        "accessKeyId",
                        upgraded.accessKeyId(),
                        "secretAccessKey",
                        upgraded.secretAccessKey(),
                        "sessionToken",
                        upgraded.sessionToken()))),
                upgraded.expires());
    }

    /**
     * Opens a session.
     *
     * @throws Refusal with {@link Reason#SESSION_REJECTED} unless this deployment gave it to this caller and it lasts
     */
    Upgraded open(String sealed, String caller, Instant now, Deadline deadline) {
        Seal seal = seals.find(one -> one.isOn(sealed), deadline);
        String text = seal == null ? null : seal.open(sealed);
        if (text == null) {
            throw rejected("is none that this deployment gave out, or none any more");
        }
        Map<?, ?> session = session(text);
        if (!caller.equals(session.get("caller"))) {
            throw rejected("was given to another caller");
        }
        Upgraded upgraded = new Upgraded(
                String.valueOf(session.get("accessKeyId")),
                String.valueOf(session.get("secretAccessKey")),
                String.valueOf(session.get("sessionToken")),
                Instant.parse(String.valueOf(session.get("expires"))));
        if (!now.isBefore(upgraded.expires())) {
            throw rejected("ended at " + upgraded.expires());
        }
        return upgraded;
    }

    private static Map<?, ?> session(String text) {
        try {
            return (Map<?, ?>) Objects.requireNonNull(Json.parse(text));
        } catch (JsonException e) {
            // Only whoever holds the seal's secret can have sealed it.
            throw rejected("was not sealed by this deployment");
        }
    }

    private static Refusal rejected(String why) {
        return new Refusal(
                Reason.SESSION_REJECTED, "The session " + why + "; give 'mfaCode' instead, which opens a new one.");
    }
}
