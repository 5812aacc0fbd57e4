package io.github.spotspec.function.token;

import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.runtime.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a token says.
 *
 * @param service the deployment that it is for
 * @param id what tells it from all others
 * @param issued when it was made, to the millisecond, so that one made right after all were revoked is good
 * @param expires when it ends, in whole seconds
 * @param scope what it covers
 */
record Token(String service, String id, Instant issued, Instant expires, Scope scope) {
    /** Returns the claims (RFC 7519, "Registered Claim Names"). */
    String claims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", service);
        claims.put("jti", id);
        claims.put("iat", BigDecimal.valueOf(issued.toEpochMilli(), 3));
        claims.put("exp", expires.getEpochSecond());
        claims.put("scope", scope.describe());
        return Json.text(claims);
    }

    /** Reads claims that {@link #claims} has written; they must have been verified. */
    static Token of(String claims) {
        Map<?, ?> all = (Map<?, ?>) Objects.requireNonNull(Json.parse(claims));
        return new Token(
                (String) Objects.requireNonNull(all.get("iss")),
                (String) Objects.requireNonNull(all.get("jti")),
                time(all.get("iat")),
                time(all.get("exp")),
                Scope.of((Map<?, ?>) Objects.requireNonNull(all.get("scope"))));
    }

    private static Instant time(@Nullable Object seconds) {
        return Instant.ofEpochMilli(
                ((BigDecimal) Objects.requireNonNull(seconds)).movePointRight(3).longValueExact());
    }
}
