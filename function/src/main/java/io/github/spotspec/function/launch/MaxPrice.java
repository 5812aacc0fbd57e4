package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.math.BigDecimal;
import java.util.HashMap;
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
    private final Map<String, BigDecimal> limits;
    private final Function<String, Optional<BigDecimal>> onDemand;

    private MaxPrice(
            @Nullable BigDecimal most, Map<String, BigDecimal> caps, Function<String, Optional<BigDecimal>> onDemand) {
        this.limit = most;
        this.limits = Map.copyOf(caps);
        this.onDemand = onDemand;
    }

    /**
     * Returns the launch's own maximum price, or the deployment's if the launch has none.
     *
     * @param types the types that may be launched
     * @param onDemand returns the on-demand price of a type, if it is known
     * @throws ServiceException if the launch's own maximum is above the on-demand price of every type
     */
    static MaxPrice of(
            @Nullable BigDecimal requested,
            @Nullable BigDecimal deploymentLimit,
            List<String> types,
            Function<String, Optional<BigDecimal>> onDemand) {
        if (requested == null) {
            // EC2 never charges more than the on-demand price, so there is no need to read it.
            return new MaxPrice(deploymentLimit, Map.of(), onDemand);
        }
        Map<String, BigDecimal> caps = new HashMap<>();
        boolean above = true;
        for (String type : types) {
            Optional<BigDecimal> price = onDemand.apply(type);
            caps.put(type, price.map(requested::min).orElse(requested));
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

    private static String listed(Map<String, BigDecimal> prices) {
        String listed = prices.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(MAX_NAMED)
                .map(price -> text(price.getValue()) + " for " + price.getKey())
                .collect(Collectors.joining(", "));
        return prices.size() > MAX_NAMED ? listed + " and " + (prices.size() - MAX_NAMED) + " more" : listed;
    }

    /** Returns the launch's or the deployment's maximum price, or null for no maximum. */
    @Nullable
    BigDecimal limit() {
        return limit;
    }

    /** Returns the maximum price to send to EC2 for a Spot Instance, or null for no maximum. */
    @Nullable
    BigDecimal spot(String type) {
        return limits.getOrDefault(type, limit);
    }

    /**
     * Returns whether an On-Demand Instance of a type costs at most the maximum price. Returns false if the price is
     * unknown, because it might be higher.
     *
     * @throws ServiceException if AWS does not return the price
     */
    boolean allowsOnDemand(String type) {
        return limit == null
                || onDemand.apply(type)
                        .filter(price -> price.compareTo(limit) <= 0)
                        .isPresent();
    }
}
