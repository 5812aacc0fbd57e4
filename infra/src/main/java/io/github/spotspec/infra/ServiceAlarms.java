package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/** The alarms of a service. Each alarm needs attention, and its description says how to react. */
final class ServiceAlarms extends Construct {
    private static final Duration FIVE_MINUTES = Duration.minutes(5);

    private final SnsAction action;

    /**
     * The functions to monitor.
     *
     * @param keeper the keeper's function, or null if there is none
     * @param rotation the rotation's function, or null if there is none
     */
    record ServiceAlarmsProps(
            ServiceMetrics service,
            Function function,
            @Nullable Function keeper,
            @Nullable Function rotation,
            Duration keeperSchedule) {}

    ServiceAlarms(Construct scope, String id, ServiceAlarmsProps parts, ITopic topic) {
        super(scope, id);
        action = new SnsAction(topic);
        grantPublish(topic);
        ServiceMetrics service = parts.service();
        alarm(
                "Faults",
                "The spot service failed for a reason other than the request. The saved query 'Errors by reason'"
                        + " shows why. SecretUnreadable, OperatorRejected: check the operator's secret, and rotate"
                        + " it if its key is gone. MfaNotEnrolled: enroll the operator's MFA device. Internal: find"
                        + " the line in the log, and report it. Others: AWS did not answer; check its Health"
                        + " Dashboard, and wait.",
                service.metricFaults(),
                1);
        alarm(
                "FunctionErrors",
                "The spot service's function ended without an answer: it crashed, or ran out of time or memory. Read"
                        + " the last lines of that request in its log; raise 'memorySize' or 'timeout' if they"
                        + " are too small.",
                parts.function().metricErrors(),
                1);
        alarm(
                "Throttles",
                "Lambda answered callers of the spot service with 429, before the function saw them. Raise"
                        + " 'reservedConcurrency', or the account's quota of concurrent executions; or find out who"
                        + " calls that often, with the saved query 'Requests by caller'.",
                parts.function().metricThrottles(),
                1);
        if (parts.keeper() != null) {
            keeper(service, parts.keeperSchedule());
        }
        if (parts.rotation() != null) {
            alarm(
                    "RotationErrors",
                    "A secret of the spot service could not be rotated. The previous value stays valid. The log says"
                            + " which step failed and why. Secrets Manager retries automatically; to retry now, run"
                            + " 'aws secretsmanager rotate-secret'.",
                    parts.rotation().metricErrors(),
                    1);
        }
    }

    private void keeper(ServiceMetrics service, Duration schedule) {
        Duration period = minutes(schedule) < 5 ? FIVE_MINUTES : schedule;
        // The keeper writes this metric only after a run that swept every region. The function's error metric is not
        // enough, because EC2's events call the function too. These calls would hide that the schedule no longer runs.
        add(
                "Keeper",
                "The keeper of the spot service failed or did not run, twice in a row, so instances may outlive"
                        + " their leases and cost money. Search its log for 'could not be swept', and check that"
                        + " its schedule in EventBridge is enabled. This alarm is also on after the first deployment,"
                        + " until the keeper has run once.",
                service.metricInstancesAlive(MetricOptions.builder()
                        .period(period)
                        .statistic("SampleCount")
                        .build()),
                1,
                2,
                ComparisonOperator.LESS_THAN_THRESHOLD,
                TreatMissingData.BREACHING);
        add(
                "NotEnded",
                "The keeper of the spot service could not end some resources, twice in a row, so they keep running"
                        + " and cost money. Its log says 'Not ended', the resource, and what EC2 or IAM refused."
                        + " Usually a tag was removed, or an on-demand instance carries the service's tag. End the"
                        + " named resources manually.",
                service.metricNotEnded(MetricOptions.builder().period(period).build()),
                1,
                2,
                ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                TreatMissingData.NOT_BREACHING);
        alarm(
                "LeasesEndedLate",
                "An instance outlived its lease by more than two of the keeper's rounds. If it has ended by now, the"
                        + " keeper was late: check its errors and throttles. If not, its log says 'Not ended' and"
                        + " what EC2 refused.",
                service.metricLeaseOverrun(
                        MetricOptions.builder().period(period).build()),
                2 * 60 * minutes(schedule) + 300);
    }

    /**
     * Adds an alarm over five minutes. Missing data does not breach the threshold, because functions write these
     * metrics only when something happens.
     */
    private void alarm(String id, String description, IMetric metric, long threshold) {
        add(
                id,
                description,
                metric,
                threshold,
                1,
                ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                TreatMissingData.NOT_BREACHING);
    }

    private void add(
            String id,
            String description,
            IMetric metric,
            long threshold,
            int periods,
            ComparisonOperator comparison,
            TreatMissingData missing) {
        Alarm alarm = Alarm.Builder.create(this, id)
                .alarmDescription(description)
                .metric(metric)
                .threshold(threshold)
                .comparisonOperator(comparison)
                .evaluationPeriods(periods)
                .treatMissingData(missing)
                .build();
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
    }

    /**
     * Lets this account's alarms publish to the topic. The topic's policy must allow this explicitly when it is not the
     * default policy of SNS, and so must the policy of its key. An imported topic or key is not changed.
     */
    private void grantPublish(ITopic topic) {
        Stack stack = Stack.of(this);
        Map<String, Object> thisAccount = Map.of(
                "StringEquals",
                Map.of("aws:SourceAccount", stack.getAccount()),
                "ArnLike",
                Map.of(
                        "aws:SourceArn",
                        stack.formatArn(ArnComponents.builder()
                                .service("cloudwatch")
                                .resource("alarm")
                                .resourceName("*")
                                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                                .build())));
        topic.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("AlarmsOfThisAccount")
                .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
                .actions(List.of("sns:Publish"))
                .resources(List.of(topic.getTopicArn()))
                .conditions(new TreeMap<>(thisAccount))
                .build());
        IKey key = topic.getMasterKey();
        if (key != null) {
            key.addToResourcePolicy(PolicyStatement.Builder.create()
                    .sid("AlarmsOfThisAccount")
                    .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
                    .actions(List.of("kms:Decrypt", "kms:GenerateDataKey*"))
                    .resources(List.of("*"))
                    .conditions(new TreeMap<>(thisAccount))
                    .build());
        }
    }

    private static long minutes(Duration duration) {
        return duration.toMinutes().longValue();
    }
}
