package io.github.spotspec.local.market;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How much room pools have. Most have plenty; now and then one runs out for an hour. Which and when is a function of seed
 * and time, unless it is set. Thread-safe.
 */
public final class Capacity {
    private static final int PLENTY = 50;
    private static final int SHORT_PERCENT = 6;

    /** EC2 scores so many configurations in 24 hours, and those again and again. Here a day does not end. */
    private static final int MAX_SCORED = 10;

    private record Pool(String type, String zone) {}

    private final long seed;
    private final Map<Pool, Integer> spot = new ConcurrentHashMap<>();
    private final Set<String> scored = new HashSet<>();
    private volatile boolean alwaysPlenty;

    public Capacity(long seed) {
        this.seed = seed;
    }

    /** Returns how many spot instances of a type a zone has room for at a time. */
    public int spot(String type, String zone, Instant at) {
        Integer set = spot.get(new Pool(type, zone));
        if (set != null) {
            return set;
        }
        long hour = at.getEpochSecond() / Duration.ofHours(1).toSeconds();
        long chance = SpotMarket.mix(seed ^ (type + zone).hashCode() ^ hour * 0x9e3779b97f4a7c15L);
        return !alwaysPlenty && Math.floorMod(chance, 100) < SHORT_PERCENT ? 0 : PLENTY;
    }

    /** Returns how many on-demand instances of any type any zone has room for. */
    public int onDemand() {
        return PLENTY;
    }

    /** Sets the room for spot instances of a type in a zone. */
    public void setSpot(String type, String zone, int room) {
        spot.put(new Pool(type, zone), room);
    }

    /** Returns whether EC2 tells how likely a configuration is to be had, which it then does again. */
    public boolean isTold(String configuration) {
        synchronized (scored) {
            return scored.contains(configuration) || (scored.size() < MAX_SCORED && scored.add(configuration));
        }
    }

    /** Takes back what was set and forgets what was scored; and lets no pool run out by chance, or lets it. */
    public void reset(boolean plenty) {
        spot.clear();
        synchronized (scored) {
            scored.clear();
        }
        alwaysPlenty = plenty;
    }
}
