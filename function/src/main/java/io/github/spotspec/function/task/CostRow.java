package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.cost.InstanceCost;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What an instance costs, as answers show it. */
record CostRow(Receipt receipt) implements Row {
    @Override
    public void write(Columns out) {
        ManagedInstance instance = receipt.instance();
        InstanceCost today = receipt.today();
        out.put("Region", instance.region());
        out.put("InstanceId", instance.id());
        out.put("Name", instance.name());
        out.put("InstanceType", instance.type());
        out.putDetail("AvailabilityZone", instance.zone());
        out.putDetail("InstanceLifecycle", instance.isSpot() ? "spot" : "on-demand");
        out.put("State", instance.state());
        out.putDetail("StateReason", instance.chargedUntil().reason());
        out.putDetail("LaunchTime", instance.launchTime());
        out.putDetail("EndTime", receipt.end());
        out.putDetail("Lease", instance.lease());
        out.putDetail("HourlyCost", receipt.instance().isCharged() ? text(receipt.price()) : null);
        out.put("CostToday", today == null ? null : text(today.amount()));
        receipt.writeAmount(out);
        out.put("CostAtLeaseEnd", text(receipt.costAtLeaseEnd()));
        // A table shows the reason, too, because this answer is only about costs.
        out.put("CostUnknown", receipt.reason());
        out.put("Caller", instance.caller());
    }

    private static @Nullable String text(@Nullable BigDecimal amount) {
        return amount == null ? null : Receipt.text(amount);
    }
}
