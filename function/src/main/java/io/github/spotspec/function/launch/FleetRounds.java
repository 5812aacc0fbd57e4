package io.github.spotspec.function.launch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Divides the ranked pools of a launch into rounds, each of which is one fleet in one region. EC2 Fleet chooses among
 * the pools of a round. The region with the best-ranked pool comes first. Pools to avoid come after all others.
 */
final class FleetRounds {
    /** A quota (EC2 user guide, "EC2 Fleet quotas"). */
    private static final int MAX_POOLS = 300;

    private FleetRounds() {}

    /**
     * The pools of one fleet.
     *
     * @param number the position among the rounds of its region
     * @param spareSubnets whether these are further subnets of zones that an earlier round has. They have the same
     *     capacity, so the round is useful only if a subnet of the earlier round has no free addresses.
     */
    record Round(String region, int number, boolean spareSubnets, List<CapacityPool> pools) {
        /** Returns the same round with other pools. */
        Round withPools(List<CapacityPool> others) {
            return new Round(region, number, spareSubnets, others);
        }
    }

    private record Group(boolean avoided, String region, int subnet) {}

    private record TypeInZone(Group group, String type, String zone) {}

    /**
     * Returns the rounds in the order in which a launch tries them.
     *
     * @param avoided the pools to try last
     */
    static List<Round> of(List<CapacityPool> ranked, Set<CapacityPool> avoided) {
        Map<Group, List<CapacityPool>> groups = new LinkedHashMap<>();
        for (boolean last : List.of(false, true)) {
            List<CapacityPool> pools = ranked.stream()
                    .filter(pool -> avoided.contains(pool) == last)
                    .toList();
            // So that the rounds of a region's further subnets do not come before another region.
            pools.forEach(pool -> groups.putIfAbsent(new Group(last, pool.region(), 0), new ArrayList<>()));
            Map<TypeInZone, Integer> subnets = new LinkedHashMap<>();
            for (CapacityPool pool : pools) {
                Group first = new Group(last, pool.region(), 0);
                // EC2 rejects a fleet that has a type in a zone twice.
                int subnet = subnets.merge(new TypeInZone(first, pool.type(), pool.zone()), 1, Integer::sum) - 1;
                groups.computeIfAbsent(new Group(last, pool.region(), subnet), group -> new ArrayList<>())
                        .add(pool);
            }
        }
        List<Round> rounds = new ArrayList<>();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        groups.forEach((group, pools) -> {
            for (int from = 0; from < pools.size(); from += MAX_POOLS) {
                rounds.add(new Round(
                        group.region(),
                        numbers.merge(group.region(), 1, Integer::sum) - 1,
                        group.subnet() > 0,
                        List.copyOf(pools.subList(from, Math.min(pools.size(), from + MAX_POOLS)))));
            }
        });
        return rounds;
    }
}
