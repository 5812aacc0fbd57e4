package io.github.spotspec.function.mfa;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals texts as JWE (RFC 7516), {@code dir} with {@code A256GCM}, by a key that HKDF (RFC 5869) derives from a secret for
 * one deployment: what one deployment sealed, none opens that has another secret or another name. Immutable and
 * thread-safe.
 */
final class Seal {
    private static final int KEY_BYTES = 32;
    private static final int NAME_BYTES = 8;

    private final SecretKey key;
    private final Base64URL header;

    private Seal(SecretKey key, Base64URL header) {
        this.key = key;
        this.header = header;
    }

    /**
     * Makes the seal of a deployment.
     *
     * @param service the deployment's name
     */
    static Seal of(String secret, String service) {
        SecretKey key = new SecretKeySpec(derive(secret, "spotspec session key of " + service, KEY_BYTES), "AES");
        // The key's name is derived beside it, and so tells nothing of it.
        String name = HexFormat.of().formatHex(derive(secret, "spotspec session key name of " + service, NAME_BYTES));
        return new Seal(key, Base64URL.encode("{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"kid\":\"" + name + "\"}"));
    }

    /**
     * Returns whether a text claims to be sealed so. Its header must be the one that this seal writes, to the letter: the
     * text has no say in how it is opened, and nothing of a header that others wrote is ever parsed.
     */
    boolean isOn(String sealed) {
        return sealed.startsWith(header + ".");
    }

    String close(String text) {
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
    String open(String sealed) {
        if (!isOn(sealed)) {
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

    private static byte[] derive(String secret, String purpose, int bytes) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret.getBytes(StandardCharsets.UTF_8))
                            .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK 25 has HKDF", e);
        }
    }
}
