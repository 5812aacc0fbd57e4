package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds price limits: the most that an instance can cost in US dollars per hour. The limit of a Spot Instance is the
 * maximum price of its launch or the on-demand price, whichever is lower, because EC2 never charges more than either.
 * The limit of an On-Demand Instance is the on-demand price. Thread-safe.
 */
final class PriceLimits {
    private final OnDemandPrices onDemandPrices;

    PriceLimits(OnDemandPrices onDemandPrices) {
        this.onDemandPrices = onDemandPrices;
    }

    /**
     * What has one price limit.
     *
     * @param inAvailabilityZone whether the price list's prices of the region apply; those of Local Zones and
     *     Wavelength Zones are higher
     * @param product EC2's product description, or null if the price list has no price for it
     * @param maxPrice the maximum price of the launch, or null for none
     */
    record Offer(
            String region,
            String type,
            boolean inAvailabilityZone,
            @Nullable String product,
            @Nullable BigDecimal maxPrice) {
        static Offer of(ManagedInstance instance) {
            return new Offer(
                    instance.region(),
                    instance.type(),
                    Zones.isAvailabilityZone(instance.region(), instance.zone()),
                    instance.details().product(),
                    instance.isSpot() ? instance.maxPrice() : null);
        }

        /** Returns the offer of a pool, for Spot Instances and for those On-Demand Instances that may replace them. */
        static Offer of(CapacityPool pool, MaxPrice maxPrice) {
            return new Offer(
                    pool.region(),
                    pool.type(),
                    Zones.isAvailabilityZone(pool.region(), pool.zone()),
                    pool.image().product(),
                    // Not that of the pool, so that the limit stays the same when the instance is read with its tag.
                    maxPrice.limit());
        }
    }

    /**
     * The price limit of an offer.
     *
     * @param hourly US dollars per hour, or null if it is unknown
     * @param failure why it is unknown, or null if it is known
     */
    record PriceLimit(@Nullable BigDecimal hourly, @Nullable ServiceException failure) {}

    /** Returns the price limit of each offer. Each takes one call, unless the process knows the on-demand price. */
    Map<Offer, PriceLimit> of(List<Offer> offers, AwsCallContext callContext) {
        List<Offer> distinct = offers.stream().distinct().toList();
        List<PriceLimit> limits = ParallelCalls.map(distinct, offer -> limit(offer, callContext));
        Map<Offer, PriceLimit> byOffer = new LinkedHashMap<>();
        for (int i = 0; i < distinct.size(); i++) {
            byOffer.put(distinct.get(i), limits.get(i));
        }
        return byOffer;
    }

    /**
     * Returns the price limit of each instance, by its id.
     *
     * @throws ServiceException with {@link ErrorCode#PRICE_UNAVAILABLE} if one is unknown
     */
    Map<String, BigDecimal> of(List<ManagedInstance> instances, String countsTowards, AwsCallContext callContext) {
        Map<Offer, List<ManagedInstance>> byOffer =
                instances.stream().collect(Collectors.groupingBy(Offer::of, LinkedHashMap::new, Collectors.toList()));
        Map<String, BigDecimal> hourly = new LinkedHashMap<>();
        of(List.copyOf(byOffer.keySet()), callContext).forEach((offer, limit) -> {
            List<ManagedInstance> same = byOffer.getOrDefault(offer, List.of());
            if (limit.hourly() == null) {
                ManagedInstance first = same.getFirst();
                throw new ServiceException(
                        ErrorCode.PRICE_UNAVAILABLE,
                        "It is unknown what " + first.id() + " in " + first.region()
                                + " can cost, which counts towards " + countsTowards + "; try again, or end it. "
                                + (limit.failure() == null
                                        ? ""
                                        : limit.failure().details()));
            }
            same.forEach(instance -> hourly.put(instance.id(), limit.hourly()));
        });
        return hourly;
    }

    private PriceLimit limit(Offer offer, AwsCallContext callContext) {
        try {
            Optional<BigDecimal> onDemand = offer.product() == null || !offer.inAvailabilityZone()
                    ? Optional.empty()
                    : onDemandPrices.priceInAvailabilityZones(
                            offer.region(), offer.type(), offer.product(), callContext);
            BigDecimal maxPrice = offer.maxPrice();
            if (onDemand.isEmpty() && maxPrice == null) {
                return new PriceLimit(
                        null,
                        new ServiceException(
                                ErrorCode.PRICE_UNAVAILABLE,
                                "The price list has no on-demand price for " + offer.type() + " in " + offer.region()
                                        + " as it was launched."));
            }
            return new PriceLimit(
                    onDemand.map(price -> maxPrice == null ? price : price.min(maxPrice))
                            .orElse(maxPrice),
                    null);
        } catch (ServiceException failure) {
            return offer.maxPrice() == null ? new PriceLimit(null, failure) : new PriceLimit(offer.maxPrice(), null);
        }
    }
}
