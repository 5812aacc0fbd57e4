package io.github.spotspec.function.config;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The limits of what instances may cost, in US dollars.
 *
 * @param maxPrice the maximum price per instance-hour, or null for none
 * @param maxCommitted the most that living instances together may still cost until their leases end, or null for no
 *     limit
 */
public record CostLimits(
        @Nullable BigDecimal maxPrice, @Nullable BigDecimal maxCommitted) {
    /** No limits. */
    public static final CostLimits NONE = new CostLimits(null, null);
}
