package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Row;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * The spot price of one pool.
 *
 * @param region the region
 * @param zone the availability zone
 * @param instanceType the instance type
 * @param product EC2's product description, for example {@code Linux/UNIX}
 * @param price US dollars per instance-hour
 * @param since when the price last changed
 */
public record PoolPrice(
        String region, String zone, String instanceType, String product, BigDecimal price, Instant since)
        implements Row {
    @Override
    public void write(Columns out) {
        out.put("Region", region);
        out.put("AvailabilityZone", zone);
        out.put("InstanceType", instanceType);
        out.put("ProductDescription", product);
        out.put("SpotPrice", price.toPlainString());
        out.put("Timestamp", since);
    }
}
