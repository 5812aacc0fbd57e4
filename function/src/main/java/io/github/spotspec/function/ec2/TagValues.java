package io.github.spotspec.function.ec2;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * The values of a managed resource's tags.
 *
 * @param lease when the lease ends, or null if the tag is missing or is not a time
 * @param launchTag the tag of the launch that created the resource
 * @param caller the caller that launched it
 * @param interruptedAt when EC2 sent an interruption notice or a rebalance recommendation, or null if it sent neither
 * @param warnedOf the end of the lease that the keeper last warned of, or null if it did not warn
 * @param hasReceipt whether the keeper has logged its receipt
 * @param own the tags that the caller gave the resource, or that were added later, sorted by key
 */
public record TagValues(
        @Nullable Instant lease,
        @Nullable String launchTag,
        @Nullable String caller,
        @Nullable Instant interruptedAt,
        @Nullable Instant warnedOf,
        boolean hasReceipt,
        Map<String, String> own) {
    /** Reads the values from tags. */
    public static TagValues of(List<Tag> tags) {
        Map<String, String> values = new HashMap<>();
        Map<String, String> own = new TreeMap<>();
        tags.forEach(tag -> (Tags.isReserved(tag.key()) ? values : own).put(tag.key(), tag.value()));
        return new TagValues(
                time(values.get(Tags.LEASE)),
                values.get(Tags.REQUEST),
                values.get(Tags.CALLER),
                time(values.get(Tags.INTERRUPTED)),
                time(values.get(Tags.WARNED)),
                values.containsKey(Tags.RECEIPT),
                Collections.unmodifiableMap(own));
    }

    /** Returns the same values with the given end of the lease. */
    TagValues withLease(Instant end) {
        return new TagValues(end, launchTag, caller, interruptedAt, warnedOf, hasReceipt, own);
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
