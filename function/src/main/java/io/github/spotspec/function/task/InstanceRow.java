package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A managed instance as answers show it.
 *
 * @param price the current spot price of its pool in US dollars per hour, or null if it is not a Spot Instance, has
 *     ended, or EC2 has no price
 * @param receipt what it has cost, or null if the answer does not say
 * @param now the time from which the remaining time of the lease is counted
 */
record InstanceRow(
        ManagedInstance instance,
        @Nullable BigDecimal price,
        @Nullable Receipt receipt,
        Instant now) implements Row {
    /** Creates the row of an answer that does not say what the instance has cost. */
    InstanceRow(ManagedInstance instance, @Nullable BigDecimal price, Instant now) {
        this(instance, price, null, now);
    }

    /** Creates the row of an instance that EC2 showed before. */
    InstanceRow(Receipt receipt, Instant now) {
        this(
                receipt.instance(),
                receipt.instance().isAlive() && receipt.instance().isSpot() ? receipt.price() : null,
                receipt,
                now);
    }

    @Override
    public void write(Columns out) {
        ManagedInstance.Addresses addresses = instance.details().addresses();
        out.putDetail("Region", instance.region());
        out.put("InstanceId", instance.id());
        out.put("Name", instance.name());
        out.put("InstanceType", instance.type());
        out.put("AvailabilityZone", instance.zone());
        out.putDetail("AvailabilityZoneId", instance.details().zoneId());
        out.put("State", instance.state());
        out.putDetail("StateReason", instance.details().lastChange().reason());
        putIf(!instance.isSpot(), out, "InstanceLifecycle", instance.isSpot() ? "spot" : "on-demand");
        out.putDetail("SpotInstanceRequestId", instance.spotRequestId());
        out.putDetail("ImageId", instance.details().imageId());
        out.putDetail("KeyName", instance.details().keyName());
        // The address to connect to is enough for a table.
        putIf(addresses.publicIp() == null, out, "PrivateIpAddress", addresses.privateIp());
        out.put("PublicIpAddress", addresses.publicIp());
        putIf(addresses.publicIp() == null && addresses.privateIp() == null, out, "Ipv6Address", addresses.ipv6());
        out.putDetail("PrivateDnsName", addresses.privateDnsName());
        out.putDetail("PublicDnsName", addresses.publicDnsName());
        out.putDetail("LaunchTime", instance.launchTime());
        out.put("Age", instance.isAlive() ? age() : null);
        out.putDetail("Lease", instance.lease());
        out.put("LeaseLeft", instance.isAlive() ? left(instance.lease(), now) : null);
        Duration endWhenIdle = instance.idle().endAfter();
        out.putDetail("EndWhenIdle", endWhenIdle == null ? null : Syntax.format(endWhenIdle));
        // The hourly cost is the spot price of a Spot Instance that runs.
        putIf(receipt == null, out, "SpotPrice", price == null ? null : price.toPlainString());
        if (receipt != null) {
            BigDecimal hourly = receipt.instance().isCharged() ? receipt.price() : null;
            out.put("HourlyCost", hourly == null ? null : Receipt.text(hourly));
            receipt.writeCost(out);
        }
        out.putDetail("Allocation", instance.tags().allocation());
        out.putDetail("Caller", instance.caller());
        out.put("Interrupted", instance.interruptedAt());
        out.putDetail("Tags", instance.tags().own());
    }

    /** Writes a column that tables for people show only if a condition holds for one of their rows. */
    private static void putIf(boolean shown, Columns out, String name, @Nullable Object value) {
        if (shown) {
            out.put(name, value);
        } else {
            out.putDetail(name, value);
        }
    }

    /**
     * Returns how long ago the instance was launched, in its largest useful unit, or null if EC2 does not return its
     * launch time.
     */
    private @Nullable String age() {
        Instant launched = instance.launchTime();
        if (launched == null) {
            return null;
        }
        // The clocks of EC2 and of the function differ.
        Duration age = launched.isAfter(now) ? Duration.ZERO : Duration.between(launched, now);
        return Syntax.format(age.truncatedTo(
                age.toHours() >= 48
                        ? ChronoUnit.DAYS
                        : age.toHours() >= 3
                                ? ChronoUnit.HOURS
                                : age.toMinutes() >= 2 ? ChronoUnit.MINUTES : ChronoUnit.SECONDS));
    }

    /**
     * Returns how long a lease still lasts, to the minute or to the second; {@code 0s} if it has ended, or null if
     * there is no lease.
     */
    static @Nullable String left(@Nullable Instant lease, Instant now) {
        if (lease == null) {
            return null;
        }
        Duration left = Duration.between(now, lease);
        if (left.isNegative()) {
            return "0s";
        }
        ChronoUnit unit = left.compareTo(Duration.ofMinutes(10)) < 0 ? ChronoUnit.SECONDS : ChronoUnit.MINUTES;
        return Syntax.format(left.truncatedTo(unit));
    }
}
