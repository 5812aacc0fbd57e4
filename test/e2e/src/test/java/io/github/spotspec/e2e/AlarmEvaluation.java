package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * An alarm of this project's metrics, judged by its own definition, as CloudWatch does it (CloudWatch user guide, "Alarm
 * evaluation"): it is on when all of its latest periods breach. Where a period has no data, CloudWatch also looks at some before
 * it; here what is missing counts at once as the alarm says.
 */
record AlarmEvaluation(JsonNode definition) {
    /** What one period has of each metric whose only dimension is the service: the values that were written. */
    record Period(Map<String, List<Double>> values) {
        /** Takes the metrics from lines of a log, as they are embedded. */
        static Period of(List<JsonNode> lines) {
            Map<String, List<Double>> values = new TreeMap<>();
            for (JsonNode line : lines) {
                for (JsonNode directive : line.at("/_aws/CloudWatchMetrics")) {
                    if (directive.path("Dimensions").toString().equals("[[\"service\"]]")) {
                        directive
                                .path("Metrics")
                                .forEach(metric -> values.computeIfAbsent(
                                                metric.path("Name").asText(), first -> new ArrayList<>())
                                        .add(line.path(metric.path("Name").asText())
                                                .asDouble()));
                    }
                }
            }
            return new Period(values);
        }
    }

    /** Returns whether it is on after these periods, of which there must be as many as it looks at. */
    boolean isInAlarm(List<Period> periods) {
        int looksAt = definition.path("EvaluationPeriods").asInt();
        return periods.subList(periods.size() - looksAt, periods.size()).stream()
                .allMatch(this::isBreaching);
    }

    private boolean isBreaching(Period period) {
        List<Double> values =
                period.values().getOrDefault(definition.path("MetricName").asText(), List.of());
        if (values.isEmpty()) {
            return switch (definition.path("TreatMissingData").asText()) {
                case "breaching" -> true;
                case "notBreaching" -> false;
                default -> throw new AssertionError(definition);
            };
        }
        double threshold = definition.path("Threshold").asDouble();
        double value = statistic(values);
        return switch (definition.path("ComparisonOperator").asText()) {
            case "GreaterThanOrEqualToThreshold" -> value >= threshold;
            case "LessThanThreshold" -> value < threshold;
            default -> throw new AssertionError(definition);
        };
    }

    private double statistic(List<Double> values) {
        DoubleStream all = values.stream().mapToDouble(Double::doubleValue);
        return switch (definition.path("Statistic").asText()) {
            case "Sum" -> all.sum();
            case "Maximum" -> all.max().orElseThrow();
            case "SampleCount" -> all.count();
            default -> throw new AssertionError(definition);
        };
    }
}
