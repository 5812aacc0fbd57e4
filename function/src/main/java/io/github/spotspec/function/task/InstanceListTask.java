package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.util.List;

/**
 * A task that lists the managed instances that EC2 shows, with what they have cost.
 *
 * @param <R> the type of the rows
 */
abstract class InstanceListTask<R extends Row> extends ListTask<ManagedInstance, R> {
    private final Inventory inventory;
    private final CostReader costs;

    InstanceListTask(String name, String event, AllowedRegions regions, Inventory inventory, CostReader costs) {
        super(name, event, ManagedIdFields.INSTANCES, regions);
        this.inventory = inventory;
        this.costs = costs;
    }

    /** Returns the row of an instance. */
    abstract R row(Receipt receipt, TaskContext context);

    @Override
    final List<ManagedInstance> all(String region, TaskContext context) {
        return inventory.instances(region, List.of(), context.callContext());
    }

    @Override
    final LocatedResources<ManagedInstance> locate(List<String> regions, List<String> ids, TaskContext context) {
        return LocatedResources.instances(inventory, regions, ids, context);
    }

    @Override
    final List<R> rows(String region, List<ManagedInstance> instances, TaskContext context) {
        List<BilledInstance> sorted = instances.stream()
                .sorted(ManagedInstance.NEWEST_FIRST)
                .map(BilledInstance::of)
                .toList();
        return costs.read(region, sorted, context.callContext().forOptionalCalls(), context.now()).stream()
                .map(receipt -> row(receipt, context))
                .toList();
    }
}
