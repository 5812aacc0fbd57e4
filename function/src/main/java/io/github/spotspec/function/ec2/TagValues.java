package io.github.spotspec.function.ec2;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * The values of a managed resource's tags.
 *
 * @param lease when the lease ends, or null if the tag is missing or is not a time
 * @param launchTag the tag of the launch that created the resource
 * @param caller the caller that launched it
 * @param marks what the service has recorded
 * @param idle what the tags say about an idle instance
 * @param maxPrice the maximum price that the launch set, in US dollars per hour, or null if the tag is missing or is
 *     not a price
 * @param allocation the allocation strategy of the launch, or null if the tag is missing
 * @param own the tags that the caller gave the resource, or that were added later, sorted by key
 */
public record TagValues(
        @Nullable Instant lease,
        @Nullable String launchTag,
        @Nullable String caller,
        Marks marks,
        Idle idle,
        @Nullable BigDecimal maxPrice,
        @Nullable String allocation,
        Map<String, String> own) {
    /** EC2 accepts only higher maximum prices. */
    private static final BigDecimal TOO_LOW = new BigDecimal("0.001");

    private static final Pattern PRICE = Pattern.compile("[0-9]{1,6}([.][0-9]{1,30})?");

    /**
     * What the service has recorded after the launch.
     *
     * @param interruptedAt when EC2 sent an interruption notice or a rebalance recommendation, or null if it sent
     *     neither
     * @param warnedOf the end of the lease that the keeper last warned of, or null if it did not warn
     * @param beforeEnd the state of the instance before the service ended it, or null if the service did not end it
     * @param receiptAt when the keeper last logged a receipt of the instance, or null if it did not
     */
    public record Marks(
            @Nullable Instant interruptedAt,
            @Nullable Instant warnedOf,
            @Nullable StateBeforeEnd beforeEnd,
            @Nullable Instant receiptAt) {
        private Marks withBeforeEnd(StateBeforeEnd state) {
            return new Marks(interruptedAt, warnedOf, state, receiptAt);
        }
    }

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
                new Marks(
                        time(values.get(Tags.INTERRUPTED)),
                        time(values.get(Tags.WARNED)),
                        StateBeforeEnd.parse(values.get(Tags.BEFORE_END)),
                        time(values.get(Tags.RECEIPT))),
                new Idle(duration(values.get(Tags.END_WHEN_IDLE)), IdleWarning.parse(values.get(Tags.IDLE_WARNED))),
                price(values.get(Tags.MAX_PRICE)),
                values.get(Tags.ALLOCATION),
                Collections.unmodifiableMap(own));
    }

    /** Returns the same values with the given end of the lease. */
    TagValues withLease(Instant end) {
        return new TagValues(end, launchTag, caller, marks, idle, maxPrice, allocation, own);
    }

    /** Returns the same values with the given state before the end. */
    TagValues withBeforeEnd(StateBeforeEnd state) {
        return new TagValues(lease, launchTag, caller, marks.withBeforeEnd(state), idle, maxPrice, allocation, own);
    }

    private static @Nullable Duration duration(@Nullable String text) {
        try {
            return text == null ? null : Duration.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable BigDecimal price(@Nullable String text) {
        // Without an exponent, because calculating with a number such as 1E+999999999 takes all memory.
        if (text == null || !PRICE.matcher(text).matches()) {
            return null;
        }
        BigDecimal price = new BigDecimal(text);
        return price.compareTo(TOO_LOW) > 0 ? price : null;
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
