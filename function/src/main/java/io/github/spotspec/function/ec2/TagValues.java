package io.github.spotspec.function.ec2;

import java.time.DateTimeException;
import java.time.Duration;
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
 * @param idle what the tags say about an idle instance
 * @param own the tags that the caller gave the resource, or that were added later, sorted by key
 */
public record TagValues(
        @Nullable Instant lease,
        @Nullable String launchTag,
        @Nullable String caller,
        @Nullable Instant interruptedAt,
        @Nullable Instant warnedOf,
        Idle idle,
        Map<String, String> own) {

    /**
     * What the tags say about an idle instance.
     *
     * @param endAfter how long it must be idle before the keeper ends it, or null if idleness does not matter
     * @param warning the keeper's last warning that it is idle, or null if it did not warn
     */
    public record Idle(
            @Nullable Duration endAfter, @Nullable IdleWarning warning) {}

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
                new Idle(duration(values.get(Tags.END_WHEN_IDLE)), IdleWarning.parse(values.get(Tags.IDLE_WARNED))),
                Collections.unmodifiableMap(own));
    }

    /** Returns the same values with the given end of the lease. */
    TagValues withLease(Instant end) {
        return new TagValues(end, launchTag, caller, interruptedAt, warnedOf, idle, own);
    }

    private static @Nullable Duration duration(@Nullable String text) {
        try {
            return text == null ? null : Duration.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
