package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The maximum price of a launch's instances in US dollars per hour: the launch's or the deployment's maximum, but never
 * more than the on-demand price. Immutable.
 */
final class MaxPrice {
    private static final int MAX_NAMED = 10;

    private final @Nullable BigDecimal limit;
    private final Map<Offer, BigDecimal> limits;
    private final Function<CapacityPool, Optional<BigDecimal>> onDemand;

    /** What has one on-demand price: a type in the Availability Zones of a region, or outside them. */
    record Offer(String region, String type, boolean inAvailabilityZone) {
        static Offer of(CapacityPool pool) {
            return new Offer(pool.region(), pool.type(), Zones.isAvailabilityZone(pool.region(), pool.zone()));
        }
    }

    private MaxPrice(
            @Nullable BigDecimal limit,
            Map<Offer, BigDecimal> limits,
            Function<CapacityPool, Optional<BigDecimal>> onDemand) {
        this.limit = limit;
        this.limits = Map.copyOf(limits);
        this.onDemand = onDemand;
    }

    /**
     * Returns the launch's own maximum price, or the deployment's if the launch has none.
     *
     * @param pools the pools that the launch may try
     * @param onDemand returns the on-demand price of a pool's type, if it is known
     * @throws ServiceException if the launch's own maximum is above the on-demand price of every type
     */
    static MaxPrice of(
            @Nullable BigDecimal requested,
            @Nullable BigDecimal deploymentLimit,
            List<CapacityPool> pools,
            Function<CapacityPool, Optional<BigDecimal>> onDemand) {
        if (requested == null) {
            // EC2 never charges more than the on-demand price, so there is no need to read it.
            return new MaxPrice(deploymentLimit, Map.of(), onDemand);
        }
        Map<Offer, CapacityPool> byOffer = new LinkedHashMap<>();
        pools.forEach(pool -> byOffer.putIfAbsent(Offer.of(pool), pool));
        List<CapacityPool> offers = List.copyOf(byOffer.values());
        List<Optional<BigDecimal>> prices = ParallelCalls.map(offers, onDemand);
        Map<Offer, BigDecimal> caps = new LinkedHashMap<>();
        boolean above = true;
        for (int i = 0; i < offers.size(); i++) {
            Optional<BigDecimal> price = prices.get(i);
            caps.put(Offer.of(offers.get(i)), price.map(requested::min).orElse(requested));
            above &= price.isPresent() && requested.compareTo(price.get()) > 0;
        }
        if (above) {
            throw new ServiceException(
                    ErrorCode.PRICE_ABOVE_ON_DEMAND,
                    "'price' is " + text(requested)
                            + " US dollars an hour, above the on-demand price of every requested type: "
                            + listed(caps) + "; lower or omit 'price'.");
        }
        return new MaxPrice(requested, caps, onDemand);
    }

    /** Returns a price without trailing zeros. */
    static String text(BigDecimal price) {
        return price.stripTrailingZeros().toPlainString();
    }

    private static String listed(Map<Offer, BigDecimal> prices) {
        boolean severalRegions =
                prices.keySet().stream().map(Offer::region).distinct().count() > 1;
        String listed = prices.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Offer, BigDecimal> price) ->
                                price.getKey().type())
                        .thenComparing(price -> price.getKey().region()))
                .limit(MAX_NAMED)
                .map(price -> text(price.getValue()) + " for " + price.getKey().type()
                        + (severalRegions ? " in " + price.getKey().region() : ""))
                .collect(Collectors.joining(", "));
        return prices.size() > MAX_NAMED ? listed + " and " + (prices.size() - MAX_NAMED) + " more" : listed;
    }

    /** Returns the launch's or the deployment's maximum price, or null for no maximum. */
    @Nullable
    BigDecimal limit() {
        return limit;
    }

    /** Returns the maximum price to send to EC2 for a Spot Instance in a pool, or null for no maximum. */
    @Nullable
    BigDecimal spot(CapacityPool pool) {
        return limits.getOrDefault(Offer.of(pool), limit);
    }

    /**
     * Returns whether an On-Demand Instance of a pool's type costs at most the maximum price. Returns false if the
     * price is unknown, because it might be higher.
     *
     * @throws ServiceException if AWS does not return the price
     */
    boolean allowsOnDemand(CapacityPool pool) {
        return limit == null
                || onDemand.apply(pool)
                        .filter(price -> price.compareTo(limit) <= 0)
                        .isPresent();
    }
}
