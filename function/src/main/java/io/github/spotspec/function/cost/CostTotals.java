package io.github.spotspec.function.cost;

import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What instances cost together: per hour, today, so far, and from now until their leases end at current prices. Amounts
 * that are unknown are not added, and their instances are counted. Not thread-safe.
 */
public final class CostTotals {
    private static final String BASIS =
            "Estimate from ec2:DescribeSpotPriceHistory and the price list: each instance-hour at the price at its"
                    + " beginning. Volumes, public IPv4 addresses ($0.005 an hour each) and data transfer are not"
                    + " included.";

    private BigDecimal hourlyCost = BigDecimal.ZERO;
    private BigDecimal today = BigDecimal.ZERO;
    private BigDecimal cost = BigDecimal.ZERO;
    private BigDecimal leaseCost = BigDecimal.ZERO;
    private BigDecimal costAtLeaseEnd = BigDecimal.ZERO;
    private int instances;
    private int unknown;

    private CostTotals() {}

    /** Returns the totals of all receipts, by region and by caller, as answers show them that list instances. */
    public static Map<String, Object> describe(List<Receipt> receipts) {
        return describe(receipts, CostTotals::summary, CostTotals::amounts);
    }

    /**
     * Returns the totals of all receipts, by region and by caller, as the answer shows them that is only about costs.
     */
    public static Map<String, Object> report(List<Receipt> receipts) {
        return describe(
                receipts,
                totals -> "today $" + Receipt.text(totals.today) + "; " + totals.summary(),
                CostTotals::reportedAmounts);
    }

    private static Map<String, Object> describe(
            List<Receipt> receipts,
            Function<CostTotals, String> summary,
            Function<CostTotals, Map<String, Object>> amounts) {
        CostTotals all = new CostTotals();
        receipts.forEach(all::add);
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("summary", summary.apply(all));
        described.putAll(amounts.apply(all));
        described.put("byRegion", by("region", ManagedInstance::region, receipts, amounts));
        described.put("byCaller", by("caller", ManagedInstance::caller, receipts, amounts));
        described.put("basis", BASIS);
        return described;
    }

    private static List<Map<String, @Nullable Object>> by(
            String name,
            Function<ManagedInstance, @Nullable String> key,
            List<Receipt> receipts,
            Function<CostTotals, Map<String, Object>> amounts) {
        Map<@Nullable String, CostTotals> totals = new LinkedHashMap<>();
        receipts.forEach(receipt -> totals.computeIfAbsent(key.apply(receipt.instance()), first -> new CostTotals())
                .add(receipt));
        List<Map<String, @Nullable Object>> described = new ArrayList<>();
        totals.forEach((value, total) -> {
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put(name, value);
            entry.putAll(amounts.apply(total));
            described.add(entry);
        });
        return described;
    }

    private void add(Receipt receipt) {
        instances++;
        if (receipt.hourlyCost() == null || receipt.cost() == null) {
            unknown++;
        }
        hourlyCost = sum(hourlyCost, receipt.hourlyCost());
        leaseCost = sum(leaseCost, receipt.leaseCost());
        cost = sum(cost, receipt.cost() == null ? null : receipt.cost().amount());
        today = sum(today, receipt.today() == null ? null : receipt.today().amount());
        costAtLeaseEnd = sum(costAtLeaseEnd, receipt.costAtLeaseEnd());
    }

    private static BigDecimal sum(BigDecimal total, @Nullable BigDecimal amount) {
        return amount == null ? total : total.add(amount);
    }

    private Map<String, Object> amounts() {
        Map<String, Object> amounts = new LinkedHashMap<>();
        amounts.put("instances", instances);
        amounts.put("hourlyCost", Receipt.text(hourlyCost));
        amounts.put("cost", Receipt.text(cost));
        amounts.put("leaseCost", Receipt.text(leaseCost));
        putUnknown(amounts);
        return amounts;
    }

    private Map<String, Object> reportedAmounts() {
        Map<String, Object> amounts = new LinkedHashMap<>();
        amounts.put("instances", instances);
        amounts.put("costToday", Receipt.text(today));
        amounts.put("cost", Receipt.text(cost));
        amounts.put("costAtLeaseEnd", Receipt.text(costAtLeaseEnd));
        amounts.put("hourlyCost", Receipt.text(hourlyCost));
        putUnknown(amounts);
        return amounts;
    }

    private void putUnknown(Map<String, Object> amounts) {
        if (unknown > 0) {
            amounts.put("unknown", unknown);
        }
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
