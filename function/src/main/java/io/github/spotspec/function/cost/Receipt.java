package io.github.spotspec.function.cost;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has cost, since its launch or since EC2 last started it. Immutable.
 *
 * @param end when it ended or stopped, or null if it runs or EC2 does not say
 * @param seconds how long it ran, or null if EC2 does not return when it was launched or ended
 * @param price the current price per hour of an instance like it, or null if that is unknown
 * @param cost what it has cost, or null if that is unknown
 * @param today the part of its cost that is for the current day in UTC, or null if that is unknown
 * @param leaseCost what it will cost besides until its lease ends, if its price stays; zero if it does not run, or null
 *     if that is unknown
 * @param unknown why the cost is unknown, or null if it is known
 */
public record Receipt(
        ManagedInstance instance,
        @Nullable Instant end,
        @Nullable Long seconds,
        @Nullable BigDecimal price,
        @Nullable InstanceCost cost,
        @Nullable InstanceCost today,
        @Nullable BigDecimal leaseCost,
        @Nullable Unknown unknown) {
    private static final int DECIMALS = 6;

    private static final List<String> COLUMNS = List.of(
            "Name",
            "InstanceType",
            "AvailabilityZone",
            "InstanceLifecycle",
            "Caller",
            "LaunchTime",
            "EndTime",
            "StateReason",
            "Seconds",
            "BilledSeconds",
            "AveragePrice",
            "Cost",
            "CostUnknown");

    /** A reason why a cost is unknown. */
    public enum Unknown {
        NO_LAUNCH_TIME("EC2 does not return when it was launched"),
        NO_END_TIME("EC2 does not say when it ended"),
        NO_END_REASON("EC2 does not say why it ended"),
        MAY_HAVE_STOPPED("it may have been stopped before it was ended, and EC2 does not say for how long"),
        NO_PRICE("no price of it is known"),
        TOO_MANY_PRICES("EC2 has more prices since its launch than the service reads"),
        PRICES_UNREADABLE("the prices could not be read");

        private final String words;

        Unknown(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Creates the receipt of an instance whose cost is unknown. */
    static Receipt unknown(
            ManagedInstance instance,
            @Nullable Instant end,
            @Nullable Long seconds,
            @Nullable BigDecimal price,
            Unknown reason) {
        return new Receipt(instance, end, seconds, price, null, null, null, reason);
    }

    /** Returns an amount of US dollars with at most six decimals. */
    public static String text(BigDecimal amount) {
        return rounded(amount).toPlainString();
    }

    /** Returns an amount of US dollars with at most six decimals and no trailing zeros. */
    public static BigDecimal rounded(BigDecimal amount) {
        BigDecimal rounded = amount.setScale(DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
        return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
    }

    /** Returns what it costs per hour now: nothing if it does not run, or null if the price is unknown. */
    public @Nullable BigDecimal hourlyCost() {
        return instance.isCharged() ? price : BigDecimal.ZERO;
    }

    /** Returns what it will have cost when its lease ends, or null if that is unknown. */
    public @Nullable BigDecimal costAtLeaseEnd() {
        return cost == null || leaseCost == null ? null : cost.amount().add(leaseCost);
    }

    /** Returns what it has cost as a number for a metric, or null if that is unknown. */
    public @Nullable BigDecimal spent() {
        return cost == null ? null : rounded(cost.amount());
    }

    /** Writes the columns of a receipt without its region and instance, or no values if there is no receipt. */
    public static void writeOptional(@Nullable Receipt receipt, Row.Columns out) {
        if (receipt == null) {
            COLUMNS.forEach(name -> out.putDetail(name, null));
        } else {
            receipt.writeWhat(out);
            receipt.writeCost(out);
        }
    }

    /** Writes the columns of the cost. */
    public void writeCost(Row.Columns out) {
        writeAmount(out);
        out.putDetail("CostUnknown", reason());
    }

    /** Writes the columns of the cost without the reason why it is unknown. */
    public void writeAmount(Row.Columns out) {
        out.putDetail("Seconds", seconds);
        out.putDetail("BilledSeconds", cost == null ? null : cost.billedSeconds());
        out.putDetail("AveragePrice", cost == null || cost.averagePrice() == null ? null : text(cost.averagePrice()));
        out.put("Cost", cost == null ? null : text(cost.amount()));
    }

    /** Returns why the cost is unknown in words, or null if it is known. */
    public @Nullable String reason() {
        return unknown == null ? null : unknown.words();
    }

    /** Returns the receipt as a log line shows it. */
    public Map<String, @Nullable Object> describe() {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("Region", instance.region());
        described.put("InstanceId", instance.id());
        writeWhat(described::put);
        writeCost(described::put);
        return described;
    }

    private void writeWhat(Row.Columns out) {
        out.putDetail("Name", instance.name());
        out.putDetail("InstanceType", instance.type());
        out.putDetail("AvailabilityZone", instance.zone().isEmpty() ? null : instance.zone());
        out.putDetail("InstanceLifecycle", instance.isSpot() ? "spot" : "on-demand");
        out.putDetail("Caller", instance.caller());
        out.putDetail("LaunchTime", instance.launchTime());
        out.putDetail("EndTime", end);
        out.putDetail("StateReason", instance.chargedUntil().reason());
    }
}
