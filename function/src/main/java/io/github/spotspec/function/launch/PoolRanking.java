package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.runtime.Operator;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Ranks the capacity pools that a launch can try, best first. Thread-safe. */
final class PoolRanking {
    /**
     * The maximum number of types to try when the request describes them. Launches would hardly ever reach the later
     * ones.
     */
    private static final int MAX_TYPES = 60;

    /** EC2 returns no meaningful score for fewer types. */
    private static final int MIN_SCORED_TYPES = 3;

    private final InstanceTypes instanceTypes;
    private final SpotPrices prices;
    private final PlacementScores scores;
    private final Subnets subnets;
    private final GuardRails guardRails;

    PoolRanking(Launcher.PoolSources sources, GuardRails guardRails) {
        this.instanceTypes = sources.instanceTypes();
        this.prices = sources.spotPrices();
        this.scores = sources.scores();
        this.subnets = sources.subnets();
        this.guardRails = guardRails;
    }

    /**
     * The ranked pools of a launch.
     *
     * @param unknownTypes the types that the launch names and EC2 does not know
     */
    record RankedPools(List<CapacityPool> pools, List<String> unknownTypes) {}

    /**
     * Returns the pools for a launch. Pools to avoid come last. The others are sorted by score if the launch asks for
     * it, then by price, and then by name, so that equal requests get equal answers. EC2 calls the order by price
     * lowest-price; of its strategies, it has the highest risk of interruption.
     *
     * @throws ServiceException if there is no pool
     */
    RankedPools rank(Launch launch, Images.Image image, UnavailablePools avoided, Operator operator, Instant now) {
        List<String> types = types(launch, image, operator);
        Map<String, String> bySubnet = launch.pools().subnets().isEmpty() ? Map.of() : subnets(launch, operator);
        boolean onlyOne = types.size() == 1
                && (bySubnet.isEmpty() ? isOneName(launch.pools().zones()) : bySubnet.size() == 1);
        List<CapacityPool> pools = new ArrayList<>();
        List<String> unknown = List.of();
        if (onlyOne
                && !launch.pools().rankByScore()
                && launch.market().maxPrice() == null
                && guardRails.maxPrice() == null) {
            // With one pool and no price limit there is nothing to rank or to compare, so EC2 is not called.
            String subnet =
                    bySubnet.isEmpty() ? null : bySubnet.keySet().iterator().next();
            String zone = subnet == null
                    ? launch.pools().zones().getFirst()
                    : bySubnet.values().iterator().next();
            pools.add(new CapacityPool(types.getFirst(), zone, subnet, null, null));
        } else {
            List<PoolPrice> poolPrices = prices(launch, types, bySubnet, image, operator, now);
            unknown = unknown(launch, poolPrices, operator);
            // Without pools there is nothing to score, and EC2 answers only a few new score queries a day.
            Map<String, Integer> byZone = launch.pools().rankByScore() && !poolPrices.isEmpty()
                    ? scores(launch, without(unknown, types), operator)
                    : Map.of();
            for (PoolPrice price : poolPrices) {
                Integer score = byZone.get(price.zone());
                if (bySubnet.isEmpty()) {
                    pools.add(new CapacityPool(price.instanceType(), price.zone(), null, price.price(), score));
                }
                bySubnet.forEach((subnet, zone) -> {
                    if (zone.equals(price.zone())) {
                        pools.add(new CapacityPool(price.instanceType(), zone, subnet, price.price(), score));
                    }
                });
            }
        }
        if (pools.isEmpty()) {
            if (!unknown.isEmpty() && unknown.size() == types.size()) {
                throw InstanceTypes.unknown(unknown, List.of(launch.region()));
            }
            // This is not a temporary lack of capacity: EC2 offers no such pool.
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 has no Spot capacity pool of " + String.join(", ", types) + " in the zones of this launch in "
                            + launch.region() + "; the task 'price' lists the pools that exist.");
        }
        // Evaluated once, because another request may add pools while this one sorts.
        Set<CapacityPool> last = pools.stream()
                .filter(one -> avoided.contains(one.type(), one.zone(), now))
                .collect(Collectors.toSet());
        pools.sort(Comparator.<CapacityPool>comparingInt(one -> last.contains(one) ? 1 : 0)
                .thenComparingInt(one -> one.score() == null ? 0 : -one.score())
                .thenComparing(one -> one.price() == null ? BigDecimal.ZERO : one.price())
                .thenComparing(CapacityPool::type)
                .thenComparing(CapacityPool::zone)
                .thenComparing(one -> one.subnet() == null ? "" : one.subnet()));
        // A maximum price is compared with the on-demand price of each type, which takes one call per type, so only the
        // first types are kept. Otherwise, all types that the launch names are tried.
        List<CapacityPool> kept = launch.market().maxPrice() != null
                ? ofTypes(OnDemandPrices.MAX_TYPES, pools)
                : launch.pools().requirements() != null ? ofTypes(MAX_TYPES, pools) : pools;
        return new RankedPools(
                image.product() == null
                        ? kept.stream().map(CapacityPool::withoutPrice).toList()
                        : kept,
                unknown);
    }

    /** Returns the named types that have no pool because EC2 does not know them. */
    private List<String> unknown(Launch launch, List<PoolPrice> poolPrices, Operator operator) {
        List<String> priced =
                poolPrices.stream().map(PoolPrice::instanceType).distinct().toList();
        return instanceTypes.unknown(
                launch.region(), without(priced, launch.pools().types()), operator);
    }

    private static List<String> without(List<String> excluded, List<String> types) {
        return types.stream().filter(type -> !excluded.contains(type)).toList();
    }

    /** Returns the pools of the first types, in the same order. */
    private static List<CapacityPool> ofTypes(int most, List<CapacityPool> pools) {
        Set<String> first =
                pools.stream().map(CapacityPool::type).distinct().limit(most).collect(Collectors.toSet());
        return pools.stream().filter(one -> first.contains(one.type())).toList();
    }

    private List<String> types(Launch launch, Images.Image image, Operator operator) {
        if (launch.pools().requirements() == null) {
            return launch.pools().types();
        }
        InstanceRequirements required = withImageArchitecture(launch.pools().requirements(), image);
        List<String> fitting = instanceTypes.fitting(launch.region(), required, operator).stream()
                .filter(guardRails::allowsType)
                .toList();
        if (fitting.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.TYPE_NOT_ALLOWED,
                    "No Spot instance type in " + launch.region()
                            + " that this deployment allows matches the requirements and the image.");
        }
        return fitting;
    }

    /**
     * Returns the requirements with the image's architecture added, because instances of another architecture would not
     * start.
     */
    private static InstanceRequirements withImageArchitecture(InstanceRequirements requested, Images.Image image) {
        if (image.architecture() == null) {
            return requested;
        }
        if (requested.architecture() != null && !requested.architecture().equals(image.architecture())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'architecture' is " + requested.architecture() + ", but image " + image.id() + " is "
                            + image.architecture() + "; omit it, or choose another image.");
        }
        return requested.withArchitecture(image.architecture());
    }

    /** Returns the zone of each subnet, without the subnets outside the zones that the launch names. */
    private Map<String, String> subnets(Launch launch, Operator operator) {
        Map<String, String> zones = new LinkedHashMap<>();
        subnets.zones(launch.region(), launch.pools().subnets(), operator).forEach((subnet, zone) -> {
            if (launch.pools().zones().isEmpty() || zone.isOneOf(launch.pools().zones())) {
                zones.put(subnet, zone.name());
            }
        });
        if (zones.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "No requested subnet is in a requested zone: "
                            + String.join(", ", launch.pools().zones()) + ".");
        }
        return zones;
    }

    /**
     * Returns whether there is exactly one zone and it is given by name. Only the prices return the name of a zone that
     * is given by id.
     */
    private static boolean isOneName(List<String> zones) {
        return zones.size() == 1 && !Zones.isId(zones.getFirst());
    }

    private List<PoolPrice> prices(
            Launch launch,
            List<String> types,
            Map<String, String> bySubnet,
            Images.Image image,
            Operator operator,
            Instant now) {
        List<String> zones = bySubnet.isEmpty()
                ? launch.pools().zones()
                : bySubnet.values().stream().distinct().sorted().toList();
        // The product does not change which pools exist, and seldom changes their order.
        String product = image.product() == null ? SpotPrices.PRODUCTS.getFirst() : image.product();
        SpotPrices.Query query = new SpotPrices.Query(types, List.of(product), zones, false);
        return prices.current(launch.region(), query, operator, now).prices().stream()
                // Local Zones and Wavelength Zones have no default subnet, so a launch goes there only if the request
                // names them.
                .filter(price -> !zones.isEmpty() || Zones.isAvailabilityZone(launch.region(), price.zone()))
                .toList();
    }

    private Map<String, Integer> scores(Launch launch, List<String> types, Operator operator) {
        if (types.size() < MIN_SCORED_TYPES) {
            throw new ServiceException(
                    ErrorCode.TOO_FEW_TYPES,
                    "EC2's placement scores need at least " + MIN_SCORED_TYPES + " types, got " + types.size()
                            + "; name more types, or send 'rank' as 'price'.");
        }
        Map<String, Integer> byZone = new HashMap<>();
        scores.scores(launch.region(), List.of(launch.region()), types, launch.count(), true, operator)
                .scores()
                .forEach(score -> {
                    if (score.zone() != null) {
                        byZone.put(score.zone(), score.score());
                    }
                });
        return byZone;
    }
}
