package io.github.spotspec.function.credentials;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.util.Base64URL;
import io.github.spotspec.function.secret.KeyDerivation;
import java.text.ParseException;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals texts as JWE (RFC 7516), {@code dir} with {@code A256GCM}, by a key that is derived from a secret for one
 * deployment: what one deployment sealed, none opens that has another secret or another name. Immutable and
 * thread-safe.
 */
final class SessionCipher {
    private static final String PURPOSE = "session";

    private final SecretKey key;
    private final Base64URL header;

    private SessionCipher(SecretKey key, Base64URL header) {
        this.key = key;
        this.header = header;
    }

    /**
     * Makes the seal of a deployment.
     *
     * @param service the deployment's name
     */
    static SessionCipher of(String secret, String service) {
        SecretKey key = new SecretKeySpec(KeyDerivation.key(secret, PURPOSE, service), "AES");
        String name = KeyDerivation.name(secret, PURPOSE, service);
        return new SessionCipher(
                key, Base64URL.encode("{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"kid\":\"" + name + "\"}"));
    }

    /**
     * Returns whether a text claims to be sealed so. Its header must be the one that this seal writes, to the letter: the
     * text has no say in how it is opened, and nothing of a header that others wrote is ever parsed.
     */
    boolean sealed(String sealed) {
        return sealed.startsWith(header + ".");
    }

    String encrypt(String text) {
        try {
            JWEObject jwe = new JWEObject(JWEHeader.parse(header), new Payload(text));
            jwe.encrypt(new DirectEncrypter(key));
            return jwe.serialize();
        } catch (ParseException | JOSEException e) {
            throw new IllegalStateException("sealing", e);
        }
    }

    /** Returns what was sealed, or nothing if it was not sealed so, or was changed since. */
    @Nullable
    String decrypt(String sealed) {
        if (!sealed(sealed)) {
            return null;
        }
        try {
            JWEObject jwe = JWEObject.parse(sealed);
            jwe.decrypt(new DirectDecrypter(key));
            return jwe.getPayload().toString();
        } catch (ParseException | JOSEException e) {
            return null;
        }
    }
}
