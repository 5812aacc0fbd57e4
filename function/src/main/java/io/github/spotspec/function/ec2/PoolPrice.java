package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.Row;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * The spot price of one pool. A sweep has hundreds of thousands of them at a time, so it keeps price and time as plain numbers.
 *
 * @param region the region
 * @param zone the availability zone
 * @param instanceType the instance type
 * @param product EC2's product description, for example {@code Linux/UNIX}
 * @param unscaledPrice the digits of the price
 * @param scale how many of them are decimals
 * @param sinceMillis when the price last changed, in milliseconds since 1970
 */
public record PoolPrice(
        String region,
        String zone,
        String instanceType,
        String product,
        long unscaledPrice,
        int scale,
        long sinceMillis)
        implements Row {
    /**
     * Makes one.
     *
     * @throws ArithmeticException if the price has more digits than a {@code long}
     */
    public static PoolPrice of(
            String region, String zone, String instanceType, String product, BigDecimal price, Instant since) {
        return new PoolPrice(
                region,
                zone,
                instanceType,
                product,
                price.unscaledValue().longValueExact(),
                price.scale(),
                since.toEpochMilli());
    }

    /** Returns US dollars per instance-hour, with as many decimals as EC2 gave. */
    public BigDecimal price() {
        return BigDecimal.valueOf(unscaledPrice, scale);
    }

    /** Compares by price, without making two numbers of each comparison, of which a sweep has millions. */
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
        out.put("InstanceType", instanceType);
        out.put("ProductDescription", product);
        out.put("SpotPrice", price().toPlainString());
        out.put("Timestamp", since());
    }
}
