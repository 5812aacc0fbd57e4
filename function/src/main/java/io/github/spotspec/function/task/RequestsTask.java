package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.SpotPrices;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code requests}: the managed spot requests, with lease, time left and current price. */
public final class RequestsTask implements Task {
    private final Regions regions;
    private final Inventory inventory;
    private final SpotPrices prices;

    public RequestsTask(Regions regions, Inventory inventory, SpotPrices prices) {
        this.regions = regions;
        this.inventory = inventory;
        this.prices = prices;
    }

    @Override
    public String name() {
        return "requests";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, ManagedIds.REQUESTS);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> ids = fields.get(ManagedIds.REQUESTS, List.of());
        if (ids.isEmpty()) {
            List<String> asked = regions.of(fields);
            return call -> all(asked, call);
        }
        List<String> asked = regions.ofIds(fields);
        return call -> named(asked, ids, call);
    }

    private Answer all(List<String> asked, TaskContext call) {
        RegionFanOut<List<RequestRow>> sweep = RegionFanOut.over(
                asked,
                call.timeLeft(),
                region -> rows(region, inventory.requests(region, List.of(), call.operator()), call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        return answer(sweep, meta);
    }

    private Answer named(List<String> asked, List<String> ids, TaskContext call) {
        Located<ManagedSpotRequest> located = Located.requests(inventory, asked, ids, call);
        RegionFanOut<List<RequestRow>> sweep = located.act(call, (region, own) -> rows(region, own, call));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        located.describe(sweep, meta);
        return answer(sweep, meta);
    }

    private static Answer answer(RegionFanOut<List<RequestRow>> sweep, Map<String, Object> meta) {
        List<RequestRow> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        return new Answer("spots", rows, meta);
    }

    private List<RequestRow> rows(String region, List<ManagedSpotRequest> requests, TaskContext call) {
        List<ManagedSpotRequest> alive =
                requests.stream().filter(ManagedSpotRequest::isAlive).toList();
        PriceLookup lookup = PriceLookup.of(
                prices,
                region,
                alive.stream()
                        .map(request -> request.details().type())
                        .filter(Objects::nonNull)
                        .toList(),
                alive.stream()
                        .map(request -> request.details().product())
                        .filter(Objects::nonNull)
                        .toList(),
                call);
        return requests.stream()
                .sorted(Comparator.comparing(ManagedSpotRequest::createTime)
                        .reversed()
                        .thenComparing(ManagedSpotRequest::id))
                .map(request -> new RequestRow(
                        request,
                        request.isAlive()
                                ? lookup.price(
                                        request.details().zone(),
                                        request.details().type(),
                                        request.details().product())
                                : null,
                        call.now()))
                .toList();
    }
}
