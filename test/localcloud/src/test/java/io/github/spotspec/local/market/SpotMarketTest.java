package io.github.spotspec.local.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.market.SpotMarket.Pool;
import io.github.spotspec.local.market.SpotMarket.Price;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the simulated spot market. */
final class SpotMarketTest {
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
    private static final SpotMarket MARKET = new SpotMarket(42);

    /** Shared by all tests, because sorting thousands of pools is slow. */
    private static final List<Pool> POOLS = MARKET.pools("us-east-1");

    private static List<Pool> some() {
        return POOLS.subList(0, 50);
    }

    private static List<Pool> linux() {
        return POOLS.stream()
                .filter(pool -> pool.product().equals("Linux/UNIX"))
                .toList();
    }

    @Test
    void sameSeedGivesSameMarket() {
        SpotMarket again = new SpotMarket(42);

        assertEquals(MARKET.pools("us-west-1"), again.pools("us-west-1"));
        for (Pool pool : some()) {
            assertEquals(MARKET.at(pool, NOW), again.at(pool, NOW));
            assertEquals(
                    MARKET.history(pool, NOW.minus(Duration.ofDays(2)), NOW),
                    again.history(pool, NOW.minus(Duration.ofDays(2)), NOW));
        }
    }

    @Test
    void otherSeedGivesOtherMarket() {
        SpotMarket other = new SpotMarket(43);

        assertNotEquals(Set.copyOf(MARKET.pools("us-west-1")), Set.copyOf(other.pools("us-west-1")));
        for (Pool pool : some()) {
            assertNotEquals(MARKET.at(pool, NOW).price(), other.at(pool, NOW).price(), pool::toString);
        }
    }

    @Test
    void largeRegionHasThousandsOfPools() {
        int linux = linux().size();

        assertTrue(linux > 3_000 && linux < 10_000, linux + " pools with Linux");
        assertTrue(POOLS.size() > 3 * linux && POOLS.size() <= 4 * linux, POOLS.size() + " pools");
        assertEquals(POOLS.size(), Set.copyOf(POOLS).size());
    }

    @Test
    void poolsAreInZonesOfTheirRegion() {
        Set<Geography.Zone> zones = POOLS.stream()
                .map(pool -> new Geography.Zone(pool.zone(), pool.zoneId()))
                .collect(Collectors.toSet());

        assertEquals(Set.copyOf(Geography.zones("us-east-1")), zones);
        assertTrue(POOLS.stream().allMatch(pool -> pool.region().equals("us-east-1")));
    }

    @Test
    void someTypesAreMissingInSomeZones() {
        Set<Long> zonesOfATypeWithLinux = Set.copyOf(linux().stream()
                .collect(Collectors.groupingBy(Pool::type, Collectors.counting()))
                .values());

        assertTrue(zonesOfATypeWithLinux.containsAll(Set.of(4L, 5L, 6L)), zonesOfATypeWithLinux::toString);
    }

    @Test
    void poolsAreUnordered() {
        List<String> types = POOLS.stream().map(pool -> pool.type().name()).toList();

        assertNotEquals(types.stream().sorted().toList(), types);
    }

    @Test
    void unknownRegionHasNoPools() {
        assertEquals(List.of(), MARKET.pools("us-east-9"));
    }

    @Test
    void armHasNoWindows() {
        assertTrue(POOLS.stream()
                .noneMatch(pool -> pool.type().arm() && pool.product().equals("Windows")));
        assertTrue(POOLS.stream()
                .anyMatch(pool -> !pool.type().arm() && pool.product().equals("Windows")));
        assertEquals(
                Set.copyOf(SpotMarket.PRODUCTS),
                POOLS.stream().map(Pool::product).collect(Collectors.toSet()));
    }

    @Test
    void pricesArePositiveWithSixDecimals() {
        for (Pool pool : POOLS) {
            BigDecimal price = MARKET.at(pool, NOW).price();
            assertTrue(price.signum() > 0, pool::toString);
            assertEquals(6, price.scale(), pool::toString);
        }
    }

