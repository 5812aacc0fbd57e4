package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.Sha256;
import java.util.Set;
import java.util.regex.Pattern;

/** The tags that identify managed resources. IAM lets the operator change only resources that carry the first one. */
public final class Tags {
    /** The deployment that created the resource. */
    public static final String SERVICE = "spotspec:service";

    /** When the lease ends, ISO-8601. */
    public static final String LEASE = "spotspec:lease";

    /** The launch that created the resource: the hashes of its idempotency key and of its request. */
    public static final String REQUEST = "spotspec:request";

    /** The caller that launched the resource. */
    public static final String CALLER = "spotspec:caller";

    /** The maximum price that the launch set, in US dollars per hour; missing if it set none. */
    public static final String MAX_PRICE = "spotspec:max-price";

    /** When EC2 sent an interruption notice or a rebalance recommendation for the instance, ISO-8601. */
    public static final String INTERRUPTED = "spotspec:interrupted";

    /** The end of the lease that the keeper last warned of, ISO-8601. */
    public static final String WARNED = "spotspec:warned";

    /** How long the instance must be idle before the keeper ends it, ISO-8601, such as {@code PT30M}. */
    public static final String END_WHEN_IDLE = "spotspec:end-when-idle";

    /**
     * When the keeper warned that the instance is idle, and the end of its lease then, as {@link IdleWarning} writes
     * it.
     */
    public static final String IDLE_WARNED = "spotspec:idle-warned";

    /** The allocation strategy of the launch, such as {@code lowest-price}. */
    public static final String ALLOCATION = "spotspec:allocation";

    /** The state of the instance just before the service ended it, as {@link StateBeforeEnd} writes it. */
    public static final String BEFORE_END = "spotspec:before-end";

    /** When the keeper last logged a receipt of an instance that had stopped or ended, ISO-8601. */
    public static final String RECEIPT = "spotspec:receipt";

    /** The prefix of all the service's tags. */
    public static final String PREFIX = "spotspec:";

    private static final Pattern METADATA_KEY = Pattern.compile("[A-Za-z0-9+=.,_:@-]+");
    private static final Set<String> RESERVED_IN_METADATA = Set.of(".", "..", "_index");
    private static final int MAX_VALUE_LENGTH = 256;
    private static final int HASH_LENGTH = 16;
    private static final String AWS_PREFIX = "aws:";

    private Tags() {}

    /**
     * Returns a text as a tag value. EC2 allows 256 characters. A longer text is truncated and ends in a part of its
     * hash, so that two texts with the same beginning stay different.
     */
    public static String value(String text) {
        if (text.codePointCount(0, text.length()) <= MAX_VALUE_LENGTH) {
            return text;
        }
        String kept = text.substring(0, text.offsetByCodePoints(0, MAX_VALUE_LENGTH - HASH_LENGTH - 1));
        return kept + "~" + Sha256.hex(text).substring(0, HASH_LENGTH);
    }

    /**
     * Returns whether a tag key begins, in upper or lower case, with a prefix that only AWS or the service may use. IAM
     * treats {@code Spotspec:Service} as {@code spotspec:service}. If an instance carries both, the IAM condition may
     * match neither, and nobody could end the instance.
     */
    public static boolean isReserved(String key) {
        return startsWithIgnoringCase(key, AWS_PREFIX) || startsWithIgnoringCase(key, PREFIX);
    }

    /**
     * Returns whether an instance that shows its tags in its metadata may have a tag with this key. EC2 rejects a
     * launch that shows other keys (EC2 user guide, "View tags for your EC2 instances using instance metadata").
     */
    public static boolean isAllowedInMetadata(String key) {
        return METADATA_KEY.matcher(key).matches() && !RESERVED_IN_METADATA.contains(key);
    }

    private static boolean startsWithIgnoringCase(String key, String prefix) {
        return key.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
