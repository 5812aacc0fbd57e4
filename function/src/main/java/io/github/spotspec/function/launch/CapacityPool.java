package io.github.spotspec.function.launch;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Somewhere that a launch could be had.
 *
 * @param zone the zone
 * @param subnet the subnet, or null for the zone's default one
 * @param price the current spot price in US dollars per hour, or null if it was not asked for
 * @param score the placement score of the zone, or null if it was not asked for
 */
public record CapacityPool(
        String type,
        String zone,
        @Nullable String subnet,
        @Nullable BigDecimal price,
        @Nullable Integer score) {
    /** Returns the same place without a price. */
    CapacityPool withoutPrice() {
        return new CapacityPool(type, zone, subnet, null, score);
    }

    /** Returns what the answer says of it. */
    public Map<String, Object> describe() {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("InstanceType", type);
        described.put("AvailabilityZone", zone);
        if (subnet != null) {
            described.put("SubnetId", subnet);
        }
        if (price != null) {
            described.put("SpotPrice", price.toPlainString());
        }
        if (score != null) {
            described.put("Score", score);
        }
        return described;
    }
}
