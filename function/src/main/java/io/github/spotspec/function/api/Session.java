package io.github.spotspec.function.api;

import java.time.Instant;
import java.util.Map;

/**
 * An MFA session, as its caller gets to see it. Later requests bring it instead of a code.
 *
 * @param token the sealed session, which only this deployment can open
 * @param expires when it ends
 */
public record Session(String token, Instant expires) {
    private static final String TOKEN = "session";
    private static final String EXPIRES = "sessionExpires";

    /** Says in an answer's {@code meta} what the session is. */
    public void describe(Map<String, Object> meta) {
        meta.put(TOKEN, token);
        meta.put(EXPIRES, expires);
    }

    /** Returns whether an entry of an answer's {@code meta} is of a session. */
    public static boolean describes(String name) {
        return name.equals(TOKEN) || name.equals(EXPIRES);
    }

    /** Does not say what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Session[…]";
    }
}
