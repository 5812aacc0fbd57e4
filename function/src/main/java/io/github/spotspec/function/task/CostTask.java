package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.CostTotals;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.Inventory;
import java.util.List;
import java.util.Map;

/**
 * {@code cost}: what the managed instances that EC2 still shows have cost today and since their launch, and will have
 * cost when their leases end.
 */
public final class CostTask extends InstanceListTask<CostRow> {
    public CostTask(AllowedRegions regions, Inventory inventory, CostReader costs) {
        super("cost", "costs", regions, inventory, costs);
    }

    @Override
    CostRow row(Receipt receipt, TaskContext context) {
        return new CostRow(receipt);
    }

    @Override
    void describe(List<CostRow> rows, TaskContext context, Map<String, Object> meta) {
        if (!rows.isEmpty()) {
            meta.putAll(CostTotals.report(rows.stream().map(CostRow::receipt).toList()));
        }
    }
}