    @Test
    void linuxCostsLessThanOnDemand() {
        for (Pool pool : linux()) {
            double onDemand = MARKET.onDemand("us-east-1", pool.type()).doubleValue();
            double share = MARKET.at(pool, NOW).price().doubleValue() / onDemand;
            assertTrue(share > 0.15 && share < 0.95, () -> pool + " costs " + share + " of on-demand");
        }
    }

    @Test
    void licensedProductsCostMore() {
        for (Pool pool : some()) {
            Pool linux = new Pool(pool.region(), pool.zone(), pool.zoneId(), pool.type(), "Linux/UNIX");
            int compared =
                    MARKET.at(pool, NOW).price().compareTo(MARKET.at(linux, NOW).price());
            assertEquals(pool.product().equals("Linux/UNIX") ? 0 : 1, compared, pool::toString);
        }
    }

    @Test
    void onDemandIsCheapestInUnitedStates() {
        Catalog.Type type = POOLS.getFirst().type();
        BigDecimal here = MARKET.onDemand("us-east-1", type);

        for (String region : List.of("eu-central-1", "ap-northeast-1", "sa-east-1")) {
            double ratio = MARKET.onDemand(region, type).doubleValue() / here.doubleValue();
            assertTrue(ratio > 1 && ratio < 1.35, () -> region + " costs " + ratio);
        }
    }

    @Test
    void priceHoldsSinceItsTimestamp() {
        for (Pool pool : some()) {
            Price price = MARKET.at(pool, NOW);
            assertFalse(price.since().isAfter(NOW), pool::toString);
            assertFalse(price.since().isBefore(NOW.minus(Duration.ofHours(9))), pool::toString);
            assertEquals(price, MARKET.at(pool, price.since()));
            assertTrue(MARKET.at(pool, price.since().minusSeconds(1)).since().isBefore(price.since()), pool::toString);
        }
    }

    @Test
    void pricesMoveInSmallSteps() {
        for (Pool pool : some()) {
            List<Price> month = MARKET.history(pool, NOW.minus(Duration.ofDays(30)), NOW);
            Set<BigDecimal> different = month.stream().map(Price::price).collect(Collectors.toCollection(HashSet::new));
            assertTrue(different.size() > 50, () -> different.size() + " prices of " + pool);
            for (int i = 1; i < month.size(); i++) {
                double step = month.get(i - 1).price().doubleValue()
                        / month.get(i).price().doubleValue();
                assertTrue(step > 0.85 && step < 1.15, () -> "a step of " + step + " of " + pool);
            }
        }
    }

    @Test
    void historyCoversWindowWithoutGaps() {
        Instant from = NOW.minus(Duration.ofDays(3));
        for (Pool pool : some()) {
            List<Price> history = MARKET.history(pool, from, NOW);
            // The newest price comes first. The oldest one held at the start of the window.
            assertEquals(MARKET.at(pool, NOW), history.getFirst());
            assertEquals(MARKET.at(pool, from), history.getLast());
            for (int i = 1; i < history.size(); i++) {
                Price newer = history.get(i - 1);
                Price older = history.get(i);
                assertTrue(older.since().isBefore(newer.since()), pool::toString);
                assertEquals(older, MARKET.at(pool, older.since()));
                assertEquals(older, MARKET.at(pool, newer.since().minusSeconds(1)));
            }
        }
    }

    @Test
    void historyAgreesWithCurrentPrices() {
        Instant from = NOW.minus(Duration.ofDays(1));
        for (Pool pool : some()) {
            List<Price> history = MARKET.history(pool, from, NOW);
            IntStream.rangeClosed(0, 24 * 4)
                    .mapToObj(quarter -> from.plus(Duration.ofMinutes(15L * quarter)))
                    .forEach(time -> assertEquals(
                            history.stream()
                                    .filter(price -> !price.since().isAfter(time))
                                    .findFirst()
                                    .orElseThrow(),
                            MARKET.at(pool, time)));
        }
    }

    @Test
    void emptyWindowHasOnePrice() {
        Pool pool = POOLS.getFirst();

        assertEquals(List.of(MARKET.at(pool, NOW)), MARKET.history(pool, NOW, NOW));
    }
}
