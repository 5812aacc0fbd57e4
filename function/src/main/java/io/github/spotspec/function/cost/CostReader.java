package io.github.spotspec.function.cost;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.Receipt.Unknown;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the prices of instances and computes what they have cost. A price that AWS does not return is unknown, because
 * an answer is useful without it. Thread-safe.
 */
public final class CostReader {
    private final SpotPrices spotPrices;
    private final @Nullable OnDemandPrices onDemandPrices;

    /**
     * Creates a reader.
     *
     * @param onDemandPrices the price list, or null if the deployment has no On-Demand Instances
     */
    public CostReader(SpotPrices spotPrices, @Nullable OnDemandPrices onDemandPrices) {
        this.spotPrices = spotPrices;
        this.onDemandPrices = onDemandPrices;
    }

    /** What has one price in a region. */
    private record Pool(
            boolean spot,
            String type,
            String zone,
            @Nullable String product) {
        static Pool of(ManagedInstance instance) {
            return new Pool(
                    instance.isSpot(),
                    instance.type(),
                    instance.zone(),
                    instance.details().product());
        }

        /** Returns whether EC2 has a history of its prices. */
        boolean hasHistory() {
            return spot && product != null && !zone.isEmpty();
        }
    }

    /**
     * The prices of an instance.
     *
     * @param current the current price per hour, or null if it is unknown
     * @param costOf returns what a run costs in a period, or empty if a price that it needs is unknown
     * @param unknown why a price is unknown
     */
    private record Prices(
            @Nullable BigDecimal current,
            BiFunction<InstanceCost.Run, InstanceCost.Period, Optional<InstanceCost>> costOf,
            Unknown unknown) {
        /** Returns no prices. Only what is free has a known cost then. */
        static Prices none(Unknown unknown) {
            return spot(List.of(), unknown);
        }

        /** Returns the prices of a Spot Instance from the history of its pool, oldest first. */
        static Prices spot(List<PoolPrice> history, Unknown unknown) {
            return new Prices(
                    history.isEmpty() ? null : history.getLast().price(),
                    (run, period) -> InstanceCost.spot(run, history, period),
                    unknown);
        }

        static Prices onDemand(Optional<BigDecimal> price) {
            return new Prices(
                    price.orElse(null),
                    (run, period) -> price.map(usd -> InstanceCost.onDemand(run, usd, period)),
                    Unknown.NO_PRICE);
        }
    }

    /**
     * Returns the receipts of instances in a region, in their order. Makes one call for all Spot Instances, and one for
     * each type of On-Demand Instances whose price is not known yet.
     */
    public List<Receipt> read(String region, List<BilledInstance> instances, AwsCallContext callContext, Instant now) {
        List<ManagedInstance> all =
                instances.stream().map(BilledInstance::instance).toList();
        Instant oldest = now.minus(SpotPrices.MEMORY);
        // Only Spot Instances need a history.
        Instant first = all.stream()
                .filter(instance -> Pool.of(instance).hasHistory())
                .map(ManagedInstance::launchTime)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(now);
        Instant from = first.isBefore(oldest) ? oldest : first.isAfter(now) ? now : first;
        Map<Pool, Prices> prices = prices(region, all, from, callContext, now);
        return instances.stream()
                .map(billed -> receipt(billed, Objects.requireNonNull(prices.get(Pool.of(billed.instance()))), now))
                .toList();
    }

    /**
     * Returns the receipts of instances in several regions. Never fails: where the prices cannot be read in time, the
     * costs are unknown.
     */
    public List<Receipt> readAll(
            List<BilledInstance> instances, Duration time, AwsCallContext callContext, Instant now) {
        Map<String, List<BilledInstance>> byRegion = instances.stream()
                .collect(Collectors.groupingBy(
                        billed -> billed.instance().region(), LinkedHashMap::new, Collectors.toList()));
        List<Receipt> receipts = new ArrayList<>();
        ParallelCalls.all(
                        List.copyOf(byRegion.keySet()),
                        time,
                        region -> read(region, byRegion.getOrDefault(region, List.of()), callContext, now))
                .forEach((region, outcome) -> receipts.addAll(
                        outcome.value() == null
                                ? byRegion.getOrDefault(region, List.of()).stream()
                                        .map(billed -> receipt(billed, Prices.none(Unknown.PRICES_UNREADABLE), now))
                                        .toList()
                                : outcome.value()));
        return receipts;
    }

    /** Returns what charged instances in several regions cost per hour now, or empty if a price is unknown. */
    public Optional<BigDecimal> hourlyCost(
            List<ManagedInstance> charged, Duration time, AwsCallContext callContext, Instant now) {
        Map<String, List<ManagedInstance>> running =
                charged.stream().collect(Collectors.groupingBy(ManagedInstance::region));
        BigDecimal sum = BigDecimal.ZERO;
        for (Map.Entry<String, ParallelCalls.Outcome<Map<Pool, Prices>>> region : ParallelCalls.all(
                        List.copyOf(running.keySet()),
                        time,
                        name -> prices(name, running.getOrDefault(name, List.of()), now, callContext, now))
                .entrySet()) {
            for (ManagedInstance instance : running.getOrDefault(region.getKey(), List.of())) {
                Map<Pool, Prices> prices = region.getValue().value();
                BigDecimal price = prices == null
                        ? null
                        : Objects.requireNonNull(prices.get(Pool.of(instance))).current();
                if (price == null) {
                    return Optional.empty();
                }
                sum = sum.add(price);
            }
        }
        return Optional.of(sum);
    }

