package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** CloudWatch with EC2's metric {@code CPUUtilization}. Knows only the query of the keeper. Thread-safe. */
public final class FakeCloudWatch {
    private static final String SECOND_PAGE = "second";
    private static final Map<String, String> QUERY = Map.of(
            "MetricStat.Metric.Namespace",
            "AWS/EC2",
            "MetricStat.Metric.MetricName",
            "CPUUtilization",
            "MetricStat.Metric.Dimensions.member.1.Name",
            "InstanceId",
            "MetricStat.Period",
            "300",
            // With detailed monitoring, one busy minute of a period must be enough.
            "MetricStat.Stat",
            "Maximum");

    private final Map<String, NavigableMap<Instant, Double>> values = new ConcurrentHashMap<>();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private volatile boolean pages;

    /** Sets the value of an instance for the period that begins at a time. */
    public void put(String instance, Instant start, double percent) {
        values.computeIfAbsent(instance, first -> new TreeMap<>()).put(start, percent);
    }

    /** Removes a value. */
    public void remove(String instance, Instant start) {
        values.getOrDefault(instance, new TreeMap<>()).remove(start);
    }

    /** Says from now on that not all values of an instance could be read. */
    public void failFor(String instance) {
        failing.add(instance);
    }

    /** Answers on two pages from now on: the newest value of each instance, then the others. */
    public void answerOnTwoPages() {
        pages = true;
    }

    AwsResponse answer(AwsCall call) {
        boolean second = SECOND_PAGE.equals(call.get("NextToken"));
        boolean more = pages && !second;
        Instant from = Instant.parse(call.text("StartTime"));
        Instant to = Instant.parse(call.text("EndTime"));
        StringBuilder results = new StringBuilder();
        for (int i = 1; call.get("MetricDataQueries.member." + i + ".Id") != null; i++) {
            String query = "MetricDataQueries.member." + i + ".";
            QUERY.forEach((name, value) -> {
                if (!call.has(query + name + "=" + value)) {
                    throw new IllegalArgumentException(call.form());
                }
            });
            String instance = call.text(query + "MetricStat.Metric.Dimensions.member.1.Value");
            List<Map.Entry<Instant, Double>> found = new ArrayList<>(values.getOrDefault(instance, new TreeMap<>())
                    .subMap(from, true, to, false)
                    .descendingMap()
                    .entrySet());
            if (pages && !found.isEmpty()) {
                found = second ? found.subList(1, found.size()) : found.subList(0, 1);
            }
            StringBuilder timestamps = new StringBuilder();
            StringBuilder numbers = new StringBuilder();
            found.forEach(value -> {
                timestamps.append(element("member", value.getKey().toString()));
                numbers.append(element("member", value.getValue().toString()));
            });
            String complete = more ? "PartialData" : "Complete";
            results.append("<member>")
                    .append(element("Id", call.text(query + "Id")))
                    .append("<Timestamps>" + timestamps + "</Timestamps><Values>" + numbers + "</Values>")
                    .append(element("StatusCode", failing.contains(instance) ? "InternalError" : complete))
                    .append("</member>");
        }
        return new AwsResponse(
                200,
                "<GetMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><GetMetricDataResult>"
                        + "<MetricDataResults>" + results + "</MetricDataResults>"
                        + (more ? element("NextToken", SECOND_PAGE) : "")
                        + "</GetMetricDataResult></GetMetricDataResponse>");
    }
}
