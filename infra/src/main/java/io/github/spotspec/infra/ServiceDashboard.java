package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.lambda.Function;

/** The CloudWatch dashboard of a service: requests, launches, ended instances, costs, and spot prices. */
final class ServiceDashboard {
    private static final int ROW = 24;
    private static final int HEIGHT = 6;

    private ServiceDashboard() {}

    /**
     * Creates the dashboard.
     *
     * @param keeper the keeper's function, or null if the deployment does not launch
     * @param hasWatchedTypes whether there are prices to show
     */
    static Dashboard of(SpotService service, Function function, @Nullable Function keeper, boolean hasWatchedTypes) {
        List<List<IWidget>> rows = new ArrayList<>();
        rows.add(row(
                graph(
                        "Requests",
                        List.of(service.metricRequests(), service.metricErrors(), service.metricFaults()),
                        List.of(function.metricThrottles())),
                graph("Errors by reason", search(service, "Errors", "Sum", "reason")),
                graph(
                        "Latency (ms)",
                        service.metricLatency(statistic("p50")),
                        service.metricLatency(statistic("p90")),
                        service.metricLatency(statistic("Maximum")))));
        if (keeper != null) {
            rows.add(row(
                    graph("Launches", service.metricLaunches(), service.metricFallbacks()),
                    graph("Instances alive", service.metricInstancesAlive()),
                    graph(
                            "Interruptions and warnings",
                            service.metricInterruptions(),
                            service.metricRebalanceRecommendations(),
                            service.metricLeaseWarnings(),
                            service.metricIdleWarnings())));
            rows.add(row(
                    graph(
                            "Ended by the keeper",
                            service.metricLeasesEnded(),
                            service.metricIdleEnded(),
                            service.metricSurplusEnded(),
                            service.metricRequestsEnded()),
                    graph("Longest overrun of a lease (s)", service.metricLeaseOverrun()),
                    graph(
                            "The keeper's failures",
                            service.metricNotEnded(),
                            service.metricRegionsFailed(),
                            service.metricIdleChecksFailed(),
                            keeper.metricErrors())));
            rows.add(row(
                    graph("Cost of what runs (US$ an hour)", service.metricHourlyCost()),
                    graph("Cost of what has ended (US$)", service.metricSpent())));
        }
        if (hasWatchedTypes) {
            rows.add(row(graph("Spot prices (US$ an hour)", search(service, "SpotPrice", "Average", "zone", "type"))));
        }
        return Dashboard.Builder.create(service, "Dashboard")
                .defaultInterval(Duration.days(1))
                .widgets(rows)
                .build();
    }

    /** Returns the metrics for all values of the dimensions, which are unknown at synthesis. */
    private static IMetric search(ServiceMetrics service, String name, String statistic, String... dimensions) {
        List<String> labels = new ArrayList<>();
        for (String dimension : dimensions) {
            labels.add("${PROP('Dim." + dimension + "')}");
        }
        return MathExpression.Builder.create()
                .expression("SEARCH('{spotspec,service," + String.join(",", dimensions)
                        + "} MetricName=\"" + name + "\" service=\"" + service.getServiceName() + "\"', '" + statistic
                        + "')")
                .label(String.join(" ", labels))
                .build();
    }

    private static MetricOptions statistic(String statistic) {
        return MetricOptions.builder().statistic(statistic).label(statistic).build();
    }

    private static GraphWidget.Builder graph(String title, IMetric... metrics) {
        return graph(title, List.of(metrics), List.of());
    }

    private static GraphWidget.Builder graph(String title, List<IMetric> left, List<IMetric> right) {
        return GraphWidget.Builder.create()
                .title(title)
                .height(HEIGHT)
                .left(left)
                .right(right);
    }

    private static List<IWidget> row(GraphWidget.Builder... graphs) {
        List<IWidget> row = new ArrayList<>();
        for (GraphWidget.Builder graph : graphs) {
            row.add(graph.width(ROW / graphs.length).build());
        }
        return row;
    }
}
