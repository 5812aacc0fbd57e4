package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.infra.Synthesis.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;

/** What CloudWatch and X-Ray show of a service: dashboard, alarms, metrics, queries and traces. */
final class MonitoringTest {
    private static final String SERVICE = "Test/Spot@us-west-2";

    private final Synthesis watched = Deployments.watched();

    @Test
    void createsNoDashboardOrAlarmsByDefault() {
        for (String type : List.of("AWS::CloudWatch::Dashboard", "AWS::CloudWatch::Alarm")) {
            assertEquals(List.of(), Deployments.byDefault().all(type));
        }
        assertFalse(Deployments.byDefault().text().contains("TracingConfig"));
    }

    @Test
    void dashboardShowsOnlyMetricsOfTheService() throws Exception {
        Resource dashboard = watched.only("AWS::CloudWatch::Dashboard");
        assertFalse(dashboard.properties().containsKey("DashboardName"), "two services must not share a dashboard");
        List<String> titles = new ArrayList<>();
        for (JsonNode widget : body(watched).path("widgets")) {
            titles.add(widget.at("/properties/title").asText());
            for (JsonNode metric : widget.at("/properties/metrics")) {
                assertTrue(
                        metric.toString().contains(SERVICE)
                                || metric.path(0).asText().equals("AWS/Lambda"),
                        metric.toString());
            }
        }
        assertEquals(
                List.of(
                        "Requests",
                        "Errors by reason",
                        "Latency (ms)",
                        "Launches",
                        "Instances alive",
                        "Interruptions and warnings",
                        "Ended by the keeper",
                        "Longest overrun of a lease (s)",
                        "The keeper's failures",
                        "Cost of what runs (US$ an hour)",
                        "Cost of what has ended (US$)",
                        "Spot prices (US$ an hour)"),
                titles);
    }

    @Test
    void dashboardWithoutLaunchHasOnlyRequestGraphs() throws Exception {
        Synthesis priceOnly = Synthesis.of(
                SpotServiceProps.builder().tasks(SpotTask.PRICE).mfaTasks().dashboard(true));

        assertEquals(3, body(priceOnly).path("widgets").size());
    }

    @Test
    void alarmsWatchTheseMetricsAndNotifyTheTopic() {
        List<Resource> alarms = watched.all("AWS::CloudWatch::Alarm");
        Map<String, String> actual = new TreeMap<>();
        for (Resource alarm : alarms) {
            assertTrue(alarm.get("AlarmDescription").toString().matches(".{100,1024}"), alarm.toString());
            assertEquals(List.of("${Alarms04B5A0BF}"), alarm.get("AlarmActions"));
            assertEquals(List.of("${Alarms04B5A0BF}"), alarm.get("OKActions"));
            String comparison = switch (alarm.get("ComparisonOperator").toString()) {
                case "GreaterThanOrEqualToThreshold" -> ">=";
                case "LessThanThreshold" -> "<";
                default -> alarm.toString();
            };
            actual.put(
                    alarm.id().replaceFirst("SpotAlarms(.*)[0-9A-F]{8}", "$1"),
                    alarm.get("Namespace") + " " + alarm.get("MetricName") + " " + alarm.get("Statistic") + " "
                            + comparison
                            + " " + alarm.get("Threshold") + ", " + alarm.get("EvaluationPeriods") + " x "
                            + alarm.get("Period")
                            + ", " + alarm.get("TreatMissingData"));
        }
        assertEquals(
                Map.of(
                        "Faults", "spotspec Faults Sum >= 1, 1 x 300, notBreaching",
                        "FunctionErrors", "AWS/Lambda Errors Sum >= 1, 1 x 300, notBreaching",
                        "Throttles", "AWS/Lambda Throttles Sum >= 1, 1 x 300, notBreaching",
                        // A keeper that does not run writes no data.
                        "Keeper", "spotspec InstancesAlive SampleCount < 1, 2 x 300, breaching",
                        "NotEnded", "spotspec NotEnded Sum >= 1, 2 x 300, notBreaching",
                        "LeasesEndedLate", "spotspec LeaseOverrun Maximum >= 900, 1 x 300, notBreaching",
                        "RotationErrors", "AWS/Lambda Errors Sum >= 1, 1 x 300, notBreaching"),
                actual);
    }

