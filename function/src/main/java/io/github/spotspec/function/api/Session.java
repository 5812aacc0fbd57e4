package io.github.spotspec.function.api;

import java.time.Instant;
import java.util.Map;

/**
 * An MFA session as the caller receives it. Later requests send it instead of a code.
 *
 * @param token the sealed session, which only this deployment can open
 * @param expires when the session expires
 */
public record Session(String token, Instant expires) {
    private static final String TOKEN = "session";
    private static final String EXPIRES = "sessionExpires";

    /** Adds the session to an answer's {@code meta}. */
    public void describe(Map<String, Object> meta) {
        meta.put(TOKEN, token);
        meta.put(EXPIRES, expires);
    }

    /** Returns whether an entry of an answer's {@code meta} describes a session. */
    public static boolean describes(String name) {
        return name.equals(TOKEN) || name.equals(EXPIRES);
    }

    /** Hides the contents, so that they cannot appear in a log or message. */
    @Override
    public String toString() {
        return "Session[…]";
    }
}
