package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.SpotPrices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code instances}: the managed instances, with lease, time left and current price. */
public final class InstancesTask implements Task {
    private final Regions regions;
    private final Inventory inventory;
    private final SpotPrices prices;

    public InstancesTask(Regions regions, Inventory inventory, SpotPrices prices) {
        this.regions = regions;
        this.inventory = inventory;
        this.prices = prices;
    }

    @Override
    public String name() {
        return "instances";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, ManagedIds.INSTANCES);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> ids = fields.get(ManagedIds.INSTANCES, List.of());
        if (ids.isEmpty()) {
            List<String> asked = regions.of(fields);
            return call -> all(asked, call);
        }
        List<String> asked = regions.ofIds(fields);
        return call -> named(asked, ids, call);
    }

    private Answer all(List<String> asked, TaskContext call) {
        RegionFanOut<List<InstanceRow>> sweep = RegionFanOut.over(
                asked,
                call.timeLeft(),
                region -> rows(region, inventory.instances(region, List.of(), call.operator()), prices, call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        return answer(sweep, meta);
    }

    private Answer named(List<String> asked, List<String> ids, TaskContext call) {
        Located<ManagedInstance> located = Located.instances(inventory, asked, ids, call);
        RegionFanOut<List<InstanceRow>> sweep = located.act(call, (region, own) -> rows(region, own, prices, call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        located.describe(sweep, meta);
        return answer(sweep, meta);
    }

    private static Answer answer(RegionFanOut<List<InstanceRow>> sweep, Map<String, Object> meta) {
        List<InstanceRow> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        return new Answer("instances", rows, meta);
    }

    /** Returns the rows of instances, newest first, with current prices for running Spot Instances. */
    static List<InstanceRow> rows(String region, List<ManagedInstance> instances, SpotPrices prices, TaskContext call) {
        List<ManagedInstance> priced = instances.stream()
                .filter(instance -> instance.isAlive() && instance.spotRequestId() != null)
                .toList();
        PriceLookup lookup = PriceLookup.of(
                prices,
                region,
                priced.stream().map(ManagedInstance::type).toList(),
                priced.stream()
                        .map(instance -> instance.details().product())
                        .filter(Objects::nonNull)
                        .toList(),
                call);
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
                        call.now()))
                .toList();
    }
}
