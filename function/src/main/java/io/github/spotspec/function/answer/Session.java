package io.github.spotspec.function.answer;

import java.time.Instant;
import java.util.Map;

/**
 * An MFA session, as its caller gets to see it. Later requests bring it instead of a code.
 *
 * @param token the sealed session, which only this deployment can open
 * @param expires when it ends
 */
public record Session(String token, Instant expires) {
    /** Says in an answer's {@code meta} what the session is. */
    public void describe(Map<String, Object> meta) {
        meta.put("session", token);
        meta.put("sessionExpires", expires);
    }

    /** Does not say what it holds, so that no log or message can. */
    @Override
    public String toString() {
        return "Session[…]";
    }
}
