package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.launch.MaxPrice.Offer;
import io.github.spotspec.function.launch.PoolFinder.RegionPools;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Ranks the capacity pools that a launch can try, of all its regions together, best first. Thread-safe. */
final class PoolRanking {
    /**
     * The maximum number of types to try when the request describes them. Launches would hardly ever reach the later
     * ones.
     */
    private static final int MAX_TYPES = 60;

    /** EC2 returns no meaningful score for fewer types. */
    private static final int MIN_SCORED_TYPES = 3;

    /** The most regions that EC2 scores in one call. */
    private static final int MAX_SCORED_REGIONS = 10;

    private final PlacementScores scores;

    PoolRanking(PlacementScores scores) {
        this.scores = scores;
    }

    /**
     * Returns the pools of a launch, ranked. Pools to avoid come last. The others are sorted by placement score if the
     * launch asks for it, then by price, then by the order of its regions, and then by name, so that equal requests get
     * equal answers. EC2 calls the order by price lowest-price; of its strategies, it has the highest risk of
     * interruption.
     *
     * @param found the pools of each region
     * @throws ServiceException if EC2 does not return the scores
     */
    List<CapacityPool> rank(
            Launch launch,
            Map<String, RegionPools> found,
            UnavailablePools avoided,
            AwsCallContext callContext,
            Instant now) {
        List<CapacityPool> pools = new ArrayList<>();
        found.values().forEach(region -> pools.addAll(region.pools()));
        if (launch.pools().allocation() == Launch.AllocationStrategy.PLACEMENT_SCORE) {
            Map<String, Integer> byZone = scores(launch, found, callContext);
            pools.replaceAll(pool -> pool.withScore(byZone.get(pool.zone())));
        }
        // Evaluated once, because another request may add pools while this one sorts.
        Set<CapacityPool> last = pools.stream()
                .filter(pool -> avoided.contains(pool.type(), pool.zone(), now))
                .collect(Collectors.toSet());
        pools.sort(Comparator.<CapacityPool>comparingInt(pool -> last.contains(pool) ? 1 : 0)
                .thenComparingInt(pool -> pool.score() == null ? 0 : -pool.score())
                .thenComparing(pool -> pool.price() == null ? BigDecimal.ZERO : pool.price())
                .thenComparingInt(pool -> launch.regions().indexOf(pool.region()))
                .thenComparing(CapacityPool::type)
                .thenComparing(CapacityPool::zone)
                .thenComparing(pool -> pool.subnet() == null ? "" : pool.subnet()));
        return kept(launch, pools).stream()
                .map(pool -> pool.image().product() == null ? pool.withoutPrice() : pool)
                .toList();
    }

    private static List<CapacityPool> kept(Launch launch, List<CapacityPool> pools) {
        // A maximum price is compared with the on-demand price of each type in each region, which takes one call each,
        // so only the first are kept. Otherwise, all types that the launch names are tried.
        if (launch.market().maxPrice() != null) {
            return first(OnDemandPrices.MAX_TYPES, Offer::of, pools);
        }
        return launch.pools().requirements() == null ? pools : first(MAX_TYPES, CapacityPool::type, pools);
    }

    /** Returns the pools that have one of the first values of a property, in the same order. */
    static <T> List<CapacityPool> first(int most, Function<CapacityPool, T> property, List<CapacityPool> pools) {
        Set<T> first = pools.stream().map(property).distinct().limit(most).collect(Collectors.toSet());
        return pools.stream()
                .filter(pool -> first.contains(property.apply(pool)))
                .toList();
    }

    private Map<String, Integer> scores(Launch launch, Map<String, RegionPools> found, AwsCallContext callContext) {
        List<String> regions = List.copyOf(found.keySet());
        List<String> types = found.values().stream()
                .map(RegionPools::types)
                .flatMap(Collection::stream)
                .distinct()
                .toList();
        if (types.size() < MIN_SCORED_TYPES) {
            throw new ServiceException(
                    ErrorCode.TOO_FEW_TYPES,
                    "EC2's placement scores need at least " + MIN_SCORED_TYPES + " types, got " + types.size()
                            + "; name more types, or send another 'allocation'.");
        }
        if (regions.size() > MAX_SCORED_REGIONS) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "EC2 scores at most " + MAX_SCORED_REGIONS + " 'regions' at a time, got " + regions.size()
                            + "; name fewer, or send another 'allocation'.");
        }
        Map<String, Integer> byZone = new HashMap<>();
        scores.scores(regions.getFirst(), regions, types, launch.count(), true, callContext)
                .scores()
                .forEach(score -> {
                    if (score.zone() != null) {
                        byZone.put(score.zone(), score.score());
                    }
                });
        return byZone;
    }
}
