package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.CostTotals;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code instances}: the managed instances, with lease, time left, current price and cost so far. */
public final class InstancesTask extends ListTask<ManagedInstance, InstanceRow> {
    private final Inventory inventory;
    private final CostReader costs;

    public InstancesTask(AllowedRegions regions, Inventory inventory, CostReader costs) {
        super("instances", "instances", ManagedIdFields.INSTANCES, regions);
        this.inventory = inventory;
        this.costs = costs;
    }

    @Override
    List<ManagedInstance> all(String region, TaskContext context) {
        return inventory.instances(region, List.of(), context.callContext());
    }

    @Override
    LocatedResources<ManagedInstance> locate(List<String> regions, List<String> ids, TaskContext context) {
        return LocatedResources.instances(inventory, regions, ids, context);
    }

    @Override
    List<InstanceRow> rows(String region, List<ManagedInstance> instances, TaskContext context) {
        List<BilledInstance> sorted = instances.stream()
                .sorted(ManagedInstance.NEWEST_FIRST)
                .map(BilledInstance::of)
                .toList();
        AwsCallContext optional = context.callContext().forOptionalCalls();
        return costs.read(region, sorted, optional, context.now()).stream()
                .map(receipt -> new InstanceRow(receipt, context.now()))
                .toList();
    }

    @Override
    void describe(List<InstanceRow> rows, TaskContext context, Map<String, Object> meta) {
        if (!rows.isEmpty()) {
            List<Receipt> receipts = rows.stream()
                    .map(InstanceRow::receipt)
                    .filter(Objects::nonNull)
                    .toList();
            meta.put("cost", CostTotals.describe(receipts));
        }
    }
}
