package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.CpuMetric;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The API of Amazon CloudWatch, with EC2's metric {@code CPUUtilization} of single instances. */
final class CloudWatchApi extends QueryApi {
    private static final int MAX_QUERIES = 500;

    private final InstanceStore fleet;
    private final InstantSource clock;

    CloudWatchApi(InstanceStore fleet, InstantSource clock) {
        super("http://monitoring.amazonaws.com/doc/2010-08-01/");
        this.fleet = fleet;
        this.clock = clock;
    }

    @Override
    public String service() {
        return "monitoring";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("GetMetricData", this::getMetricData);
    }

    private record Query(String id, String instance) {}

    private Consumer<Xml> getMetricData(ApiCall call, Params params) {
        Instant from = Objects.requireNonNull(params.time("StartTime"), "StartTime");
        Instant to = Objects.requireNonNull(params.time("EndTime"), "EndTime");
        int count = params.count("MetricDataQueries.member");
        if (count < 1 || count > MAX_QUERIES) {
            throw new AwsError(400, "ValidationError", "MetricDataQueries must have from 1 to 500 members.");
        }
        List<Query> queries = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 1; i <= count; i++) {
            Query query = query(params, "MetricDataQueries.member." + i + ".");
            if (!query.id().matches("[a-z][A-Za-z0-9_]*") || !ids.add(query.id())) {
                throw new AwsError(400, "ValidationError", "Invalid or duplicate id " + query.id());
            }
            queries.add(query);
        }
        if (!from.isBefore(to)) {
            throw new AwsError(400, "ValidationError", "StartTime must be before EndTime.");
        }
        // CloudWatch has neither resources nor a condition key for this action.
        call.authorize("cloudwatch:GetMetricData", "*");
        return xml -> xml.list("MetricDataResults", "member", queries, (item, query) -> {
            NavigableMap<Instant, Double> values =
                    values(call.region(), query.instance(), from, to).descendingMap();
            item.put("Id", query.id())
                    .put("Label", "CPUUtilization")
                    .list("Timestamps", "member", values.keySet(), Xml::text)
                    .list("Values", "member", values.values(), Xml::text)
                    .put("StatusCode", "Complete");
        });
    }

    private static Query query(Params params, String prefix) {
        String stat = prefix + "MetricStat.";
        String metric = stat + "Metric.";
        String name = params.required(metric + "Namespace") + " " + params.required(metric + "MetricName");
        String dimension = metric + "Dimensions.member.";
        String statistic = params.required(stat + "Stat");
        int period = params.whole(stat + "Period", 0);
        boolean known = name.equals("AWS/EC2 CPUUtilization")
                && params.count(metric + "Dimensions.member") == 1
                && params.required(dimension + "1.Name").equals("InstanceId")
                // All statistics of one value are the same.
                && Set.of("Average", "Maximum", "Minimum").contains(statistic)
                && period == CpuMetric.PERIOD.toSeconds()
                && params.text(prefix + "ReturnData", "true").equals("true");
        if (!known) {
            throw AwsError.unknown("the metric " + name + ", " + statistic + " over " + period + " seconds");
        }
        return new Query(params.required(prefix + "Id"), params.required(dimension + "1.Value"));
    }

    private NavigableMap<Instant, Double> values(String region, String id, Instant from, Instant to) {
        Instant now = clock.instant();
        Instance instance = fleet.instances(region).stream()
                .filter(one -> one.id().equals(id) && one.state(now) == Instance.State.RUNNING)
                .findFirst()
                .orElse(null);
        return instance == null ? new TreeMap<>() : fleet.cpu().values(instance, from, to.isBefore(now) ? to : now);
    }
}
