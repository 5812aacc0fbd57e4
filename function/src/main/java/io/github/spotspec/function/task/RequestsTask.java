package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.SpotPrices;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** {@code requests}: the managed spot requests, with lease, time left and current price. */
public final class RequestsTask extends ListTask<ManagedSpotRequest, RequestRow> {
    private final Inventory inventory;
    private final SpotPrices prices;

    public RequestsTask(AllowedRegions regions, Inventory inventory, SpotPrices prices) {
        super("requests", "spots", ManagedIdFields.REQUESTS, regions);
        this.inventory = inventory;
        this.prices = prices;
    }

    @Override
    List<ManagedSpotRequest> all(String region, TaskContext context) {
        return inventory.requests(region, List.of(), context.callContext());
    }

    @Override
    LocatedResources<ManagedSpotRequest> locate(List<String> regions, List<String> ids, TaskContext context) {
        return LocatedResources.requests(inventory, regions, ids, context);
    }

    @Override
    List<RequestRow> rows(String region, List<ManagedSpotRequest> requests, TaskContext context) {
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
                context);
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
                        context.now()))
                .toList();
    }
}
