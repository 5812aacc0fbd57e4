package io.github.spotspec.local.ec2;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * EC2's metric {@code CPUUtilization} with basic monitoring: a value every five minutes while an instance runs.
 * Instances are busy unless a test sets another value. Thread-safe.
 */
public final class CpuMetric {
    /** Basic monitoring writes a value this often. */
    public static final Duration PERIOD = Duration.ofMinutes(5);

    private static final double BUSY = 60;

    private record Setting(double percent, Instant since) {}

    private final Map<String, Setting> settings = new ConcurrentHashMap<>();

    /** Sets the value of an instance for all periods since a time, which may be before its launch. */
    public void set(String instance, double percent, Instant since) {
        settings.put(instance, new Setting(percent, since));
    }

    /** Returns the values of whole periods between two times, by the start of the period. */
    public NavigableMap<Instant, Double> values(Instance instance, Instant from, Instant to) {
        NavigableMap<Instant, Double> values = new TreeMap<>();
        Setting setting = settings.getOrDefault(instance.id(), new Setting(BUSY, instance.launched()));
        Instant first = setting.since();
        long seconds = PERIOD.toSeconds();
        long earliest = Math.max(first.getEpochSecond(), from.getEpochSecond());
        Instant start = Instant.ofEpochSecond(Math.ceilDiv(earliest, seconds) * seconds);
        while (!start.plus(PERIOD).isAfter(to)) {
            values.put(start, setting.percent());
            start = start.plus(PERIOD);
        }
        return values;
    }
}
