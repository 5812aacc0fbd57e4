package io.github.spotspec.function.cost;

import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What instances cost together: per hour, so far, and from now until their leases end at current prices. Instances
 * whose price is unknown are counted, not added. Not thread-safe.
 */
public final class CostTotals {
    private static final String BASIS =
            "Estimate from ec2:DescribeSpotPriceHistory and the price list: each instance-hour at the price at its"
                    + " beginning. Volumes, public IPv4 addresses ($0.005 an hour each) and data transfer are not"
                    + " included.";

    private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);

    /** Ten decimals are more than rounding needs afterwards. */
    private static final int SCALE = 10;

    private BigDecimal hourlyCost = BigDecimal.ZERO;
    private BigDecimal cost = BigDecimal.ZERO;
    private BigDecimal leaseCost = BigDecimal.ZERO;
    private int instances;
    private int unknown;

    private CostTotals() {}

    /** Returns the totals of all receipts, by region and by caller, as answers show them. */
    public static Map<String, Object> describe(List<Receipt> receipts, Instant now) {
        CostTotals all = new CostTotals();
        receipts.forEach(receipt -> all.add(receipt, now));
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("summary", all.summary());
        described.putAll(all.amounts());
        described.put("byRegion", by("region", ManagedInstance::region, receipts, now));
        described.put("byCaller", by("caller", ManagedInstance::caller, receipts, now));
        described.put("basis", BASIS);
        return described;
    }

    private static List<Map<String, @Nullable Object>> by(
            String name, Function<ManagedInstance, @Nullable String> key, List<Receipt> receipts, Instant now) {
        Map<@Nullable String, CostTotals> totals = new LinkedHashMap<>();
        receipts.forEach(receipt -> totals.computeIfAbsent(key.apply(receipt.instance()), first -> new CostTotals())
                .add(receipt, now));
        List<Map<String, @Nullable Object>> described = new ArrayList<>();
        totals.forEach((value, total) -> {
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put(name, value);
            entry.putAll(total.amounts());
            described.add(entry);
        });
        return described;
    }

    private void add(Receipt receipt, Instant now) {
        instances++;
        if (receipt.hourlyCost() == null || receipt.cost() == null) {
            unknown++;
        }
        if (receipt.hourlyCost() != null) {
            hourlyCost = hourlyCost.add(receipt.hourlyCost());
            leaseCost = leaseCost.add(untilLeaseEnds(receipt.instance(), receipt.hourlyCost(), now));
        }
        if (receipt.cost() != null) {
            cost = cost.add(receipt.cost().amount());
        }
    }

    private static BigDecimal untilLeaseEnds(ManagedInstance instance, BigDecimal hourly, Instant now) {
        Instant lease = instance.lease();
        if (lease == null || lease.isBefore(now)) {
            return BigDecimal.ZERO;
        }
        return hourly.multiply(BigDecimal.valueOf(Duration.between(now, lease).toSeconds()))
                .divide(SECONDS_PER_HOUR, SCALE, RoundingMode.HALF_UP);
    }

    private Map<String, Object> amounts() {
        Map<String, Object> amounts = new LinkedHashMap<>();
        amounts.put("instances", instances);
        amounts.put("hourlyCost", Receipt.text(hourlyCost));
        amounts.put("cost", Receipt.text(cost));
        amounts.put("leaseCost", Receipt.text(leaseCost));
        if (unknown > 0) {
            amounts.put("unknown", unknown);
        }
        return amounts;
    }

    /** Returns the totals in words, for example {@code ≈ $0.053/h, $0.16 so far, $0.1 more until the leases end}. */
    private String summary() {
        if (unknown == instances) {
            return "unknown";
        }
        String now = hourlyCost.signum() == 0 ? "" : "$" + Receipt.text(hourlyCost) + "/h, ";
        String later = leaseCost.signum() == 0 ? "" : ", $" + Receipt.text(leaseCost) + " more until the leases end";
        return "≈ " + now + "$" + Receipt.text(cost) + " so far" + later
                + (unknown == 0 ? "" : "; unknown for " + unknown + " of " + instances);
    }
}
