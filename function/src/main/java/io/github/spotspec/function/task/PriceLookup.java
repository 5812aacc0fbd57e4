package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The current prices of a few pools in a region, for lists that show prices next to other data. */
final class PriceLookup {
    private final Map<String, BigDecimal> prices = new HashMap<>();

    /**
     * Looks up the prices of all needed types and products with one query. There are no prices if EC2 does not answer.
     */
    static PriceLookup of(
            SpotPrices prices, String region, List<String> types, List<String> products, TaskContext context) {
        PriceLookup lookup = new PriceLookup();
        if (!types.isEmpty() && !products.isEmpty()) {
            SpotPrices.Query query = new SpotPrices.Query(
                    List.copyOf(new TreeSet<>(types)), List.copyOf(new TreeSet<>(products)), List.of(), false);
            try {
                for (PoolPrice price : prices.current(region, query, context.callContext(), context.now())
                        .prices()) {
                    lookup.prices.put(key(price.zone(), price.instanceType(), price.product()), price.price());
                }
            } catch (ServiceException unpriced) {
                // The list is useful without prices. A missing price is not shown as a number.
                return lookup;
            }
        }
        return lookup;
    }

    @Nullable
    BigDecimal price(@Nullable String zone, @Nullable String type, @Nullable String product) {
        return prices.get(key(zone, type, product));
    }

    private static String key(@Nullable String zone, @Nullable String type, @Nullable String product) {
        return zone + " " + type + " " + product;
    }
}
