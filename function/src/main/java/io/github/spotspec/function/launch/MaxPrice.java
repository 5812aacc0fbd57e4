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
 * The most that an instance of a launch may cost, in US dollars per hour: what the launch or the deployment allows, but
 * never more than on-demand. Immutable.
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
     * Takes the launch's own maximum, or the deployment's if it has none.
     *
     * @param types the types that may be launched
     * @param onDemand tells the on-demand price of a type, if it is known
     * @throws ServiceException if the launch itself asks for more than on-demand for every type
     */
    static MaxPrice of(
            @Nullable BigDecimal asked,
            @Nullable BigDecimal deployments,
            List<String> types,
            Function<String, Optional<BigDecimal>> onDemand) {
        if (asked == null) {
            // EC2 itself never charges more than on-demand, so nothing need be asked.
            return new MaxPrice(deployments, Map.of(), onDemand);
        }
        Map<String, BigDecimal> caps = new HashMap<>();
        boolean above = true;
        for (String type : types) {
            Optional<BigDecimal> price = onDemand.apply(type);
            caps.put(type, price.map(asked::min).orElse(asked));
            above &= price.isPresent() && asked.compareTo(price.get()) > 0;
        }
        if (above) {
            throw new ServiceException(
                    ErrorCode.PRICE_ABOVE_ON_DEMAND,
                    "'price' is " + text(asked)
                            + " US dollars an hour, above the on-demand price of every type that was asked for: "
                            + listed(caps) + "; lower 'price', or leave it out.");
        }
        return new MaxPrice(asked, caps, onDemand);
    }

    /** Returns a price as people write it. */
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

    /** Returns what the launch or the deployment allows, or null for no maximum. */
    @Nullable
    BigDecimal limit() {
        return limit;
    }

    /** Returns what EC2 is told for spot, or null for no maximum. */
    @Nullable
    BigDecimal spot(String type) {
        return limits.getOrDefault(type, limit);
    }

    /**
     * Returns whether an on-demand instance of a type costs no more; one whose price is not known might.
     *
     * @throws ServiceException if AWS does not tell the price
     */
    boolean allowsOnDemand(String type) {
        return limit == null
                || onDemand.apply(type)
                        .filter(price -> price.compareTo(limit) <= 0)
                        .isPresent();
    }
}
