package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * Evaluates an alarm as CloudWatch does (CloudWatch user guide, "Alarm evaluation"): it is in alarm if all of its
 * latest periods breach the threshold. Unlike CloudWatch, it never uses earlier periods in place of a period without
 * data.
 */
record AlarmEvaluation(JsonNode definition) {
    /** The values of each metric in one period. Only metrics whose single dimension is the service count. */
    record Period(Map<String, List<Double>> values) {
        /** Reads embedded metrics from log lines. */
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

    /** Returns whether it is in alarm after these periods. There must be enough periods to evaluate. */
    boolean isInAlarm(List<Period> periods) {
        int evaluated = definition.path("EvaluationPeriods").asInt();
        return periods.subList(periods.size() - evaluated, periods.size()).stream()
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
