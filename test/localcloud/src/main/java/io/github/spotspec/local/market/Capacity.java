package io.github.spotspec.local.market;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The capacity of pools. Most pools have ample capacity, but occasionally one has none for an hour. Which pool, and
 * when, is a function of the seed and the time, unless the capacity is set explicitly. Thread-safe.
 */
public final class Capacity {
    private static final int AMPLE = 50;
    private static final int SHORT_PERCENT = 6;

    /**
     * The number of configurations that EC2 scores in 24 hours. It scores the same ones repeatedly. Here the 24 hours
     * never end.
     */
    private static final int MAX_SCORED = 10;

    private record Pool(String type, String zone) {}

    private final long seed;
    private final Map<Pool, Integer> spot = new ConcurrentHashMap<>();
    private final Set<String> scored = new HashSet<>();
    private volatile boolean alwaysAmple;
    private volatile int spotVcpus = Integer.MAX_VALUE;
    private volatile int onDemandVcpus = Integer.MAX_VALUE;

    public Capacity(long seed) {
        this.seed = seed;
    }

    /** Returns how many Spot Instances of a type a zone can run at the same time. */
    public int spot(String type, String zone, Instant at) {
        Integer set = spot.get(new Pool(type, zone));
        if (set != null) {
            return set;
        }
        long hour = at.getEpochSecond() / Duration.ofHours(1).toSeconds();
        long chance = SpotMarket.mix(seed ^ (type + zone).hashCode() ^ hour * 0x9e3779b97f4a7c15L);
        return !alwaysAmple && Math.floorMod(chance, 100) < SHORT_PERCENT ? 0 : AMPLE;
    }

    /** Returns how many on-demand instances of any type any zone can run. */
    public int onDemand() {
        return AMPLE;
    }

    /** Sets the capacity for Spot Instances of a type in a zone. */
    public void setSpot(String type, String zone, int room) {
        spot.put(new Pool(type, zone), room);
    }

    /**
     * Returns the account's quota of virtual CPUs that run at the same time in a region. EC2 has such quotas for
     * several groups of types. Here all types share one.
     *
     * @param spotInstances whether the quota is for Spot Instances or for On-Demand Instances
     */
    public int quota(boolean spotInstances) {
        return spotInstances ? spotVcpus : onDemandVcpus;
    }

    /** Sets the quotas of virtual CPUs of every region. */
    public void setQuotas(int spotVcpus, int onDemandVcpus) {
        this.spotVcpus = spotVcpus;
        this.onDemandVcpus = onDemandVcpus;
    }

    /** Returns whether EC2 returns a placement score for a configuration. If it does once, it always does. */
    public boolean canScore(String configuration) {
        synchronized (scored) {
            return scored.contains(configuration) || (scored.size() < MAX_SCORED && scored.add(configuration));
        }
    }

    /**
     * Removes explicit capacities, quotas and scored configurations.
     *
     * @param plenty whether every pool keeps ample capacity, or pools may run out by chance
     */
    public void reset(boolean plenty) {
        spot.clear();
        setQuotas(Integer.MAX_VALUE, Integer.MAX_VALUE);
        synchronized (scored) {
            scored.clear();
        }
        alwaysAmple = plenty;
    }
}
