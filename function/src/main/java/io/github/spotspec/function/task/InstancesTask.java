package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.CostTotals;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** {@code instances}: the managed instances, with lease, time left, current price and cost so far. */
public final class InstancesTask extends InstanceListTask<InstanceRow> {
    /** Whether instances that have terminated are listed. */
    static final Field<Boolean> TERMINATED = Field.bool("terminated");

    public InstancesTask(AllowedRegions regions, Inventory inventory, CostReader costs) {
        super("instances", "instances", regions, inventory, costs);
    }

    @Override
    List<Field<?>> filterFields() {
        return List.of(TERMINATED);
    }

    @Override
    Predicate<ManagedInstance> filter(Fields fields) {
        boolean terminated = fields.get(TERMINATED, true);
        return instance -> terminated || !instance.state().equals("terminated");
    }

    @Override
    InstanceRow row(Receipt receipt, TaskContext context) {
        return new InstanceRow(receipt, context.now());
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
