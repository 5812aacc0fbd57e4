package io.github.spotspec.local.iam;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Time-based one-time passwords (RFC 6238), as AWS's virtual MFA devices show them: six digits, by HMAC-SHA-1, with a
 * new code every 30 seconds.
 */
public final class Totp {
    /** How long a device shows a code. */
    public static final Duration STEP = Duration.ofSeconds(30);

    /** The characters of base32. */
    static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Totp() {}

    /** Returns the step that contains a time. */
    public static long step(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), STEP.toSeconds());
    }

    /**
     * Returns the code of a step.
     *
     * @param seed the seed in base32 (RFC 4648) without padding, as IAM returns it
     */
    public static String code(String seed, long step) {
        byte[] hash = hmac(decoded(seed), step);
        int offset = hash[hash.length - 1] & 0xf;
        int number = (hash[offset] & 0x7f) << 24
                | (hash[offset + 1] & 0xff) << 16
                | (hash[offset + 2] & 0xff) << 8
                | (hash[offset + 3] & 0xff);
        return String.format(Locale.ROOT, "%06d", number % 1_000_000);
    }

    private static byte[] hmac(byte[] key, long step) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            byte[] counter = new byte[Long.BYTES];
            for (int i = 0; i < Long.BYTES; i++) {
                counter[i] = (byte) (step >>> (8 * (Long.BYTES - 1 - i)));
            }
            return mac.doFinal(counter);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] decoded(String base32) {
        byte[] bytes = new byte[base32.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int next = 0;
        for (int i = 0; i < base32.length(); i++) {
            int value = ALPHABET.indexOf(base32.charAt(i));
            if (value < 0) {
                throw new IllegalArgumentException("a seed is in base32");
            }
            bits = (bits << 5 | value) & 0xfff;
            held += 5;
            if (held >= 8) {
                held -= 8;
                bytes[next++] = (byte) (bits >> held);
            }
        }
        return bytes;
    }
}
