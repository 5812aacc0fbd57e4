package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code price}: the current spot price of each capacity pool, that is, of each type, zone and product. */
public final class PriceTask implements Task {
    static final Field<Boolean> DRY_RUN = Field.bool("dryRun");
    static final Field<BigDecimal> MAX_PRICE =
            Field.decimal("maxPrice", "US dollars an hour", new BigDecimal("0.000001"), new BigDecimal(1_000));
    static final Field<String> SORT = Field.oneOf("sort", List.of("price", "type", "zone"));
    static final Field<Integer> LIMIT = Field.integer("limit", 1, 100_000);
    private static final String ON_DEMAND = "onDemand";
    private static final String SCORE = "score";

    static final Field<List<String>> WITH =
            Field.textList("with", 2, "of these: onDemand, score", List.of(ON_DEMAND, SCORE)::contains);

    private final AllowedRegions regions;
    private final InstanceTypes instanceTypes;
    private final SpotPrices prices;
    private final OnDemandPrices onDemandPrices;
    private final PlacementScores scores;
    private final boolean scoreAllowed;

    /**
     * Creates the task.
     *
     * @param scoreAllowed whether the other task, for placement scores, is allowed; then prices may come with them
     */
    public PriceTask(
            AllowedRegions regions,
            InstanceTypes instanceTypes,
            SpotPrices prices,
            OnDemandPrices onDemandPrices,
            PlacementScores scores,
            boolean scoreAllowed) {
        this.regions = regions;
        this.instanceTypes = instanceTypes;
        this.prices = prices;
        this.onDemandPrices = onDemandPrices;
        this.scores = scores;
        this.scoreAllowed = scoreAllowed;
    }

    /** What the request asks for, apart from the regions. */
    private record PriceRequest(
            TypeSelection selection,
            PoolFilter pools,
            boolean dryRun,
            @Nullable BigDecimal maxPrice,
            @Nullable String sort,
            @Nullable Integer limit,
            boolean withOnDemand,
            boolean withScore) {
        /**
         * Checks that on-demand prices are asked for few enough types. A low limit is enough because each row is of one
         * type.
         *
         * @throws ServiceException with {@link ErrorCode#TOO_MANY_TYPES} if there are too many types
         */
        void checkOnDemand(int types) {
            int most = OnDemandPrices.MAX_TYPES;
            if (withOnDemand && types > most && (limit == null || limit > most)) {
                throw new ServiceException(
                        ErrorCode.TOO_MANY_TYPES,
                        "On-demand prices are limited to " + most
                                + " types at a time; name fewer 'types', require more of them, or set 'limit' to "
                                + most
                                + " or less.");
            }
        }

        /**
         * Returns the pools that the answer shows, sorted and limited. This applies to each region first and then to
         * all regions together, because the best pools of all are among the best of each region.
         */
        List<PoolPrice> shown(List<PoolPrice> pools) {
            int most = limit == null ? pools.size() : Math.min(limit, pools.size());
            boolean all = most == pools.size();
            if (sort == null) {
                return all ? pools : List.copyOf(pools.subList(0, most));
            }
            Comparator<PoolPrice> order = order(sort);
            List<PoolPrice> shown = all ? pools : least(pools, most, order);
            shown.sort(order);
            return shown;
        }
    }

    @Override
    public String name() {
        return "price";
    }

