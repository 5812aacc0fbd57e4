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
    private static final String HEADER = "spotspec-session";
    private static final String EXPIRES_HEADER = "spotspec-session-expires";

    /** Adds the session to an answer's {@code meta}. */
    public void describe(Map<String, Object> meta) {
        meta.put(TOKEN, token);
        meta.put(EXPIRES, expires);
    }

    /** Returns whether an entry of an answer's {@code meta} is the session itself, which no screen should show. */
    public static boolean isSecret(String name) {
        return name.equals(TOKEN);
    }

    /**
     * Returns the HTTP headers that carry the session of an answer's {@code meta}, if it has one. So a client finds it
     * whatever the format of the answer.
     */
    public static Map<String, String> headers(Map<String, ?> meta) {
        return meta.get(TOKEN) instanceof String token && meta.get(EXPIRES) instanceof Instant expires
                ? new Session(token, expires).headers()
                : Map.of();
    }

    /** Returns the HTTP headers that carry this session. */
    public Map<String, String> headers() {
        return Map.of(HEADER, token, EXPIRES_HEADER, expires.toString());
    }

    /** Hides the contents, so that they cannot appear in a log or message. */
    @Override
    public String toString() {
        return "Session[…]";
    }
}
