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
 * Signs texts as JWS (RFC 7515) with {@code HS256}, by a key that is derived from a secret for one deployment: what one
 * deployment has signed, none takes that has another secret or another name. Immutable and thread-safe.
 */
final class SigningKey {
    private static final String PURPOSE = "token";
    private static final Duration CACHE_TTL = Duration.ofMinutes(1);
    /** Whoever sends tokens of his own making must not have the secret read as often as he likes. */
    private static final Duration MIN_REFRESH_INTERVAL = Duration.ofSeconds(10);

    private final byte[] key;
    private final Base64URL header;

    private SigningKey(byte[] key, Base64URL header) {
        this.key = key;
        this.header = header;
    }

    /** Returns the keys of a deployment: that of the secret's current value, and that of the one before. */
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
     * Returns whether a token claims to be signed so. Its header must be the one that this key writes, to the letter: the
     * token has no say in how it is checked, and nothing of a header that others wrote is ever parsed.
     */
    boolean signed(String token) {
        return token.startsWith(header + ".");
    }

    String sign(String claims) {
        return signed(new Payload(claims));
    }

    /**
     * Returns the claims that were signed, or nothing if they were not signed so. The token must be the one that this key
     * would write, to the letter, which takes the same time to find out wherever it differs.
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
