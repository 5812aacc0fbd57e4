package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A capacity pool that a launch can try: one instance type in one zone.
 *
 * @param zone the zone's name in this account
 * @param zoneId the zone's id, or null if the launch did not read it
 * @param subnet the subnet, or null for the zone's default subnet
 * @param image the image to launch from, which fits the type's architecture
 * @param price the current spot price in US dollars per hour, or null if the launch did not read it
 * @param score the placement score of the zone, or null if the launch did not read it
 */
public record CapacityPool(
        String region,
        String type,
        String zone,
        @Nullable String zoneId,
        @Nullable String subnet,
        Image image,
        @Nullable BigDecimal price,
        @Nullable Integer score) {
    /** Returns the pool from which a Spot Instance was launched, or null if it was launched from another pool. */
    static @Nullable CapacityPool of(ManagedInstance instance, List<CapacityPool> pools) {
        return pools.stream()
                .filter(pool -> instance.isSpot()
                        && pool.type().equals(instance.type())
                        && pool.zone().equals(instance.zone()))
                .findFirst()
                .orElse(null);
    }

    /** Returns the same pool without a price. */
    CapacityPool withoutPrice() {
        return new CapacityPool(region, type, zone, zoneId, subnet, image, null, score);
    }

    /** Returns the same pool with a placement score. */
    CapacityPool withScore(@Nullable Integer scored) {
        return new CapacityPool(region, type, zone, zoneId, subnet, image, price, scored);
    }

    /** Returns the pool's fields as the answer shows them. */
    public Map<String, Object> describe() {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("Region", region);
        described.put("InstanceType", type);
        described.put("AvailabilityZone", zone);
        if (zoneId != null) {
            described.put("AvailabilityZoneId", zoneId);
        }
        if (subnet != null) {
            described.put("SubnetId", subnet);
        }
        described.put("ImageId", image.id());
        if (price != null) {
            described.put("SpotPrice", price.toPlainString());
        }
        if (score != null) {
            described.put("Score", score);
        }
        return described;
    }
}
