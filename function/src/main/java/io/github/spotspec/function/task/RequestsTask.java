package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnRequest;
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

/** {@code requests}: the service's own spot requests, with lease, time left and current price. */
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
        return List.of(Regions.FIELD, OwnIds.REQUESTS);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        List<String> ids = fields.get(OwnIds.REQUESTS, List.of());
        return call -> run(asked, ids, call);
    }

    private Answer run(List<String> asked, List<String> ids, Call call) {
        Sweep<List<RequestRow>> sweep = Sweep.over(asked, call.timeLeft(), region -> rows(region, ids, call));
        List<RequestRow> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        OwnIds.reportMissing(ids, rows.stream().map(row -> row.request().id()), meta);
        return new Answer("spots", rows, meta);
    }

    private List<RequestRow> rows(String region, List<String> ids, Call call) {
        List<OwnRequest> requests = inventory.requests(region, ids, call.operator());
        List<OwnRequest> alive = requests.stream().filter(OwnRequest::isAlive).toList();
        PriceLookup lookup = PriceLookup.of(
                prices,
                region,
                alive.stream().map(OwnRequest::type).filter(Objects::nonNull).toList(),
                alive.stream().map(OwnRequest::product).filter(Objects::nonNull).toList(),
                call);
        return requests.stream()
                .sorted(Comparator.comparing(OwnRequest::created).reversed().thenComparing(OwnRequest::id))
                .map(request -> new RequestRow(
                        request,
                        request.isAlive() ? lookup.price(request.zone(), request.type(), request.product()) : null,
                        call.now()))
                .toList();
    }
}
