package io.github.spotspec.infra;

import java.util.List;
import software.amazon.awscdk.services.logs.CfnQueryDefinition;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.constructs.Construct;

/**
 * Queries of the service's log, saved in CloudWatch Logs Insights in a folder with the service's name. Saved queries
 * are free. To run one costs what Insights charges for the data that it scans.
 */
final class SavedQueries extends Construct {
    private final String service;
    private final ILogGroup logGroup;

    /**
     * Saves the queries.
     *
     * @param hasLaunch whether the deployment has the task {@code launch}
     */
    SavedQueries(Construct scope, String id, String service, ILogGroup logGroup, boolean hasLaunch) {
        super(scope, id);
        this.service = service;
        this.logGroup = logGroup;
        save(
                "ErrorsByReason",
                "Errors by reason",
                "filter message = \"request\" and ispresent(reason)"
                        + " | stats count(*) as errors, latest(details) as lastDetails, latest(@timestamp) as lastTime"
                        + " by reason, task | sort errors desc");
        save(
                "RequestsByCaller",
                "Requests by caller",
                "filter message = \"request\""
                        + " | stats count(*) as requests, sum(Errors) as errors, avg(Latency) as ms by caller, task"
                        + " | sort requests desc");
        save(
                "SlowestRequests",
                "Slowest requests",
                "filter message = \"request\""
                        + " | fields @timestamp, Latency, task, status, reason, caller, cold_start, function_request_id"
                        + " | sort Latency desc | limit 50");
        if (hasLaunch) {
            save(
                    "Launches",
                    "Launches",
                    "filter message = \"request\" and Launches > 0"
                            + " | fields @timestamp, caller, Launches, Fallbacks, Latency, function_request_id"
                            + " | sort @timestamp desc | limit 200");
            save(
                    "Ended",
                    "Ended by the keeper",
                    "filter message like /^(Ended|Not ended): / | fields @timestamp, message, Region, InstanceId,"
                            + " SpotInstanceRequestId, reason, details | sort @timestamp desc | limit 200");
            // Counts each run of an instance once, because a receipt may be repeated. One without a cost is unknown.
            save(
                    "CostByCaller",
                    "Cost by caller",
                    "filter message = \"receipt\""
                            + " | stats max(Spent) as usd, max(Seconds) as seconds by InstanceId, LaunchTime, Caller"
                            + " | stats sum(usd) as cost, sum(seconds) / 3600 as hours, count(*) as runs,"
                            + " count(*) - count(usd) as unknown by Caller"
                            + " | sort cost desc");
        }
    }

    private void save(String id, String title, String query) {
        CfnQueryDefinition.Builder.create(this, id)
                // A slash turns the text before it into a folder.
                .name("spotspec/" + service.replace('/', '-') + "/" + title)
                // Other applications may write to the log group, too.
                .queryString("filter service = \"" + service + "\" | " + query)
                .logGroupNames(List.of(logGroup.getLogGroupName()))
                .build();
    }
}
