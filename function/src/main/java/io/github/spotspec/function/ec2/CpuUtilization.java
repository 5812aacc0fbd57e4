package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.StatusCode;

/** Reads EC2's metric {@code CPUUtilization} of instances from CloudWatch. Thread-safe. */
public final class CpuUtilization {
    /** EC2 writes a value every five minutes; with detailed monitoring every minute. */
    public static final Duration PERIOD = Duration.ofMinutes(5);

    /** CloudWatch accepts at most this many queries in a call. */
    private static final int MAX_QUERIES = 500;

    private final Map<String, CloudWatchClient> clients = new ConcurrentHashMap<>();
    private final SdkHttpClient http;

    public CpuUtilization(SdkHttpClient http) {
        this.http = http;
    }

    /** Returns the start of the period that a time is in. */
    public static Instant periodOf(Instant time) {
        long seconds = PERIOD.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), seconds) * seconds);
    }

    /**
     * Returns the highest value, in percent, of each period that has one. Instances of which CloudWatch returns no
     * values, or not all that it has, are left out.
     *
     * @param from the start of a period
     * @param to the end of the last period, exclusive
     * @return the values by id of the instance and start of the period
     * @throws software.amazon.awssdk.core.exception.SdkException if CloudWatch does not answer
     */
    public Map<String, NavigableMap<Instant, Double>> read(
            String region, List<String> ids, Instant from, Instant to, AwsCallContext callContext) {
        Map<String, NavigableMap<Instant, Double>> values = new HashMap<>();
        for (int start = 0; start < ids.size(); start += MAX_QUERIES) {
            List<String> batch = ids.subList(start, Math.min(ids.size(), start + MAX_QUERIES));
            GetMetricDataRequest.Builder request = GetMetricDataRequest.builder()
                    .metricDataQueries(queries(batch))
                    .startTime(from)
                    .endTime(to)
                    .overrideConfiguration(callContext::authorize);
            Set<String> incomplete = new HashSet<>();
            for (MetricDataResult result : Pages.all(
                    token -> client(region)
                            .getMetricData(request.nextToken(token).build()),
                    GetMetricDataResponse::nextToken,
                    GetMetricDataResponse::metricDataResults)) {
                // A query's id is the letter i and the place of its instance. Values may come on several pages.
                String id = batch.get(Integer.parseInt(result.id().substring(1)));
                if (result.statusCode() == StatusCode.COMPLETE) {
                    incomplete.remove(id);
                } else {
                    incomplete.add(id);
                }
                NavigableMap<Instant, Double> ofInstance = values.computeIfAbsent(id, first -> new TreeMap<>());
                int count = Math.min(result.timestamps().size(), result.values().size());
                for (int i = 0; i < count; i++) {
                    ofInstance.put(result.timestamps().get(i), result.values().get(i));
                }
            }
            values.keySet().removeAll(incomplete);
        }
        return values;
    }

    private static List<MetricDataQuery> queries(List<String> ids) {
        List<MetricDataQuery> queries = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            queries.add(MetricDataQuery.builder()
                    .id("i" + i)
                    .metricStat(stat -> stat.metric(metric -> metric.namespace("AWS/EC2")
                                    .metricName("CPUUtilization")
                                    .dimensions(Dimension.builder()
                                            .name("InstanceId")
                                            .value(id)
                                            .build()))
                            .period((int) PERIOD.toSeconds())
                            .stat("Maximum"))
                    .returnData(true)
                    .build());
        }
        return queries;
    }

    private CloudWatchClient client(String region) {
        return clients.computeIfAbsent(
                region,
                key -> AwsClients.build(CloudWatchClient.builder(), Region.of(key), http, AwsClients.noCredentials()));
    }
}
