package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.cloudformation.ResourceType.PhysicalResource;
import io.github.spotspec.local.cloudformation.ResourceType.ResourceSpec;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Monitoring;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests which dashboards, alarms and queries CloudWatch rejects. */
final class MonitoringTypesTest {
    private final Monitoring monitoring = new Monitoring();
    private final Logs logs = new Logs();
    private final Map<String, ResourceType> types = new MonitoringTypes(monitoring, logs, "111122223333").all();

    @Test
    void dashboardNeedsJsonWithWidgets() {
        PhysicalResource made = create("AWS::CloudWatch::Dashboard", Map.of("DashboardBody", "{\"widgets\":[]}"));

        assertEquals(List.of("arn:aws:cloudwatch::111122223333:dashboard/" + made.id()), monitoring.ids());
        for (String wrong : List.of("{", "{}", "")) {
            assertRejected("AWS::CloudWatch::Dashboard", Map.of("DashboardBody", wrong));
        }
    }

    @Test
    void limitsEvaluationPeriodOfAlarms() {
        for (List<Integer> right : List.of(List.of(300, 288), List.of(3_600, 168), List.of(86_400, 2))) {
            create("AWS::CloudWatch::Alarm", alarm(right.get(0), right.get(1)));
        }
        for (List<Integer> wrong : List.of(List.of(300, 289), List.of(3_600, 169), List.of(90, 1))) {
            assertRejected("AWS::CloudWatch::Alarm", alarm(wrong.get(0), wrong.get(1)));
        }
    }

    @Test
    void queryNeedsExistingLogGroup() {
        assertRejected("AWS::Logs::QueryDefinition", query("spotspec/errors", "log"));
        logs.create("arn:aws:logs:us-west-2:111122223333:log-group:log");

        PhysicalResource made = create("AWS::Logs::QueryDefinition", query("spotspec/errors", "log"));

        assertEquals("fields @message", monitoring.content(made.id()));
        for (String wrong : List.of("a:b", "a//b", "/a", "a/")) {
            assertRejected("AWS::Logs::QueryDefinition", query(wrong, "log"));
        }
    }

    private static Map<String, Object> alarm(int period, int periods) {
        return Map.of(
                "Namespace", "spotspec",
                "MetricName", "Faults",
                "Statistic", "Sum",
                "Threshold", 1,
                "ComparisonOperator", "GreaterThanOrEqualToThreshold",
                "Period", period,
                "EvaluationPeriods", periods);
    }

    private static Map<String, Object> query(String name, String logGroup) {
        return Map.of("Name", name, "QueryString", "fields @message", "LogGroupNames", List.of(logGroup));
    }

    private PhysicalResource create(String type, Map<String, Object> properties) {
        return Objects.requireNonNull(types.get(type))
                .create(new ResourceSpec("us-west-2", "app-Thing", "Thing", new Properties(properties)));
    }

    private void assertRejected(String type, Map<String, Object> properties) {
        assertEquals(
                "ValidationError",
                assertThrows(AwsError.class, () -> create(type, properties)).code());
    }
}
