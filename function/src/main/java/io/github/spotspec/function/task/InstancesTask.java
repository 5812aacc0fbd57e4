package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.SpotPrices;
import java.util.List;
import java.util.Objects;

/** {@code instances}: the managed instances, with lease, time left and current price. */
public final class InstancesTask extends ListTask<ManagedInstance> {
    private final Inventory inventory;
    private final SpotPrices prices;

    public InstancesTask(Regions regions, Inventory inventory, SpotPrices prices) {
        super("instances", "instances", ManagedIds.INSTANCES, regions);
        this.inventory = inventory;
        this.prices = prices;
    }

    @Override
    List<ManagedInstance> all(String region, TaskContext context) {
        return inventory.instances(region, List.of(), context.operator());
    }

    @Override
    Located<ManagedInstance> locate(List<String> regions, List<String> ids, TaskContext context) {
        return Located.instances(inventory, regions, ids, context);
    }

    @Override
    List<InstanceRow> rows(String region, List<ManagedInstance> instances, TaskContext context) {
        List<ManagedInstance> priced = instances.stream()
                .filter(instance -> instance.isAlive() && instance.isSpot())
                .toList();
        PriceLookup lookup = PriceLookup.of(
                prices,
                region,
                priced.stream().map(ManagedInstance::type).toList(),
                priced.stream()
                        .map(instance -> instance.details().product())
                        .filter(Objects::nonNull)
                        .toList(),
                context);
        return instances.stream()
                .sorted(ManagedInstance.NEWEST_FIRST)
                .map(instance -> new InstanceRow(
                        instance,
                        priced.contains(instance)
                                ? lookup.price(
                                        instance.zone(),
                                        instance.type(),
                                        instance.details().product())
                                : null,
                        context.now()))
                .toList();
    }
}
