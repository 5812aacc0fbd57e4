package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.CpuMetric;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.service.SmallCloud.Answer;
import io.github.spotspec.local.wire.SignedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests GetMetricData. */
final class CloudWatchTest {
    private static final Instant TO = SignedRequest.NOW.plus(Duration.ofHours(1));

    private final SmallCloud cloud = new SmallCloud();

    CloudWatchTest() {
        cloud.allow("*", "*");
    }

    private static Map<String, String> parameters(int first, String instance) {
        String query = "MetricDataQueries.member." + first + ".";
        String metric = query + "MetricStat.Metric.";
        return Map.of(
                query + "Id",
                "i" + first,
                query + "ReturnData",
                "true",
                query + "MetricStat.Period",
                "300",
                query + "MetricStat.Stat",
                "Maximum",
                metric + "Namespace",
                "AWS/EC2",
                metric + "MetricName",
                "CPUUtilization",
                metric + "Dimensions.member.1.Name",
                "InstanceId",
                metric + "Dimensions.member.1.Value",
                instance);
    }

    private Answer read(Map<String, String> queries, Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(queries);
        all.put("Action", "GetMetricData");
        all.put("StartTime", SignedRequest.NOW.toString());
        all.put("EndTime", TO.toString());
        all.putAll(more);
        List<String> parameters = new ArrayList<>();
        all.forEach((name, value) -> parameters.addAll(List.of(name, value)));
        return cloud.query("monitoring", parameters.toArray(String[]::new));
    }

    private Answer read(Instance instance) {
        return read(parameters(1, instance.id()), Map.of());
    }

    private static List<String> members(Answer answer, String list) {
        return Pattern.compile("<" + list + ">(.*?)</" + list + ">", Pattern.DOTALL)
                .matcher(answer.text())
                .results()
                .flatMap(found -> Pattern.compile("<member>([^<]+)</member>")
                        .matcher(found.group(1))
                        .results())
                .map(member -> member.group(1))
                .toList();
    }

    @Test
    void hasOneValueForEachFinishedPeriodSinceTheLaunchNewestFirst() {
        Instance instance = cloud.launch("m5.large");
        assertEquals(List.of(), members(read(instance), "Values"), "no period has ended");

        cloud.later = Duration.ofMinutes(21);
        List<Instant> times = members(read(instance), "Timestamps").stream()
                .map(Instant::parse)
                .toList();

        assertTrue(times.size() >= 3, times.toString());
        for (int i = 0; i < times.size(); i++) {
            Instant time = times.get(i);
            assertEquals(0, time.getEpochSecond() % 300);
            assertTrue(!time.isBefore(SignedRequest.NOW), "from the launch on");
            assertTrue(!time.plus(CpuMetric.PERIOD).isAfter(SignedRequest.NOW.plus(cloud.later)));
            assertTrue(i == 0 || time.isBefore(times.get(i - 1)));
        }
    }

    @Test
    void showsWhatATestSets() {
        Instance instance = cloud.launch("m5.large");
        cloud.fleet.cpu().set(instance.id(), 1.5, SignedRequest.NOW);
        cloud.later = Duration.ofMinutes(11);

        List<String> values = members(read(instance), "Values");

        assertTrue(!values.isEmpty());
        assertTrue(values.stream().allMatch(value -> Double.parseDouble(value) == 1.5), values.toString());
    }

    @Test
    void hasNoValuesOfEndedOrUnknownInstances() {
        Instance ended = cloud.launch("m5.large");
        cloud.later = Duration.ofHours(1);
        assertTrue(!members(read(ended), "Values").isEmpty());
        cloud.query("ec2", "Action", "TerminateInstances", "InstanceId.1", ended.id());

        Map<String, String> both = new TreeMap<>(parameters(1, ended.id()));
        both.putAll(parameters(2, "i-00000000000000000"));
        Answer answer = read(both, Map.of());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(List.of(), members(answer, "Values"));
        assertTrue(answer.text().contains("<Id>i2</Id>"), answer.text());
    }

    @ParameterizedTest
    @CsvSource({
        "MetricDataQueries.member.1.MetricStat.Metric.Namespace, AWS/EBS",
        "MetricDataQueries.member.1.MetricStat.Metric.MetricName, NetworkIn",
        "MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name, ImageId",
        "MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.2.Name, ImageId",
        "MetricDataQueries.member.1.MetricStat.Period, 60",
        "MetricDataQueries.member.1.MetricStat.Stat, Sum",
        "MetricDataQueries.member.1.ReturnData, false",
        "MetricDataQueries.member.1.Id, I1",
        "MetricDataQueries.member.1.Id, ''",
        "MetricDataQueries.member.1.Expression, i1*2",
        "EndTime, 2020-01-01T00:00:00Z",
        "EndTime, soon",
        "ScanBy, TimestampAscending",
        "NextToken, more"
    })
    void rejectsWhatItDoesNotKnow(String name, String value) {
        Instance instance = cloud.launch("m5.large");

        assertEquals(
                400, read(parameters(1, instance.id()), Map.of(name, value)).status());
    }

    @Test
    void rejectsTheSameIdTwiceAndMoreThan500Queries() {
        Map<String, String> queries = new TreeMap<>();
        for (int i = 1; i <= 501; i++) {
            queries.putAll(parameters(i, "i-00000000000000000"));
            if (i == 500) {
                assertEquals(200, read(queries, Map.of()).status());
                assertEquals(
                        "ValidationError",
                        read(queries, Map.of("MetricDataQueries.member.2.Id", "i1"))
                                .element("Code"));
            }
        }

        assertEquals("ValidationError", read(queries, Map.of()).element("Code"));
        assertEquals("ValidationError", read(Map.of(), Map.of()).element("Code"));
    }

    @Test
    void needsTheRight() {
        Instance instance = cloud.launch("m5.large");
        cloud.put("deny", PolicyTexts.statement("Deny", "cloudwatch:GetMetricData", "*"));

        Answer answer = read(instance);

        assertEquals(403, answer.status(), answer.text());
    }
}
