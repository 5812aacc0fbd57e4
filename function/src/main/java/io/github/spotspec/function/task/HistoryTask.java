package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code history}: the spot price of each capacity pool over a window of at most 90 days. */
public final class HistoryTask implements Task {
    static final Field<Duration> LAST = Field.duration("last", Duration.ofMinutes(1), SpotPrices.MEMORY);
    static final Field<Instant> FROM = Field.time("from").or("StartTime", "startTime");
    static final Field<Instant> TO = Field.time("to").or("EndTime", "endTime");
    static final Field<Boolean> POINTS = Field.bool("points");

    private static final Duration USUAL = Duration.ofDays(1);

    /** The history of more types does not fit into an answer. */
    private static final int MAX_TYPES = 100;

    private final AllowedRegions regions;
    private final InstanceTypes instanceTypes;
    private final SpotPrices prices;

    public HistoryTask(AllowedRegions regions, InstanceTypes instanceTypes, SpotPrices prices) {
        this.regions = regions;
        this.instanceTypes = instanceTypes;
        this.prices = prices;
    }

    @Override
    public String name() {
        return "history";
    }

    @Override
    public List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(List.of(AllowedRegions.FIELD));
        fields.addAll(TypeSelection.FIELDS);
        fields.addAll(PoolFilter.FIELDS);
        fields.addAll(List.of(LAST, FROM, TO, POINTS));
        return fields;
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        TypeSelection selection = TypeSelection.of(fields);
        PoolFilter pools = PoolFilter.of(fields, asked);
        if (selection.isAll()) {
            throw new ServiceException(
                    ErrorCode.MISSING_FIELD,
                    "'types' or a requirement such as 'vcpu' or 'gpus' is required, because the history of all types"
                            + " exceeds one answer.");
        }
        Duration last = fields.get(LAST);
        Instant from = fields.get(FROM);
        Instant to = fields.get(TO);
        if (last != null && from != null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'last' and 'from' both set the start of the window; send only one of them.");
        }
        boolean points = fields.get(POINTS, true);
        List<String> concerned = pools.regions(asked);
        return context -> run(concerned, selection, pools, window(context.now(), last, from, to), points, context);
    }

    private record Window(Instant from, Instant to) {}

    /**
     * The result of one region.
     *
     * @param unknown the types that the request names and that EC2 does not know in the region
     * @param skipped how many of EC2's rows were left out
     */
    private record Found(List<PoolHistory> rows, List<String> unknown, int skipped) {}

    private static Window window(Instant now, @Nullable Duration last, @Nullable Instant from, @Nullable Instant to) {
        Instant oldest = now.minus(SpotPrices.MEMORY);
        Instant end = to == null || to.isAfter(now) ? now : to;
        // Do not subtract from an end that is too early anyway: subtracting from the earliest instant fails.
        Instant start = from != null ? from : end.isBefore(oldest) ? end : end.minus(last == null ? USUAL : last);
        if (start.isBefore(oldest)) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "EC2 keeps prices for " + SpotPrices.MEMORY.toDays() + " days; the window must not start before "
                            + oldest + ".");
        }
        if (!start.isBefore(end)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "The window must start before it ends, got 'from' " + start + " and 'to' " + end + ".");
        }
        return new Window(start, end);
    }

    private Answer run(
            List<String> asked,
            TypeSelection selection,
            PoolFilter pools,
            Window window,
            boolean points,
            TaskContext context) {
        RegionFanOut<Found> sweep = RegionFanOut.over(asked, context.timeLeft(), region -> {
            List<String> types = selection.atMost(MAX_TYPES, region, instanceTypes, context.callContext());
            SpotPrices.Query query = new SpotPrices.Query(types, pools.products(), pools.zones(region), false);
            SpotPrices.History history =
                    prices.history(region, query, window.from(), window.to(), context.callContext());
            Set<String> priced =
                    history.prices().stream().map(PoolPrice::instanceType).collect(Collectors.toSet());
            return new Found(
                    byPool(history.prices(), window, points),
                    selection.unknown(region, priced::contains, instanceTypes, context.callContext()),
                    history.skipped());
        });
        List<PoolHistory> rows = new ArrayList<>();
        Map<String, List<String>> unknown = new LinkedHashMap<>();
        int skipped = 0;
        for (Map.Entry<String, Found> found : sweep.results().entrySet()) {
            rows.addAll(found.getValue().rows());
            unknown.put(found.getKey(), found.getValue().unknown());
            skipped += found.getValue().skipped();
        }
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("from", window.from());
        meta.put("to", window.to());
        meta.put("source", "ec2:DescribeSpotPriceHistory");
        sweep.describe(meta);
        selection.describeUnknown(unknown, sweep, meta);
        if (skipped > 0) {
            meta.put("skippedRows", skipped);
        }
        return new Answer("history", rows, meta);
    }

    private static List<PoolHistory> byPool(List<PoolPrice> prices, Window window, boolean points) {
        Map<String, List<PoolPrice>> pools = new LinkedHashMap<>();
        for (PoolPrice price : prices) {
            pools.computeIfAbsent(
                            price.zone() + " " + price.instanceType() + " " + price.product(), key -> new ArrayList<>())
                    .add(price);
        }
        return pools.values().stream()
                .map(pool -> PoolHistory.of(pool, window.from(), window.to(), points))
                .toList();
    }
}
