package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.InstanceCost;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what a launch costs, from EC2's current spot prices and the price list. A price that AWS does not return is
 * unknown, because an answer is useful without it. Thread-safe.
 */
final class CostEstimator {
    private final SpotPrices spotPrices;
    private final OnDemandPrices onDemandPrices;

    CostEstimator(SpotPrices spotPrices, OnDemandPrices onDemandPrices) {
        this.spotPrices = spotPrices;
        this.onDemandPrices = onDemandPrices;
    }

    /**
     * Instances whose prices to look up.
     *
     * @param product EC2's product description, or null if EC2 has no spot price for it
     * @param price their spot price if it is known already
     * @param limit the maximum price that EC2 was given, or null for none
     */
    private record Offer(
            String region,
            String type,
            String zone,
            boolean spot,
            @Nullable String product,
            @Nullable BigDecimal price,
            @Nullable BigDecimal limit) {}

    /** Estimates a launch whose first pool has room for all its instances. */
    CostEstimate before(Launch launch, CapacityPool first, MaxPrice maxPrice, AwsCallContext callContext, Instant now) {
        Offer offer = new Offer(
                first.region(),
                first.type(),
                first.zone(),
                true,
                first.image().product(),
                first.price(),
                maxPrice.spot(first));
        return estimate(Map.of(offer, launch.count()), launch, callContext, now);
    }

    /**
     * Estimates instances that were launched.
     *
     * @param pools the pools that they were launched from, if they are known
     */
    CostEstimate after(
            Launch launch,
            List<ManagedInstance> instances,
            List<CapacityPool> pools,
            @Nullable MaxPrice maxPrice,
            AwsCallContext callContext,
            Instant now) {
        Map<Offer, Integer> counts = new LinkedHashMap<>();
        for (ManagedInstance instance : instances) {
            CapacityPool pool = CapacityPool.of(instance, pools);
            Offer offer = new Offer(
                    instance.region(),
                    instance.type(),
                    instance.zone(),
                    instance.isSpot(),
                    pool == null ? instance.details().product() : pool.image().product(),
                    pool == null ? null : pool.price(),
                    pool == null || maxPrice == null ? null : maxPrice.spot(pool));
            counts.merge(offer, 1, Integer::sum);
        }
        return estimate(counts, launch, callContext, now);
    }

    private CostEstimate estimate(Map<Offer, Integer> counts, Launch launch, AwsCallContext callContext, Instant now) {
        AwsCallContext optional = callContext.forOptionalCalls();
        List<CostEstimate.Group> groups = ParallelCalls.map(
                List.copyOf(counts.keySet()),
                offer -> group(offer, Objects.requireNonNull(counts.get(offer)), optional, now));
        return new CostEstimate(groups, launch.lease());
    }

    private CostEstimate.Group group(Offer offer, int count, AwsCallContext callContext, Instant now) {
        BigDecimal onDemand = onDemand(offer, callContext);
        BigDecimal price = offer.spot() ? spot(offer, callContext, now) : onDemand;
        BigDecimal most = onDemand;
        if (offer.spot() && offer.limit() != null) {
            most = onDemand == null ? offer.limit() : onDemand.min(offer.limit());
        }
        return new CostEstimate.Group(
                offer.region(),
                offer.type(),
                offer.spot(),
                count,
                price,
                most,
                onDemand,
                InstanceCost.isChargedByHour(offer.product()));
    }

    private @Nullable BigDecimal onDemand(Offer offer, AwsCallContext callContext) {
        if (offer.product() == null) {
            return null;
        }
        try {
            return onDemandPrices
                    .price(offer.region(), offer.zone(), offer.type(), offer.product(), callContext)
                    .orElse(null);
        } catch (ServiceException unknown) {
            return null;
        }
    }

    private @Nullable BigDecimal spot(Offer offer, AwsCallContext callContext, Instant now) {
        if (offer.price() != null || offer.product() == null) {
            return offer.price();
        }
        SpotPrices.Query query =
                new SpotPrices.Query(List.of(offer.type()), List.of(offer.product()), List.of(offer.zone()), false);
        try {
            return spotPrices.current(offer.region(), query, callContext, now).prices().stream()
                    .map(PoolPrice::price)
                    .findFirst()
                    .orElse(null);
        } catch (ServiceException unknown) {
            return null;
        }
    }
}
