package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.Syntax;
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
 * @param now the time from which the remaining time of the lease is counted
 */
record InstanceRow(ManagedInstance instance, @Nullable BigDecimal price, Instant now) implements Row {
    /** The tag whose value AWS's console shows as the name of an instance. */
    private static final String NAME = "Name";

    @Override
    public void write(Columns out) {
        ManagedInstance.Addresses addresses = instance.details().addresses();
        out.putDetail("Region", instance.region());
        out.put("InstanceId", instance.id());
        out.put("Name", instance.tags().own().get(NAME));
        out.put("InstanceType", instance.type());
        out.put("AvailabilityZone", instance.zone());
        out.putDetail("AvailabilityZoneId", instance.details().zoneId());
        out.put("State", instance.state());
        out.putDetail("StateReason", instance.details().stateReason());
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
        out.put("SpotPrice", price == null ? null : price.toPlainString());
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
