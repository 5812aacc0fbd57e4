package io.github.spotspec.local.market;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A spot market without state: the price of a pool is a function of the seed, the pool and the time only.
 *
 * <p>A pool is a type in a zone with a product. Its price changes by a small amount every few hours, around the pool's
 * own discount. Not every zone offers every type. Immutable and thread-safe.
 */
public final class SpotMarket {
    /** EC2's product descriptions, as prices contain them. */
    public static final List<String> PRODUCTS =
            List.of("Linux/UNIX", "Red Hat Enterprise Linux", "SUSE Linux", "Windows");

    /** The types that Local Zones offer. Wavelength Zones offer no spot capacity here. */
    private static final Set<String> LOCAL_ZONE_TYPES =
            Set.of("t3.medium", "t3.xlarge", "c5.2xlarge", "m5.2xlarge", "r5.2xlarge", "g4dn.2xlarge");

    private static final int ANCHOR_EVERY = 8;

    private final long seed;

    public SpotMarket(long seed) {
        this.seed = seed;
    }

    /** A capacity pool. */
    public record Pool(String region, String zone, String zoneId, Catalog.Type type, String product) {}

    /** A price in US dollars per hour, and the time since which it applies. */
    public record Price(Pool pool, BigDecimal price, Instant since) {}

    /** Returns every pool of a region. The order has no meaning, but is always the same. */
    public List<Pool> pools(String region) {
        List<Pool> pools = new ArrayList<>();
        for (Catalog.Type type : Catalog.all().values()) {
            for (Geography.Zone zone : offering(region, type)) {
                for (String product : PRODUCTS) {
                    if (!(product.equals("Windows") && type.arm())) {
                        pools.add(new Pool(region, zone.name(), zone.id(), type, product));
                    }
                }
            }
        }
        pools.sort(
                java.util.Comparator.comparingDouble(pool -> noise(pool.type().name(), pool.zone(), pool.product())));
        return pools;
    }

    /** Returns a pool, or null if the zone does not offer its type. */
    public @Nullable Pool pool(String region, String typeName, String zoneName, String product) {
        Catalog.Type type = Catalog.all().get(typeName);
        if (type == null || (product.equals("Windows") && type.arm())) {
            return null;
        }
        return offering(region, type).stream()
                .filter(zone -> zone.name().equals(zoneName))
                .map(zone -> new Pool(region, zone.name(), zone.id(), type, product))
                .findFirst()
                .orElse(null);
    }

    /** Returns the zones of a region that offer a type. */
    private List<Geography.Zone> offering(String region, Catalog.Type type) {
        return Stream.concat(
                        Geography.zones(region).stream().filter(zone -> isOffered(type, zone)),
                        Geography.edgeZones(region).stream()
                                .filter(zone -> zone.optedIn() && LOCAL_ZONE_TYPES.contains(type.name()))
                                .map(Geography.EdgeZone::zone))
                .toList();
    }

    private boolean isOffered(Catalog.Type type, Geography.Zone zone) {
        return noise(type.name(), zone.id(), "offered") < 0.88;
    }

    /** Returns the on-demand price of a type in a region, in US dollars per hour with Linux. */
    public BigDecimal onDemand(String region, Catalog.Type type) {
        BigDecimal dearer =
                BigDecimal.valueOf(region.startsWith("us-") ? 1.0 : 1.02 + 0.25 * noise(region, "", "on-demand"));
        return type.onDemand().multiply(dearer).setScale(4, RoundingMode.HALF_UP);
    }

    /** Returns a pool's price at the given time. */
    public Price at(Pool pool, Instant time) {
        long period = period(pool);
        long step = Math.floorDiv(time.getEpochSecond() - phase(pool), period);
        return new Price(pool, price(pool, step), Instant.ofEpochSecond(phase(pool) + step * period));
    }

    /** Returns the price at the start of a window and every later change in it, the newest first. */
    public List<Price> history(Pool pool, Instant from, Instant to) {
        List<Price> prices = new ArrayList<>();
        Price price = at(pool, to);
        prices.add(price);
        while (price.since().isAfter(from)) {
            price = at(pool, price.since().minusSeconds(1));
            prices.add(price);
        }
        return prices;
    }

    private BigDecimal price(Pool pool, long step) {
        String key = pool.type().name() + pool.zoneId();
        double discount = 0.28 + 0.32 * noise(key, "", "discount");
        // The price drifts evenly between anchors, with small random changes on top.
        long anchor = Math.floorDiv(step, ANCHOR_EVERY);
        double part = Math.floorMod(step, ANCHOR_EVERY) / (double) ANCHOR_EVERY;
        double drift = (1 - part) * noise(key, Long.toString(anchor), "anchor")
                + part * noise(key, Long.toString(anchor + 1), "anchor");
        double tremble = noise(key, Long.toString(step), "tremble");
        double share = discount * (0.85 + 0.28 * drift + 0.02 * tremble);
        BigDecimal linux = onDemand(pool.region(), pool.type()).multiply(BigDecimal.valueOf(share));
        return linux.add(license(pool.product(), pool.type()))
                .setScale(6, RoundingMode.HALF_UP)
                .max(new BigDecimal("0.000500"));
    }

    /** Returns the surcharge for the product, in US dollars per hour. */
    public static BigDecimal license(String product, Catalog.Type type) {
        String perVcpu = switch (product) {
            case "Windows" -> "0.046";
            case "Red Hat Enterprise Linux" -> "0.0144";
            case "SUSE Linux" -> "0.0125";
            default -> "0";
        };
        return new BigDecimal(perVcpu).multiply(BigDecimal.valueOf(type.vcpus()));
    }

    /** Returns the seconds between two price changes: three to nine hours. */
    private long period(Pool pool) {
        return Duration.ofHours(3).toSeconds()
                + (long) (noise(pool.type().name(), pool.zoneId(), "period")
                        * Duration.ofHours(6).toSeconds());
    }

    private long phase(Pool pool) {
        return (long) (noise(pool.type().name(), pool.zoneId(), "phase")
                * Duration.ofHours(9).toSeconds());
    }

    /** Returns a number from 0 to 1 that depends only on the seed and the words. */
    private double noise(String a, String b, String c) {
        long hash = seed;
        for (String word : new String[] {a, b, c}) {
            for (int i = 0; i < word.length(); i++) {
                hash = mix(hash ^ word.charAt(i));
            }
            hash = mix(hash ^ 0x1_0000);
        }
        return (hash >>> 11) * 0x1.0p-53;
    }

    /** Applies the finalizer of SplitMix64. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
