package io.github.spotspec.function.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Derives keys from secrets by HKDF (RFC 5869), each for one purpose. A key reveals nothing about another key or about
 * the secret.
 */
public final class KeyDerivation {
    private static final int KEY_BYTES = 32;
    private static final int NAME_BYTES = 8;

    private KeyDerivation() {}

    /**
     * Derives a key of 256 bits.
     *
     * @param purpose what the key is for, such as {@code session}
     * @param service the deployment's name; another deployment gets another key, even from the same secret
     */
    public static byte[] key(String secret, String purpose, String service) {
        return derive(secret, "spotspec " + purpose + " key of " + service, KEY_BYTES);
    }

    /**
     * Derives the key's name, which may be public. It is derived independently of the key and reveals nothing about it.
     */
    public static String name(String secret, String purpose, String service) {
        return HexFormat.of().formatHex(derive(secret, "spotspec " + purpose + " key name of " + service, NAME_BYTES));
    }

    private static byte[] derive(String secret, String info, int bytes) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret.getBytes(StandardCharsets.UTF_8))
                            .thenExpand(info.getBytes(StandardCharsets.UTF_8), bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK 25 has HKDF", e);
        }
    }
}