    @Test
    void onlyAlarmsOfThisAccountMayPublish() {
        List<Object> documents = List.of(
                watched.all("AWS::SNS::TopicPolicy").stream()
                        .filter(policy -> policy.get("Topics").toString().contains("Alarms04B5A0BF"))
                        .findAny()
                        .orElseThrow()
                        .get("PolicyDocument"),
                watched.only("AWS::KMS::Key").get("KeyPolicy"));
        for (Object document : documents) {
            Statement statement = Policy.of(List.of(document)).get("AlarmsOfThisAccount");
            assertEquals(Set.of("Service cloudwatch.amazonaws.com"), statement.principals());
            assertEquals(Set.of("111122223333"), statement.conditionValues("StringEquals aws:SourceAccount"));
            assertEquals(
                    Set.of("arn:aws:cloudwatch:us-west-2:111122223333:alarm:*"),
                    statement.conditionValues("ArnLike aws:SourceArn"));
        }
    }

    @Test
    void keeperAlarmsFollowItsSchedule() {
        Stack stack = new Stack(new App(), "Test");
        new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .keeperSchedule(Duration.hours(2))
                        .alarmTopic(software.amazon.awscdk.services.sns.Topic.fromTopicArn(
                                stack, "T", "arn:aws:sns:us-west-2:111122223333:t"))
                        .build());
        Synthesis slow = Synthesis.of(stack);

        assertEquals(
                7_200, slow.only("AWS::CloudWatch::Alarm", "SpotAlarmsKeeper").number("Period"));
        Resource late = slow.only("AWS::CloudWatch::Alarm", "SpotAlarmsLeases");
        assertEquals(14_700, late.number("Threshold"));
        assertEquals(7_200, late.number("Period"), "missing data between two runs is not a breach");
    }

    @Test
    void metricsAcceptOptions() {
        SpotService service = new SpotService(new Stack(), "Spot");

        Metric launches = service.metricLaunches();
        assertEquals("spotspec", launches.getNamespace());
        assertEquals("Launches", launches.getMetricName());
        assertEquals("Sum", launches.getStatistic());
        assertEquals(Map.of("service", service.getServiceName()), launches.getDimensions());
        Metric slowest = service.metricLatency(MetricOptions.builder()
                .statistic("p99")
                .period(Duration.hours(1))
                .build());
        assertEquals("p99", slowest.getStatistic());
        assertEquals(3_600, slowest.getPeriod().toSeconds().intValue());
        assertEquals(
                Map.of("service", service.getServiceName(), "reason", "NoCapacity"),
                service.metricErrors("NoCapacity").getDimensions());
        assertEquals(
                Map.of("service", service.getServiceName(), "zone", "us-west-2a", "type", "m7g.large"),
                service.metricSpotPrice("us-west-2a", "m7g.large").getDimensions());
    }

    @Test
    void savedQueriesReadOnlyTheServicesLog() {
        List<Resource> queries = Deployments.byDefault().all("AWS::Logs::QueryDefinition");

        assertEquals(
                Set.of(
                        "Errors by reason",
                        "Requests by caller",
                        "Slowest requests",
                        "Launches",
                        "Ended by the keeper",
                        "Cost by caller"),
                queries.stream()
                        .map(query -> query.get("Name").toString())
                        .map(name -> name.replace("spotspec/Test-Spot@us-west-2/", ""))
                        .collect(Collectors.toSet()));
        for (Resource query : queries) {
            assertEquals(List.of("${SpotLog03B6CAE7}"), query.get("LogGroupNames"));
            assertTrue(
                    query.get("QueryString").toString().startsWith("filter service = \"" + SERVICE + "\" | filter "),
                    query.toString());
            // The pattern in the API reference of CloudWatch Logs.
            assertTrue(query.get("Name").toString().matches("[^:*/]+(/[^:*/]+)*"), query.toString());
        }
        assertEquals(
                3, Deployments.priceOnly().all("AWS::Logs::QueryDefinition").size());
    }

    @Test
    void tracingAddsOnlyPermissionToWriteTraces() {
        assertEquals(
                Map.of("Mode", "Active"),
                watched.only("AWS::Lambda::Function", "SpotFunction").get("TracingConfig"));
        assertEquals(
                1,
                watched.all("AWS::Lambda::Function").stream()
                        .filter(function -> function.properties().containsKey("TracingConfig"))
                        .count());
        List<Statement> others =
                new ArrayList<>(watched.policyOfRole("SpotFunctionRole").statements());
        others.removeIf(statement -> statement.actions().toString().contains("logs:")
                || statement.actions().toString().contains("secretsmanager:"));
        assertEquals(1, others.size(), others.toString());
        assertEquals(
                Set.of("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
                Set.copyOf(others.get(0).actions()));
    }

    @Test
    void keeperKnowsTheWatchedTypes() {
        assertEquals(
                List.of("m7g.large", "c7g.large"),
                watched.settings("SpotKeeper").get("watchedTypes"));
    }

    private static JsonNode body(Synthesis synthesis) throws Exception {
        return new ObjectMapper()
                .readTree(synthesis
                        .only("AWS::CloudWatch::Dashboard")
                        .get("DashboardBody")
                        .toString());
    }
}
