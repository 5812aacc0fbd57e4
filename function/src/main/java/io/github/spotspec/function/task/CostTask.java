package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.CostTotals;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.util.List;
import java.util.Map;

/**
 * {@code cost}: what the managed instances that EC2 still shows have cost today and since their launch, and will have
 * cost when their leases end.
 */
public final class CostTask extends ListTask<ManagedInstance, CostRow> {
    private final Inventory inventory;
    private final CostReader costs;

    public CostTask(AllowedRegions regions, Inventory inventory, CostReader costs) {
        super("cost", "costs", ManagedIdFields.INSTANCES, regions);
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
    List<CostRow> rows(String region, List<ManagedInstance> instances, TaskContext context) {
        List<BilledInstance> sorted = instances.stream()
                .sorted(ManagedInstance.NEWEST_FIRST)
                .map(BilledInstance::of)
                .toList();
        return costs.read(region, sorted, context.callContext().forOptionalCalls(), context.now()).stream()
                .map(CostRow::new)
                .toList();
    }

    @Override
    void describe(List<CostRow> rows, TaskContext context, Map<String, Object> meta) {
        if (!rows.isEmpty()) {
            meta.putAll(CostTotals.report(rows.stream().map(CostRow::receipt).toList()));
        }
    }
}
