package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** CloudWatch with EC2's metric {@code CPUUtilization}. Thread-safe. */
public final class FakeCloudWatch {
    private final Map<String, NavigableMap<Instant, Double>> values = new ConcurrentHashMap<>();

    /** Sets the value of an instance for the period that begins at a time. */
    public void put(String instance, Instant start, double percent) {
        values.computeIfAbsent(instance, first -> new TreeMap<>()).put(start, percent);
    }

    /** Removes a value. */
    public void remove(String instance, Instant start) {
        values.getOrDefault(instance, new TreeMap<>()).remove(start);
    }

    AwsResponse answer(AwsCall call) {
        Instant from = Instant.parse(call.text("StartTime"));
        Instant to = Instant.parse(call.text("EndTime"));
        StringBuilder results = new StringBuilder();
        for (int i = 1; call.get("MetricDataQueries.member." + i + ".Id") != null; i++) {
            String query = "MetricDataQueries.member." + i + ".";
            String metric = query + "MetricStat.Metric.";
            if (!call.has(metric + "Namespace=AWS/EC2")
                    || !call.has(metric + "MetricName=CPUUtilization")
                    || !call.has(metric + "Dimensions.member.1.Name=InstanceId")) {
                throw new IllegalArgumentException(call.form());
            }
            StringBuilder timestamps = new StringBuilder();
            StringBuilder numbers = new StringBuilder();
            values.getOrDefault(call.text(metric + "Dimensions.member.1.Value"), new TreeMap<>())
                    .subMap(from, true, to, false)
                    .descendingMap()
                    .forEach((time, percent) -> {
                        timestamps.append(element("member", time.toString()));
                        numbers.append(element("member", percent.toString()));
                    });
            results.append("<member>")
                    .append(element("Id", call.text(query + "Id")))
                    .append("<Timestamps>" + timestamps + "</Timestamps><Values>" + numbers + "</Values>")
                    .append(element("StatusCode", "Complete"))
                    .append("</member>");
        }
        return new AwsResponse(
                200,
                "<GetMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><GetMetricDataResult>"
                        + "<MetricDataResults>" + results + "</MetricDataResults></GetMetricDataResult>"
                        + "</GetMetricDataResponse>");
    }
}