    /** Returns the prices of the pool of each instance in a region. */
    private Map<Pool, Prices> prices(
            String region, List<ManagedInstance> instances, Instant from, AwsCallContext callContext, Instant now) {
        List<Pool> pools = instances.stream().map(Pool::of).distinct().toList();
        Map<Pool, Prices> prices = new HashMap<>();
        prices.putAll(spot(region, pools.stream().filter(Pool::spot).toList(), from, callContext, now));
        prices.putAll(
                onDemand(region, pools.stream().filter(pool -> !pool.spot()).toList(), callContext));
        return prices;
    }

    private Map<Pool, Prices> spot(
            String region, List<Pool> pools, Instant from, AwsCallContext callContext, Instant now) {
        List<Pool> named = pools.stream().filter(Pool::hasHistory).toList();
        SpotPrices.Query query = new SpotPrices.Query(
                distinct(named, Pool::type),
                distinct(named, pool -> Objects.requireNonNull(pool.product())),
                distinct(named, Pool::zone),
                false);
        Unknown unknown = Unknown.NO_PRICE;
        List<PoolPrice> prices = List.of();
        try {
            prices = named.isEmpty() ? List.of() : spotPrices.since(region, query, from, callContext, now);
        } catch (ServiceException failure) {
            unknown = failure.errorCode() == ErrorCode.TOO_MANY_CALLS
                    ? Unknown.TOO_MANY_PRICES
                    : Unknown.PRICES_UNREADABLE;
        }
        if (unknown == Unknown.TOO_MANY_PRICES) {
            try {
                prices = spotPrices.current(region, query, callContext, now).prices();
            } catch (ServiceException failure) {
                unknown = Unknown.PRICES_UNREADABLE;
            }
        }
        Map<Pool, List<PoolPrice>> histories = prices.stream()
                .collect(Collectors.groupingBy(
                        price -> new Pool(true, price.instanceType(), price.zone(), price.product())));
        Map<Pool, Prices> byPool = new HashMap<>();
        for (Pool pool : pools) {
            byPool.put(pool, Prices.spot(histories.getOrDefault(pool, List.of()), unknown));
        }
        return byPool;
    }

    private static List<String> distinct(List<Pool> pools, Function<Pool, String> value) {
        return List.copyOf(pools.stream().map(value).collect(Collectors.toCollection(TreeSet::new)));
    }

    /** Returns the prices of On-Demand Instances. */
    private Map<Pool, Prices> onDemand(String region, List<Pool> pools, AwsCallContext callContext) {
        List<Prices> prices = ParallelCalls.map(pools, pool -> onDemand(region, pool, callContext));
        Map<Pool, Prices> byPool = new HashMap<>();
        for (int i = 0; i < pools.size(); i++) {
            byPool.put(pools.get(i), prices.get(i));
        }
        return byPool;
    }

    private Prices onDemand(String region, Pool pool, AwsCallContext callContext) {
        if (onDemandPrices == null || pool.product() == null) {
            return Prices.none(Unknown.NO_PRICE);
        }
        try {
            return Prices.onDemand(onDemandPrices.price(region, pool.zone(), pool.type(), pool.product(), callContext));
        } catch (ServiceException failure) {
            return Prices.none(Unknown.PRICES_UNREADABLE);
        }
    }

    private static Receipt receipt(BilledInstance billed, Prices prices, Instant now) {
        ManagedInstance instance = billed.instance();
        Instant launched = instance.launchTime();
        Instant end = instance.isCharged() ? null : billed.end();
        if (launched == null) {
            return Receipt.unknown(instance, end, null, prices.current(), Unknown.NO_LAUNCH_TIME);
        }
        Instant until = instance.isCharged() ? now : end;
        if (until == null) {
            return Receipt.unknown(instance, null, null, prices.current(), Unknown.NO_END_TIME);
        }
        if (billed.mayHaveStoppedBefore()) {
            return Receipt.unknown(instance, end, null, prices.current(), Unknown.MAY_HAVE_STOPPED);
        }
        InstanceCost.Run run = new InstanceCost.Run(
                launched, until, InstanceCost.isChargedByHour(instance.details().product()), billed.isInterrupted());
        if (!instance.isCharged() && instance.isSpot() && billed.reason() == null) {
            return Receipt.unknown(instance, end, run.seconds(), prices.current(), Unknown.NO_END_REASON);
        }
        InstanceCost cost = prices.costOf().apply(run, InstanceCost.Period.ALL).orElse(null);
        InstanceCost today =
                prices.costOf().apply(run, InstanceCost.Period.dayOf(now)).orElse(null);
        return new Receipt(
                instance,
                end,
                run.seconds(),
                prices.current(),
                cost,
                today,
                instance.isCharged() ? leaseCost(run, instance.lease(), prices) : BigDecimal.ZERO,
                cost == null ? prices.unknown() : null);
    }

    /**
     * Returns what a running instance will cost besides until its lease ends. The rest of the instance-hour that it is
     * in keeps the price of that hour.
     */
    private static @Nullable BigDecimal leaseCost(InstanceCost.Run untilNow, @Nullable Instant lease, Prices prices) {
        if (lease == null || !lease.isAfter(untilNow.end())) {
            return BigDecimal.ZERO;
        }
        InstanceCost.Run whole =
                new InstanceCost.Run(untilNow.start(), lease, untilNow.hourly(), untilNow.interrupted());
        InstanceCost.Period rest = new InstanceCost.Period(
                untilNow.start().plusSeconds(untilNow.billedSeconds()), InstanceCost.Period.ALL.to());
        return prices.costOf().apply(whole, rest).map(InstanceCost::amount).orElse(null);
    }
}
