package io.github.spotspec.function.runtime;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics in one line of the log, in CloudWatch's embedded metric format (CloudWatch user guide, "Specification:
 * Embedded metric format"). The deployment is a dimension of each metric. CloudWatch charges for each metric per hour
 * in which it is written, so a count of zero is not written. Not thread-safe.
 */
public final class Metrics {
    /** The CloudWatch namespace of all metrics. */
    public static final String NAMESPACE = "spotspec";

    private static final String SERVICE = "service";

    private final Map<List<String>, List<Map<String, String>>> directives = new LinkedHashMap<>();
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Adds a count. Does nothing if the count is zero. */
    public Metrics count(String name, int times) {
        return times == 0 ? this : put(name, "Count", times);
    }

    /**
     * Adds a value.
     *
     * @param unit a unit that CloudWatch knows
     * @param value a number, as {@link io.github.spotspec.function.runtime.Json#write} accepts it
     */
    public Metrics put(String name, String unit, Object value) {
        return put(name, unit, value, List.of());
    }

    /**
     * Adds a value with more dimensions than the deployment, as a metric of its own. CloudWatch charges for each
     * combination of dimension values as for a metric, so there must be few.
     *
     * @param by the dimensions: names of fields in the log line
     */
    public Metrics put(String name, String unit, Object value, List<String> by) {
        values.put(name, value);
        List<String> dimensions = new ArrayList<>(List.of(SERVICE));
        dimensions.addAll(by);
        directives.computeIfAbsent(dimensions, first -> new ArrayList<>()).add(Map.of("Name", name, "Unit", unit));
        return this;
    }

    /** Adds the metrics to a log line in the format that CloudWatch reads. Does nothing if there are no metrics. */
    void write(Instant time, Map<String, Object> line) {
        if (directives.isEmpty()) {
            return;
        }
        List<Map<String, Object>> written = new ArrayList<>();
        directives.forEach((dimensions, metrics) ->
                written.add(Map.of("Namespace", NAMESPACE, "Dimensions", List.of(dimensions), "Metrics", metrics)));
        line.put("_aws", Map.of("Timestamp", time.toEpochMilli(), "CloudWatchMetrics", written));
        line.putAll(values);
    }
}
