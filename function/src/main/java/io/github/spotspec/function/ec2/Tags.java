package io.github.spotspec.function.ec2;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The tags by which the service knows its own things. IAM lets the operator act only on things with the first one. */
public final class Tags {
    /** The deployment that made the thing. */
    public static final String SERVICE = "spotspec:service";

    /** When the lease ends, ISO-8601. */
    public static final String LEASE = "spotspec:lease";

    /** The launch that made the thing: the hashes of its idempotency key and of its request. */
    public static final String REQUEST = "spotspec:request";

    /** Who launched it. */
    public static final String CALLER = "spotspec:caller";

    /** When EC2 warned that it will take the instance back, ISO-8601. */
    public static final String INTERRUPTED = "spotspec:interrupted";

    /** What all of the service's tags start with. */
    public static final String PREFIX = "spotspec:";

    private static final int MAX_VALUE_LENGTH = 256;
    private static final int HASH_LENGTH = 16;
    private static final String AWS_PREFIX = "aws:";

    private Tags() {}

    /**
     * Returns a text as the value of a tag. EC2 allows 256 characters; a longer text is cut, and ends in a part of its
     * hash, so that two texts that begin alike stay different.
     */
    public static String value(String text) {
        if (text.codePointCount(0, text.length()) <= MAX_VALUE_LENGTH) {
            return text;
        }
        String kept = text.substring(0, text.offsetByCodePoints(0, MAX_VALUE_LENGTH - HASH_LENGTH - 1));
        return kept + "~" + hash(text).substring(0, HASH_LENGTH);
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns whether a tag key begins with a prefix that nobody but AWS or the service may use, in upper or lower case: IAM
     * takes {@code Spotspec:Service} for {@code spotspec:service}, and with both on an instance its condition may hold for
     * neither, so that nobody could end the instance.
     */
    public static boolean isReserved(String key) {
        return startsWithIgnoringCase(key, AWS_PREFIX) || startsWithIgnoringCase(key, PREFIX);
    }

    private static boolean startsWithIgnoringCase(String key, String prefix) {
        return key.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
