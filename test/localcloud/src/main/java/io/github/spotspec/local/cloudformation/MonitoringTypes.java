package io.github.spotspec.local.cloudformation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Monitoring;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The resource types for monitoring: dashboards, alarms and saved queries. */
final class MonitoringTypes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DAY = 86_400;

    private final Monitoring monitoring;
    private final Logs logs;
    private final String account;

    MonitoringTypes(Monitoring monitoring, Logs logs, String account) {
        this.monitoring = monitoring;
        this.logs = logs;
        this.account = account;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::CloudWatch::Dashboard", new Dashboard(),
                "AWS::CloudWatch::Alarm", new Alarm(),
                "AWS::Logs::QueryDefinition", new QueryDefinition());
    }

    private static AwsError invalid(String message) {
        return new AwsError(400, "ValidationError", message);
    }

    private final class Dashboard implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("DashboardName", "DashboardBody");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("DashboardName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("DashboardName", wanted.name());
            put(name, wanted);
            return PhysicalResource.of(name);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            put(made.id(), wanted);
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            monitoring.delete(arn(made.id()));
        }

        private void put(String name, ResourceSpec wanted) {
            String body = wanted.properties().required("DashboardBody");
            try {
                if (!JSON.readTree(body).path("widgets").isArray()) {
                    throw invalid("The dashboard body has no widgets");
                }
            } catch (JsonProcessingException e) {
                throw invalid("The dashboard body is invalid JSON");
            }
            monitoring.put(arn(name), body);
        }

        /** Returns a dashboard's ARN, which has no region. */
        private String arn(String name) {
            return "arn:aws:cloudwatch::" + account + ":dashboard/" + name;
        }
    }

    private final class Alarm implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of(
                    "AlarmActions",
                    "AlarmDescription",
                    "AlarmName",
                    "ComparisonOperator",
                    "Dimensions",
                    "EvaluationPeriods",
                    "MetricName",
                    "Namespace",
                    "OKActions",
                    "Period",
                    "Statistic",
                    "Threshold",
                    "TreatMissingData");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("AlarmName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("AlarmName", wanted.name());
            String arn = "arn:aws:cloudwatch:" + wanted.region() + ":" + account + ":alarm:" + name;
            put(arn, wanted);
            return PhysicalResource.of(name, "Arn", arn);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            put(String.valueOf(made.attributes().get("Arn")), wanted);
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            monitoring.delete(String.valueOf(made.attributes().get("Arn")));
        }

        /** Creates or replaces an alarm. Rejects what PutMetricAlarm rejects according to its API reference. */
        private void put(String arn, ResourceSpec wanted) {
            Properties properties = wanted.properties();
            int period = Integer.parseInt(properties.required("Period"));
            int periods = Integer.parseInt(properties.required("EvaluationPeriods"));
            if (period % 60 != 0 || period * periods > (period < 3_600 ? DAY : 7 * DAY)) {
                throw invalid(periods + " periods of " + period + " seconds cannot be evaluated");
            }
            if (properties.text("AlarmDescription", "").length() > 1_024) {
                throw invalid("The alarm's description is too long");
            }
            Map<String, Object> alarm = new TreeMap<>();
            for (String required : List.of("Namespace", "MetricName", "Statistic", "Threshold", "ComparisonOperator")) {
                alarm.put(required, properties.required(required));
            }
            alarm.put("Dimensions", properties.any("Dimensions"));
            alarm.put("Period", period);
            alarm.put("EvaluationPeriods", periods);
            alarm.put("TreatMissingData", properties.text("TreatMissingData", "missing"));
            monitoring.put(arn, JSON.valueToTree(alarm).toString());
        }
    }

    private final class QueryDefinition implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("LogGroupNames", "Name", "QueryString");
        }

        @Override
        public Set<String> replacing() {
            return Set.of();
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String id = wanted.name();
            put(id, wanted);
            return PhysicalResource.of(id, "QueryDefinitionId", id);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            put(made.id(), wanted);
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            monitoring.delete(made.id());
        }

        private void put(String id, ResourceSpec wanted) {
            Properties properties = wanted.properties();
            String name = properties.required("Name");
            if (name.length() > 255 || !name.matches("[^:*/]+(/[^:*/]+)*")) {
                throw invalid("The name of the query is invalid: " + name);
            }
            for (String group : properties.strings("LogGroupNames")) {
                String arn = "arn:aws:logs:" + wanted.region() + ":" + account + ":log-group:" + group;
                if (!logs.arns().contains(arn)) {
                    throw invalid("There is no log group " + group);
                }
            }
            monitoring.put(id, properties.required("QueryString"));
        }
    }
}
