package io.github.spotspec.function.runtime;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics that one line of the log carries, in CloudWatch's embedded metric format (CloudWatch user guide, "Specification:
 * Embedded metric format"). Each has the deployment as its dimension. CloudWatch charges each metric by the hour in which it
 * is written, so what did not happen is not counted. Not thread-safe.
 */
public final class Metrics {
    /** The namespace. */
    public static final String NAMESPACE = "spotspec";

    private static final String SERVICE = "service";

    private final Map<List<String>, List<Map<String, String>>> directives = new LinkedHashMap<>();
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Counts something that happened; nothing is written if it did not. */
    public Metrics count(String name, int times) {
        return times == 0 ? this : put(name, "Count", times);
    }

    /**
     * Takes a value.
     *
     * @param unit one of CloudWatch's
     * @param value a number, as {@link io.github.spotspec.function.runtime.Json#write} takes it
     */
    public Metrics put(String name, String unit, Object value) {
        return put(name, unit, value, List.of());
    }

    /**
     * Takes a value by more dimensions than the deployment, as a metric of its own. Each combination of values costs what a
     * metric costs, so there must be few.
     *
     * @param by names of fields that the line has
     */
    public Metrics put(String name, String unit, Object value, List<String> by) {
        values.put(name, value);
        List<String> dimensions = new ArrayList<>(List.of(SERVICE));
        dimensions.addAll(by);
        directives.computeIfAbsent(dimensions, first -> new ArrayList<>()).add(Map.of("Name", name, "Unit", unit));
        return this;
    }

    /** Puts into a line what CloudWatch reads the metrics from, if there are any. */
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
