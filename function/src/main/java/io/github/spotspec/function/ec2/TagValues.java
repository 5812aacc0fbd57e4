package io.github.spotspec.function.ec2;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * The values of a managed resource's tags.
 *
 * @param lease when the lease ends, or null if the tag is missing or is not a time
 * @param launchTag the tag of the launch that created the resource
 * @param caller the caller that launched it
 * @param interruptedAt when EC2 sent an interruption notice or a rebalance recommendation, or null if it sent neither
 */
public record TagValues(
        @Nullable Instant lease,
        @Nullable String launchTag,
        @Nullable String caller,
        @Nullable Instant interruptedAt) {
    /** Reads the values from tags. */
    public static TagValues of(List<Tag> tags) {
        Map<String, String> values = new HashMap<>();
        tags.forEach(tag -> values.put(tag.key(), tag.value()));
        return new TagValues(
                time(values.get(Tags.LEASE)),
                values.get(Tags.REQUEST),
                values.get(Tags.CALLER),
                time(values.get(Tags.INTERRUPTED)));
    }

    /** Returns the same values with the given end of the lease. */
    TagValues withLease(Instant end) {
        return new TagValues(end, launchTag, caller, interruptedAt);
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
