package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.cost.InstanceCost;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Estimates in US dollars what instances cost until their leases end. It is an estimate because spot prices change: EC2
 * charges each instance-hour at the price at its start. Volumes, public IPv4 addresses and data transfer are not
 * included. Immutable.
 *
 * @param groups the instances, by type, region and market
 * @param lease how long the leases last
 */
public record CostEstimate(List<Group> groups, Duration lease) {
    private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /** The decimals of amounts; spot prices have four to six. */
    private static final int SCALE = 4;

    /**
     * Instances with the same prices, in US dollars per hour and instance.
     *
     * @param spot whether they are Spot Instances
     * @param price the current price, or null if it is unknown
     * @param maxPrice the price that they cannot exceed, or null if it is unknown
     * @param onDemandPrice the on-demand price, or null if AWS lists none
     * @param hourly whether hours are charged instead of seconds, as with SUSE Linux
     */
    record Group(
            String region,
            String type,
            boolean spot,
            int count,
            @Nullable BigDecimal price,
            @Nullable BigDecimal maxPrice,
            @Nullable BigDecimal onDemandPrice,
            boolean hourly) {

        private Map<String, Object> describe() {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put("Region", region);
            described.put("InstanceType", type);
            described.put("InstanceLifecycle", spot ? "spot" : "on-demand");
            described.put("Instances", count);
            put(described, "Price", price);
            put(described, "MaxPrice", maxPrice);
            put(described, "OnDemandPrice", onDemandPrice);
            return described;
        }
    }

    /** Returns the estimate as the answer shows it. Amounts that are not known are left out. */
    public Map<String, Object> describe() {
        BigDecimal hourly = hourly(Group::price);
        BigDecimal most = hourly(Group::maxPrice);
        BigDecimal onDemand = hourly(Group::onDemandPrice);
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("summary", summary());
        if (hourly != null) {
            described.put("hourlyCost", rounded(hourly, RoundingMode.HALF_UP));
            described.put("leaseCost", rounded(untilLeaseEnds(Group::price), RoundingMode.HALF_UP));
        }
        if (most != null) {
            described.put("maxHourlyCost", rounded(most, RoundingMode.UP));
            described.put("maxLeaseCost", rounded(untilLeaseEnds(Group::maxPrice), RoundingMode.UP));
        }
        if (onDemand != null) {
            described.put("onDemandLeaseCost", rounded(untilLeaseEnds(Group::onDemandPrice), RoundingMode.HALF_UP));
        }
        if (hourly != null && onDemand != null) {
            described.put(
                    "savingPercent",
                    onDemand.subtract(hourly).multiply(HUNDRED).divide(onDemand, 1, RoundingMode.HALF_UP));
        }
        described.put("instances", groups.stream().map(Group::describe).toList());
        return described;
    }

    /** Returns the estimate in words, for example {@code 2 × m7g.large ≈ $0.053/h, $0.16 for 3h, at most $0.49}. */
    private String summary() {
        String instances = groups.stream()
                .map(group -> group.count() + " × " + group.type())
                .collect(Collectors.joining(" + "));
        List<String> costs = new ArrayList<>();
        BigDecimal hourly = hourly(Group::price);
        String time = " for " + Syntax.format(lease);
        if (hourly != null) {
            costs.add(" ≈ $" + rounded(hourly, RoundingMode.HALF_UP) + "/h, $"
                    + dollars(untilLeaseEnds(Group::price), RoundingMode.HALF_UP) + time);
        }
        BigDecimal most = hourly(Group::maxPrice);
        if (most != null) {
            String amount = "at most $" + dollars(untilLeaseEnds(Group::maxPrice), RoundingMode.UP);
            costs.add(costs.isEmpty() ? ": " + amount + time : ", " + amount);
        }
        return instances + (costs.isEmpty() ? ": price unknown" : String.join("", costs));
    }

    /** Returns what all instances cost per hour, or null if a price is unknown. */
    private @Nullable BigDecimal hourly(Function<Group, @Nullable BigDecimal> price) {
        return sum(price, group -> BigDecimal.ONE);
    }

    /** Returns what all instances cost until their leases end. All these prices must be known. */
    private BigDecimal untilLeaseEnds(Function<Group, @Nullable BigDecimal> price) {
        BigDecimal perHour = Objects.requireNonNull(sum(price, this::billedSeconds));
        // Ten decimals are more than rounding needs afterwards.
        return perHour.divide(SECONDS_PER_HOUR, 10, RoundingMode.HALF_UP);
    }

    private @Nullable BigDecimal sum(Function<Group, @Nullable BigDecimal> price, Function<Group, BigDecimal> time) {
        BigDecimal total = BigDecimal.ZERO;
        for (Group group : groups) {
            BigDecimal each = price.apply(group);
            if (each == null) {
                return null;
            }
            total = total.add(each.multiply(BigDecimal.valueOf(group.count())).multiply(time.apply(group)));
        }
        return total;
    }

    private BigDecimal billedSeconds(Group group) {
        return BigDecimal.valueOf(
                new InstanceCost.Run(Instant.EPOCH, Instant.EPOCH.plus(lease), group.hourly(), false).billedSeconds());
    }

    /** Returns an amount in cents, or with more decimals if it is less than ten cents. */
    private static String dollars(BigDecimal amount, RoundingMode rounding) {
        boolean small = amount.compareTo(BigDecimal.ONE.movePointLeft(1)) < 0;
        return amount.setScale(small ? SCALE : 2, rounding).toPlainString();
    }

    private static String rounded(BigDecimal amount, RoundingMode rounding) {
        return MaxPrice.text(amount.setScale(SCALE, rounding));
    }

    private static void put(Map<String, Object> described, String name, @Nullable BigDecimal amount) {
        if (amount != null) {
            described.put(name, MaxPrice.text(amount));
        }
    }
}
