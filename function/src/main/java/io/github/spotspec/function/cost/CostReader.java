package io.github.spotspec.function.cost;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
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

    /** A capacity pool of the region. */
    private record Pool(String type, String zone, @Nullable String product) {
        static Pool of(ManagedInstance instance) {
            return new Pool(instance.type(), instance.zone(), instance.details().product());
        }
    }

    /**
     * Returns the receipts of instances in a region, in their order. Makes one call for all Spot Instances, and one for
     * each type of On-Demand Instances whose price is not known yet.
     *
     * @param end returns when an instance ended if EC2 does not say it with the instance, or null
     */
    public List<Receipt> read(
            String region,
            List<ManagedInstance> instances,
            Function<ManagedInstance, @Nullable Instant> end,
            AwsCallContext callContext,
            Instant now) {
        List<ManagedInstance> spot = instances.stream()
                .filter(instance -> instance.isSpot()
                        && instance.launchTime() != null
                        && instance.details().product() != null
                        && !instance.zone().isEmpty())
                .toList();
        Map<Pool, List<PoolPrice>> histories = histories(region, spot, callContext, now);
        return instances.stream()
                .map(instance -> instance.isSpot()
                        ? spot(instance, histories, end, now)
                        : onDemand(instance, end, callContext, now))
                .toList();
    }

    /**
     * Returns the receipts of instances in several regions. Never fails: where the prices cannot be read in time, the
     * costs are unknown.
     *
     * @param end returns when an instance ended if EC2 does not say it with the instance, or null
     */
    public List<Receipt> readAll(
            List<ManagedInstance> instances,
            Function<ManagedInstance, @Nullable Instant> end,
            Duration time,
            AwsCallContext callContext,
            Instant now) {
        Map<String, List<ManagedInstance>> byRegion = instances.stream()
                .collect(Collectors.groupingBy(ManagedInstance::region, LinkedHashMap::new, Collectors.toList()));
        List<Receipt> receipts = new ArrayList<>();
        ParallelCalls.all(
                        List.copyOf(byRegion.keySet()),
                        time,
                        region -> read(region, byRegion.getOrDefault(region, List.of()), end, callContext, now))
                .forEach((region, outcome) -> receipts.addAll(
                        outcome.value() == null
                                ? unreadable(byRegion.getOrDefault(region, List.of()), end, now)
                                : outcome.value()));
        return receipts;
    }

    private static List<Receipt> unreadable(
            List<ManagedInstance> instances, Function<ManagedInstance, @Nullable Instant> end, Instant now) {
        return instances.stream()
                .map(instance -> receipt(
                        instance, null, run -> InstanceCost.spot(run, List.of()), Unknown.PRICES_UNREADABLE, end, now))
                .toList();
    }

    /** Returns the prices of each pool, oldest first, or null if EC2 does not answer. */
    private @Nullable Map<Pool, List<PoolPrice>> histories(
            String region, List<ManagedInstance> spot, AwsCallContext callContext, Instant now) {
        if (spot.isEmpty()) {
            return Map.of();
        }
        Instant first = spot.stream()
                .map(instance -> Objects.requireNonNull(instance.launchTime()))
                .min(Instant::compareTo)
                .orElseThrow();
        Instant oldest = now.minus(SpotPrices.MEMORY);
        Instant from = first.isBefore(oldest) ? oldest : first.isAfter(now) ? now : first;
        SpotPrices.Query query = new SpotPrices.Query(
                distinct(spot, ManagedInstance::type),
                distinct(
                        spot,
                        instance -> Objects.requireNonNull(instance.details().product())),
                distinct(spot, ManagedInstance::zone),
                false);
        try {
            return spotPrices.since(region, query, from, callContext, now).stream()
                    .collect(Collectors.groupingBy(
                            price -> new Pool(price.instanceType(), price.zone(), price.product())));
        } catch (ServiceException unreadable) {
            return null;
        }
    }

    private static List<String> distinct(List<ManagedInstance> instances, Function<ManagedInstance, String> value) {
        return List.copyOf(instances.stream().map(value).collect(Collectors.toCollection(TreeSet::new)));
    }

    private static Receipt spot(
            ManagedInstance instance,
            @Nullable Map<Pool, List<PoolPrice>> histories,
            Function<ManagedInstance, @Nullable Instant> endOf,
            Instant now) {
        List<PoolPrice> history = histories == null ? List.of() : histories.getOrDefault(Pool.of(instance), List.of());
        BigDecimal current = history.isEmpty() ? null : history.getLast().price();
        Unknown withoutPrice = histories == null ? Unknown.PRICES_UNREADABLE : Unknown.NO_PRICE;
        return receipt(instance, current, run -> InstanceCost.spot(run, history), withoutPrice, endOf, now);
    }

    private Receipt onDemand(
            ManagedInstance instance,
            Function<ManagedInstance, @Nullable Instant> endOf,
            AwsCallContext callContext,
            Instant now) {
        String product = instance.details().product();
        Optional<BigDecimal> price = Optional.empty();
        Unknown withoutPrice = Unknown.NO_PRICE;
        if (onDemandPrices != null && product != null) {
            try {
                price = onDemandPrices.price(instance.region(), instance.type(), product, callContext);
            } catch (ServiceException unreadable) {
                withoutPrice = Unknown.PRICES_UNREADABLE;
            }
        }
        Optional<BigDecimal> found = price;
        return receipt(
                instance,
                found.orElse(null),
                run -> found.map(usd -> InstanceCost.onDemand(run, usd)),
                withoutPrice,
                endOf,
                now);
    }

    private static Receipt receipt(
            ManagedInstance instance,
            @Nullable BigDecimal price,
            Function<InstanceCost.Run, Optional<InstanceCost>> costOf,
            Unknown withoutPrice,
            Function<ManagedInstance, @Nullable Instant> endOf,
            Instant now) {
        boolean runs = instance.isAlive() && !instance.isStopped();
        Instant launched = instance.launchTime();
        Instant end = runs ? null : instance.details().lastChange().at();
        if (!runs && end == null) {
            end = endOf.apply(instance);
        }
        if (launched == null) {
            return new Receipt(instance, end, null, price, null, Unknown.NO_LAUNCH_TIME);
        }
        Instant until = runs ? now : end;
        if (until == null) {
            return new Receipt(instance, null, null, price, null, Unknown.NO_END_TIME);
        }
        InstanceCost.Run run = new InstanceCost.Run(
                launched, until, isChargedByHour(instance), !runs && instance.isSpot() && isInterrupted(instance));
        if (!runs && instance.isSpot() && instance.details().lastChange().reason() == null) {
            return new Receipt(instance, end, run.seconds(), price, null, Unknown.NO_END_REASON);
        }
        InstanceCost cost = costOf.apply(run).orElse(null);
        return new Receipt(instance, end, run.seconds(), price, cost, cost == null ? withoutPrice : null);
    }

    private static boolean isChargedByHour(ManagedInstance instance) {
        String product = instance.details().product();
        return product != null && product.startsWith("SUSE");
    }

    /** Returns whether EC2 took the capacity back (EC2 API reference, "StateReason"). */
    private static boolean isInterrupted(ManagedInstance instance) {
        String reason = instance.details().lastChange().reason();
        return "Server.SpotInstanceTermination".equals(reason) || "Server.SpotInstanceShutdown".equals(reason);
    }
}
