package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.Row;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The spot price of one pool. A sweep holds hundreds of thousands of them at a time, so price and time are stored as
 * plain numbers.
 *
 * @param region the region
 * @param zone the zone's name in this account
 * @param zoneId the zone's id, which is the same in every account, or null if EC2 does not return it
 * @param instanceType the instance type
 * @param product EC2's product description, for example {@code Linux/UNIX}
 * @param unscaledPrice the digits of the price
 * @param scale how many of the digits are decimals
 * @param sinceMillis when the price last changed, in milliseconds since 1970
 */
public record PoolPrice(
        String region,
        String zone,
        @Nullable String zoneId,
        String instanceType,
        String product,
        long unscaledPrice,
        int scale,
        long sinceMillis)
        implements Row {
    /**
     * Creates a pool price.
     *
     * @throws ArithmeticException if the price has more digits than a {@code long}
     */
    public static PoolPrice of(
            String region,
            String zone,
            @Nullable String zoneId,
            String instanceType,
            String product,
            BigDecimal price,
            Instant since) {
        return new PoolPrice(
                region,
                zone,
                zoneId,
                instanceType,
                product,
                price.unscaledValue().longValueExact(),
                price.scale(),
                since.toEpochMilli());
    }

    /** Returns the price in US dollars per instance-hour, with as many decimals as EC2 returned. */
    public BigDecimal price() {
        return BigDecimal.valueOf(unscaledPrice, scale);
    }

    /**
     * Compares by price, without creating two numbers for each comparison, because a sweep makes millions of
     * comparisons.
     */
    public int comparePrice(PoolPrice other) {
        return scale == other.scale
                ? Long.compare(unscaledPrice, other.unscaledPrice)
                : price().compareTo(other.price());
    }

    /** Returns when the price last changed. */
    public Instant since() {
        return Instant.ofEpochMilli(sinceMillis);
    }

    @Override
    public void write(Columns out) {
        out.put("Region", region);
        out.put("AvailabilityZone", zone);
        out.put("AvailabilityZoneId", zoneId);
        out.put("InstanceType", instanceType);
        out.put("ProductDescription", product);
        out.put("SpotPrice", price().toPlainString());
        out.put("Timestamp", since());
    }
}
