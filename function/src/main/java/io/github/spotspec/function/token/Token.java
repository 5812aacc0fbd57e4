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
 * The contents of a token.
 *
 * @param service the deployment that it is for
 * @param id its unique id
 * @param issued when it was issued, to the millisecond, so that a token made right after all were revoked is valid
 * @param expires when it expires, in whole seconds
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

    /** Parses claims that {@link #claims} wrote. They must have been verified. */
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