    @Override
    public List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(List.of(AllowedRegions.FIELD));
        fields.addAll(TypeSelection.FIELDS);
        fields.addAll(PoolFilter.FIELDS);
        fields.addAll(List.of(MAX_PRICE, SORT, LIMIT, WITH, DRY_RUN));
        return fields;
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        PoolFilter pools = PoolFilter.of(fields, asked);
        PriceRequest question = new PriceRequest(
                TypeSelection.of(fields),
                pools,
                fields.get(DRY_RUN, false),
                fields.get(MAX_PRICE),
                sort(fields),
                fields.get(LIMIT),
                fields.get(WITH, List.of()).contains(ON_DEMAND),
                fields.get(WITH, List.of()).contains(SCORE));
        if (question.withScore() && !scoreAllowed) {
            throw new ServiceException(
                    ErrorCode.TASK_NOT_ALLOWED,
                    "'with' asks for placement scores, but this deployment or token does not allow the task 'score'.");
        }
        TypeSelection selection = question.selection();
        question.checkOnDemand(
                selection.isAll() ? Integer.MAX_VALUE : selection.types().size());
        List<String> concerned = pools.regions(asked);
        return context -> run(concerned, question, context);
    }

    /** Returns the order of the rows, or null for the order in which EC2 returns them, as in the ancestor. */
    private static @Nullable String sort(Fields fields) {
        String sort = fields.get(SORT);
        return sort == null && !fields.isEnvelope() ? "price" : sort;
    }

    private Answer run(List<String> asked, PriceRequest question, TaskContext context) {
        RegionFanOut<Found> sweep =
                RegionFanOut.over(asked, context.timeLeft(), region -> find(region, question, context));
        List<PoolPrice> pools = new ArrayList<>();
        sweep.results().values().forEach(found -> pools.addAll(found.pools()));
        List<PoolPrice> shown = question.shown(pools);
        int matched = sweep.results().values().stream().mapToInt(Found::matched).sum();

        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put(
                "at",
                sweep.results().values().stream()
                        .map(Found::at)
                        .min(Comparator.naturalOrder())
                        .orElse(context.now()));
        meta.put("source", "ec2:DescribeSpotPriceHistory");
        sweep.describe(meta);
        if (question.dryRun()) {
            meta.put("dryRun", true);
        } else {
            withoutPrice(sweep.results(), meta);
            Map<String, List<String>> unknown = new LinkedHashMap<>();
            sweep.results().forEach((region, found) -> unknown.put(region, found.unknown()));
            question.selection().describeUnknown(unknown, sweep, meta);
        }
        int skipped = sweep.results().values().stream().mapToInt(Found::skipped).sum();
        if (skipped > 0) {
            meta.put("skippedRows", skipped);
        }
        if (shown.size() < matched) {
            meta.put("matched", matched);
        }
        if (question.withOnDemand()) {
            meta.put("onDemandSource", "pricing:GetProducts");
            withoutOnDemand(sweep.results(), meta);
        }
        Map<String, Integer> scores = question.withScore() ? scores(shown, meta, context) : Map.of();
        List<? extends Row> data = question.withOnDemand() || question.withScore()
                ? shown.stream()
                        .map(pool -> row(pool, sweep.results(), scores, question))
                        .toList()
                : shown;
        return new Answer("priced", data, meta);
    }

    /**
     * The result of one region.
     *
     * @param pools the matching pools that the answer may show
     * @param matched how many pools match
     * @param onDemand the on-demand prices of the pools that the answer may show, if the request asks for them
     * @param withoutOnDemand why there are no on-demand prices, or null if there are some or the request does not ask
     *     for them
     * @param withoutPrice the types that the request asks for but that have no price
     * @param unknown those of them that EC2 does not know in the region
     * @param skipped how many of EC2's rows were left out
     */
    private record Found(
            List<PoolPrice> pools,
            int matched,
            Map<PoolPrice, BigDecimal> onDemand,
            @Nullable ServiceException withoutOnDemand,
            List<String> withoutPrice,
            List<String> unknown,
            int skipped,
            Instant at) {}

    private Found find(String region, PriceRequest question, TaskContext context) {
        List<String> types = question.selection().in(region, instanceTypes, context.callContext());
        question.checkOnDemand(types.size());
        SpotPrices.Query query = new SpotPrices.Query(
                types, question.pools().products(), question.pools().zones(region), question.dryRun());
        SpotPrices.Current current = prices.current(region, query, context.callContext(), context.now());
        Set<String> priced = new HashSet<>();
        List<PoolPrice> matching = new ArrayList<>();
        for (PoolPrice price : current.prices()) {
            priced.add(price.instanceType());
            if (question.maxPrice() == null || price.price().compareTo(question.maxPrice()) <= 0) {
                matching.add(price);
            }
        }
        // Drop pools that no answer shows now, so that they are not kept until all regions have answered.
        List<PoolPrice> pools = question.shown(matching);
        Map<PoolPrice, BigDecimal> onDemand = Map.of();
        ServiceException withoutOnDemand = null;
        if (question.withOnDemand()) {
            try {
                onDemand = onDemandPrices.prices(
                        inRegion(pools), context.callContext().forOptionalCalls());
            } catch (ServiceException failure) {
                // The spot prices are useful without on-demand prices.
                withoutOnDemand = failure;
            }
        }
        return new Found(
                pools,
                matching.size(),
                onDemand,
                withoutOnDemand,
                types.stream().filter(type -> !priced.contains(type)).toList(),
                question.dryRun()
                        ? List.of()
                        : question.selection().unknown(region, priced::contains, instanceTypes, context.callContext()),
                current.skipped(),
                current.at());
    }

    /**
     * Returns the pools in Availability Zones, because AWS lists on-demand prices of Local Zones and Wavelength Zones
     * separately.
     */
    private static List<PoolPrice> inRegion(List<PoolPrice> pools) {
        return pools.stream()
                .filter(pool -> Zones.isAvailabilityZone(pool.region(), pool.zone()))
                .toList();
    }

    private static PriceRow row(
            PoolPrice pool, Map<String, Found> found, Map<String, Integer> scores, PriceRequest question) {
        Found region = Objects.requireNonNull(found.get(pool.region()));
        return new PriceRow(
                pool,
                question.withOnDemand(),
                region.onDemand().get(pool),
                question.withScore(),
                scores.get(pool.zone()));
    }

    /**
     * Returns the placement score of each zone for one instance of any of the pools' types, with a single query,
     * because EC2 answers few of them. The prices are useful without scores, so a failure is only described.
     */
    private Map<String, Integer> scores(List<PoolPrice> pools, Map<String, Object> meta, TaskContext context) {
        meta.put("scoreSource", "ec2:GetSpotPlacementScores");
        List<String> in = pools.stream().map(PoolPrice::region).distinct().toList();
        List<String> types =
                pools.stream().map(PoolPrice::instanceType).distinct().toList();
        Map<String, Integer> byZone = new HashMap<>();
        try {
            ScoreTask.checkRegions(in);
            ScoreTask.checkTypes(types);
            scores.scores(
                            in.getFirst(),
                            in,
                            types,
                            1,
                            true,
                            context.callContext().forOptionalCalls())
                    .scores()
                    .forEach(score -> {
                        if (score.zone() != null) {
                            byZone.put(score.zone(), score.score());
                        }
                    });
        } catch (ServiceException failure) {
            meta.put("withoutScore", Map.of("error", failure.errorCode().code(), "details", failure.details()));
        }
        return byZone;
    }

    /** Writes which of the requested types have no price: EC2 does not offer them there, or they are misspelled. */
    private static void withoutPrice(Map<String, Found> found, Map<String, Object> meta) {
        List<Map<String, Object>> without = new ArrayList<>();
        found.forEach((region, answer) -> {
            if (!answer.withoutPrice().isEmpty()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("region", region);
                entry.put("types", answer.withoutPrice());
                without.add(entry);
            }
        });
        if (!without.isEmpty()) {
            meta.put("withoutPrice", without);
        }
    }

    /** Writes in which regions the on-demand prices are missing, and why. */
    private static void withoutOnDemand(Map<String, Found> found, Map<String, Object> meta) {
        Map<String, ServiceException> without = new LinkedHashMap<>();
        found.forEach((region, answer) -> {
            if (answer.withoutOnDemand() != null) {
                without.put(region, answer.withoutOnDemand());
            }
        });
        if (!without.isEmpty()) {
            meta.put("withoutOnDemand", RegionFanOut.described(without));
        }
    }

    /**
     * Returns the {@code count} lowest pools, in no particular order. Often there are many times as many pools, and
     * sorting all of them takes longer.
     */
    private static List<PoolPrice> least(List<PoolPrice> pools, int count, Comparator<PoolPrice> order) {
        PriorityQueue<PoolPrice> least = new PriorityQueue<>(order.reversed());
        for (PoolPrice pool : pools) {
            if (least.size() < count) {
                least.add(pool);
            } else if (order.compare(pool, least.element()) < 0) {
                least.remove();
                least.add(pool);
            }
        }
        return new ArrayList<>(least);
    }

    /** Returns an order in which no two pools are equal. */
    private static Comparator<PoolPrice> order(String sort) {
        Comparator<PoolPrice> byPrice = PoolPrice::comparePrice;
        Comparator<PoolPrice> byType = Comparator.comparing(PoolPrice::instanceType);
        Comparator<PoolPrice> byZone = Comparator.comparing(PoolPrice::zone);
        Comparator<PoolPrice> order = switch (sort) {
            case "price" -> byPrice.thenComparing(byType).thenComparing(byZone);
            case "type" -> byType.thenComparing(byPrice).thenComparing(byZone);
            default -> byZone.thenComparing(byPrice).thenComparing(byType);
        };
        return order.thenComparing(PoolPrice::product);
    }
}
