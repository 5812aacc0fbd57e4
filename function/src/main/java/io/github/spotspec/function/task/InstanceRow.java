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
    @Override
    public void write(Columns out) {
        out.put("Region", instance.region());
        out.put("InstanceId", instance.id());
        out.put("InstanceType", instance.type());
        out.put("AvailabilityZone", instance.zone());
        out.put("AvailabilityZoneId", instance.details().zoneId());
        out.put("State", instance.state());
        out.put("InstanceLifecycle", instance.isSpot() ? "spot" : "on-demand");
        out.put("SpotInstanceRequestId", instance.spotRequestId());
        out.put("ImageId", instance.details().imageId());
        out.put("KeyName", instance.details().keyName());
        out.put("PrivateIpAddress", instance.details().addresses().privateIp());
        out.put("PublicIpAddress", instance.details().addresses().publicIp());
        out.put("LaunchTime", instance.launchTime());
        out.put("Lease", instance.lease());
        out.put("LeaseLeft", instance.isAlive() ? left(instance.lease(), now) : null);
        out.put("SpotPrice", price == null ? null : price.toPlainString());
        out.put("Caller", instance.caller());
        out.put("Interrupted", instance.interruptedAt());
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
