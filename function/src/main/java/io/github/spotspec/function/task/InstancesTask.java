package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code instances}: the service's own instances, with lease, time left and current price. */
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
        return List.of(Regions.FIELD, OwnIds.INSTANCES);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> ids = fields.get(OwnIds.INSTANCES, List.of());
        if (ids.isEmpty()) {
            List<String> asked = regions.of(fields);
            return call -> all(asked, call);
        }
        List<String> asked = regions.ofIds(fields);
        return call -> named(asked, ids, call);
    }

    private Answer all(List<String> asked, Call call) {
        Sweep<List<InstanceRow>> sweep = Sweep.over(
                asked,
                call.timeLeft(),
                region -> rows(region, inventory.instances(region, List.of(), call.operator()), prices, call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        return answer(sweep, meta);
    }

    private Answer named(List<String> asked, List<String> ids, Call call) {
        Located<OwnInstance> located = Located.instances(inventory, asked, ids, call);
        Sweep<List<InstanceRow>> sweep = located.act(call, (region, own) -> rows(region, own, prices, call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        located.describe(sweep, meta);
        return answer(sweep, meta);
    }

    private static Answer answer(Sweep<List<InstanceRow>> sweep, Map<String, Object> meta) {
        List<InstanceRow> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        return new Answer("instances", rows, meta);
    }

    /** Returns the rows of instances, the newest first, with the prices of those that run on spot. */
    static List<InstanceRow> rows(String region, List<OwnInstance> instances, SpotPrices prices, Call call) {
        List<OwnInstance> priced = instances.stream()
                .filter(instance -> instance.isAlive() && instance.spotRequest() != null)
                .toList();
        PriceLookup lookup = PriceLookup.of(
                prices,
                region,
                priced.stream().map(OwnInstance::type).toList(),
                priced.stream()
                        .map(OwnInstance::product)
                        .filter(Objects::nonNull)
                        .toList(),
                call);
        return instances.stream()
                .sorted(Comparator.comparing(OwnInstance::launched).reversed().thenComparing(OwnInstance::id))
                .map(instance -> new InstanceRow(
                        instance,
                        priced.contains(instance)
                                ? lookup.price(instance.zone(), instance.type(), instance.product())
                                : null,
                        call.now()))
                .toList();
    }
}
