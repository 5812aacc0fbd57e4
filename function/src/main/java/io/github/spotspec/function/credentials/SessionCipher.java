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
 * Encrypts texts as JWE (RFC 7516), {@code dir} with {@code A256GCM}. The key is derived from a secret for one
 * deployment. A deployment with another secret or another name cannot decrypt the texts. Immutable and thread-safe.
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
     * Creates the cipher of a deployment.
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
     * Returns whether a text claims to be encrypted by this cipher. Its header must be exactly the one that this cipher
     * writes. So the text cannot influence how it is decrypted, and a header from elsewhere is never parsed.
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

    /** Returns the decrypted text, or null if this cipher did not encrypt it or it was changed since. */
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
