package io.github.spotspec.function.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.Base64URL;
import io.github.spotspec.function.secret.KeyDerivation;
import io.github.spotspec.function.secret.Keyring;
import io.github.spotspec.function.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Signs texts as JWS (RFC 7515) with {@code HS256}. The key is derived from a secret for one deployment. A deployment
 * with another secret or another name does not accept the signatures. Immutable and thread-safe.
 */
final class SigningKey {
    private static final String PURPOSE = "token";
    private static final Duration CACHE_TTL = Duration.ofMinutes(1);
    /** Limits how often a sender of forged tokens can cause the secret to be read. */
    private static final Duration MIN_REFRESH_INTERVAL = Duration.ofSeconds(10);

    private final byte[] key;
    private final Base64URL header;

    private SigningKey(byte[] key, Base64URL header) {
        this.key = key;
        this.header = header;
    }

    /** Returns the keys of a deployment: those of the secret's current and previous values. */
    static Keyring<SigningKey> ring(Secret secret, String service, InstantSource clock) {
        return new Keyring<>(secret, value -> of(value, service), CACHE_TTL, MIN_REFRESH_INTERVAL, clock);
    }

    private static SigningKey of(String secret, String service) {
        String name = KeyDerivation.name(secret, PURPOSE, service);
        return new SigningKey(
                KeyDerivation.key(secret, PURPOSE, service),
                Base64URL.encode("{\"alg\":\"HS256\",\"kid\":\"" + name + "\",\"typ\":\"JWT\"}"));
    }

    /**
     * Returns whether a token claims to be signed by this key. Its header must be exactly the one that this key writes.
     * So the token cannot influence how it is verified, and a header from elsewhere is never parsed.
     */
    boolean signed(String token) {
        return token.startsWith(header + ".");
    }

    String sign(String claims) {
        return signed(new Payload(claims));
    }

    /**
     * Returns the signed claims, or null if this key did not sign them. The token must be exactly the one that this key
     * would write. The comparison takes the same time wherever the token differs.
     */
    @Nullable
    String claims(String token) {
        if (!signed(token)) {
            return null;
        }
        int from = header.toString().length() + 1;
        int to = token.indexOf('.', from);
        if (to < 0) {
            return null;
        }
        Payload payload = new Payload(new Base64URL(token.substring(from, to)));
        byte[] right = signed(payload).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(right, token.getBytes(StandardCharsets.UTF_8)) ? payload.toString() : null;
    }

    private String signed(Payload payload) {
        try {
            JWSObject jws = new JWSObject(JWSHeader.parse(header), payload);
            jws.sign(new MACSigner(key));
            return jws.serialize();
        } catch (ParseException | JOSEException e) {
            throw new IllegalStateException("signing", e);
        }
    }
}
