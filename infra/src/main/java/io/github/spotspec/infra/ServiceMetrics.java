package io.github.spotspec.infra;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.constructs.IConstruct;

/**
 * The metrics of a service. The service's functions write these metrics with their log, in the namespace
 * {@code spotspec}, with the service's name as the dimension {@code service}. CloudWatch charges $0.30 a month for a
 * metric, prorated by the hours in which it is written. Only {@code InstancesAlive} and the prices of watched pools are
 * written at all hours, and {@code HourlyCost} while instances run. The functions write the other metrics when
 * something happens.
 */
interface ServiceMetrics extends IConstruct {
    /**
     * Returns the service's name: the stack's name, the construct's path in the stack, and the home region. The
     * service's instances, volumes and spot requests carry it in their tag {@code spotspec:service}, and the metrics
     * carry it as their dimension {@code service}. A path is shortened and gets a hash if it is too long, or if it has
     * characters that tags or metrics do not allow.
     */
    String getServiceName();

    /** Returns the region of the service's stack. Callers sign requests for this region. */
    String getHomeRegion();

    /** Returns the account of the service's stack. */
    String getHomeAccount();

    /**
     * Returns the metric for the number of requests answered, with or without an error. Default: sum over 5 minutes.
     */
    default Metric metricRequests() {
        return metricRequests(noOptions());
    }

    /** Returns the metric of {@link #metricRequests()} with the given options. */
    default Metric metricRequests(MetricOptions options) {
        return metric("Requests", "Sum", options);
    }

    /** Returns the metric for the number of requests answered with an error. Default: sum over 5 minutes. */
    default Metric metricErrors() {
        return metricErrors(noOptions());
    }

    /** Returns the metric of {@link #metricErrors()} with the given options. */
    default Metric metricErrors(MetricOptions options) {
        return metric("Errors", "Sum", options);
    }

    /**
     * Returns the metric for the number of requests answered with one error code. Default: sum over 5 minutes.
     *
     * @param reason the error code, which is the answer's {@code error}; for example {@code NoCapacity}
     */
    default Metric metricErrors(String reason) {
        return metricErrors(reason, noOptions());
    }

    /** Returns the metric of {@link #metricErrors(String)} with the given options. */
    default Metric metricErrors(String reason, MetricOptions options) {
        return metric("Errors", "Sum", Map.of("service", getServiceName(), "reason", reason), options);
    }

    /**
     * Returns the metric for the number of requests that failed for a reason other than the request itself. These have
     * status 500 or higher, except {@code NoCapacity} and {@code TimedOut}, or the error code {@code SpotRoleMissing}.
     * Default: sum over 5 minutes.
     */
    default Metric metricFaults() {
        return metricFaults(noOptions());
    }

    /** Returns the metric of {@link #metricFaults()} with the given options. */
    default Metric metricFaults(MetricOptions options) {
        return metric("Faults", "Sum", options);
    }

    /**
     * Returns the metric for the milliseconds from request to answer, measured in the function. Default: average over 5
     * minutes.
     */
    default Metric metricLatency() {
        return metricLatency(noOptions());
    }

    /** Returns the metric of {@link #metricLatency()} with the given options. */
    default Metric metricLatency(MetricOptions options) {
        return metric("Latency", "Average", options);
    }

    /** Returns the metric for the number of instances launched. Default: sum over 5 minutes. */
    default Metric metricLaunches() {
        return metricLaunches(noOptions());
    }

    /** Returns the metric of {@link #metricLaunches()} with the given options. */
    default Metric metricLaunches(MetricOptions options) {
        return metric("Launches", "Sum", options);
    }

    /**
     * Returns the metric for the number of on-demand instances launched because Spot had no capacity. Default: sum over
     * 5 minutes.
     */
    default Metric metricFallbacks() {
        return metricFallbacks(noOptions());
    }

    /** Returns the metric of {@link #metricFallbacks()} with the given options. */
    default Metric metricFallbacks(MetricOptions options) {
        return metric("Fallbacks", "Sum", options);
    }

    /**
     * Returns the metric for the number of instances left after each sweep by the keeper, including stopped instances.
     * Default: maximum over 5 minutes.
     */
    default Metric metricInstancesAlive() {
        return metricInstancesAlive(noOptions());
    }

    /** Returns the metric of {@link #metricInstancesAlive()} with the given options. */
    default Metric metricInstancesAlive(MetricOptions options) {
        return metric("InstancesAlive", "Maximum", options);
    }

    /**
     * Returns the metric for the number of instances that the keeper terminated because their lease had ended. Default:
     * sum over 5 minutes.
     */
    default Metric metricLeasesEnded() {
        return metricLeasesEnded(noOptions());
    }

    /** Returns the metric of {@link #metricLeasesEnded()} with the given options. */
    default Metric metricLeasesEnded(MetricOptions options) {
        return metric("LeasesEnded", "Sum", options);
    }

    /**
     * Returns the metric for the seconds by which instances had exceeded their lease when the keeper found them. Values
     * up to {@code keeperSchedule} are normal. Default: maximum over 5 minutes.
     */
    default Metric metricLeaseOverrun() {
        return metricLeaseOverrun(noOptions());
    }

    /** Returns the metric of {@link #metricLeaseOverrun()} with the given options. */
    default Metric metricLeaseOverrun(MetricOptions options) {
        return metric("LeaseOverrun", "Maximum", options);
    }

    /**
     * Returns the metric for the number of surplus instances that the keeper terminated: those beyond the count that a
     * launch asked for. Default: sum over 5 minutes.
     */
    default Metric metricSurplusEnded() {
        return metricSurplusEnded(noOptions());
    }

    /** Returns the metric of {@link #metricSurplusEnded()} with the given options. */
    default Metric metricSurplusEnded(MetricOptions options) {
        return metric("SurplusEnded", "Sum", options);
    }

    /**
     * Returns the metric for the number of spot requests without an instance that the keeper cancelled. Default: sum
     * over 5 minutes.
     */
    default Metric metricRequestsEnded() {
        return metricRequestsEnded(noOptions());
    }

    /** Returns the metric of {@link #metricRequestsEnded()} with the given options. */
    default Metric metricRequestsEnded(MetricOptions options) {
        return metric("RequestsEnded", "Sum", options);
    }

    /**
     * Returns the metric for the number of instances and spot requests that the keeper tried to end and could not.
     * Default: sum over 5 minutes.
     */
    default Metric metricNotEnded() {
        return metricNotEnded(noOptions());
    }

    /** Returns the metric of {@link #metricNotEnded()} with the given options. */
    default Metric metricNotEnded(MetricOptions options) {
        return metric("NotEnded", "Sum", options);
    }

    /** Returns the metric for the number of regions that the keeper could not sweep. Default: sum over 5 minutes. */
    default Metric metricRegionsFailed() {
        return metricRegionsFailed(noOptions());
    }

    /** Returns the metric of {@link #metricRegionsFailed()} with the given options. */
    default Metric metricRegionsFailed(MetricOptions options) {
        return metric("RegionsFailed", "Sum", options);
    }

    /**
     * Returns the metric for the number of interruption notices. EC2 sends these on a best-effort basis. Default: sum
     * over 5 minutes.
     */
    default Metric metricInterruptions() {
        return metricInterruptions(noOptions());
    }

    /** Returns the metric of {@link #metricInterruptions()} with the given options. */
    default Metric metricInterruptions(MetricOptions options) {
        return metric("Interruptions", "Sum", options);
    }

    /**
     * Returns the metric for the number of warnings that a lease ends soon. Default: sum over 5 minutes.
     *
     * @see SpotServiceProps.Builder#leaseWarning
     */
    default Metric metricLeaseWarnings() {
        return metricLeaseWarnings(noOptions());
    }

    /** Returns the metric of {@link #metricLeaseWarnings()} with the given options. */
    default Metric metricLeaseWarnings(MetricOptions options) {
        return metric("LeaseWarnings", "Sum", options);
    }

    /** Returns the metric for the number of idle instances that the keeper terminated. Default: sum over 5 minutes. */
    default Metric metricIdleEnded() {
        return metricIdleEnded(noOptions());
    }

    /** Returns the metric of {@link #metricIdleEnded()} with the given options. */
    default Metric metricIdleEnded(MetricOptions options) {
        return metric("IdleEnded", "Sum", options);
    }

    /** Returns the metric for the number of warnings that an instance is idle. Default: sum over 5 minutes. */
    default Metric metricIdleWarnings() {
        return metricIdleWarnings(noOptions());
    }

    /** Returns the metric of {@link #metricIdleWarnings()} with the given options. */
    default Metric metricIdleWarnings(MetricOptions options) {
        return metric("IdleWarnings", "Sum", options);
    }

    /**
     * Returns the metric for the number of regions in which the keeper could not check all instances for idleness.
     * Default: sum over 5 minutes.
     */
    default Metric metricIdleChecksFailed() {
        return metricIdleChecksFailed(noOptions());
    }

    /** Returns the metric of {@link #metricIdleChecksFailed()} with the given options. */
    default Metric metricIdleChecksFailed(MetricOptions options) {
        return metric("IdleChecksFailed", "Sum", options);
    }

    /**
     * Returns the metric for what the instances cost per hour at current prices, in US dollars, after each sweep by the
     * keeper. It is an estimate without volumes, public IPv4 addresses and data transfer, and not written while none
     * runs or a price is unknown. Default: average over 5 minutes.
     */
    default Metric metricHourlyCost() {
        return metricHourlyCost(noOptions());
    }

    /** Returns the metric of {@link #metricHourlyCost()} with the given options. */
    default Metric metricHourlyCost(MetricOptions options) {
        return metric("HourlyCost", "Average", options);
    }

    /**
     * Returns the metric for the cost of instances that have stopped or ended, in US dollars, when the keeper writes
     * their receipts. It is an estimate without volumes, public IPv4 addresses and data transfer. Default: sum over 5
     * minutes.
     */
    default Metric metricSpent() {
        return metricSpent(noOptions());
    }

    /** Returns the metric of {@link #metricSpent()} with the given options. */
    default Metric metricSpent(MetricOptions options) {
        return metric("Spent", "Sum", options);
    }

    /** Returns the metric for the number of rebalance recommendations from EC2. Default: sum over 5 minutes. */
    default Metric metricRebalanceRecommendations() {
        return metricRebalanceRecommendations(noOptions());
    }

    /** Returns the metric of {@link #metricRebalanceRecommendations()} with the given options. */
    default Metric metricRebalanceRecommendations(MetricOptions options) {
        return metric("RebalanceRecommendations", "Sum", options);
    }

    /**
     * Returns the metric for the spot price of a watched pool with Linux, in US dollars per hour. Default: average over
     * 5 minutes.
     *
     * @param zone an Availability Zone, for example {@code us-west-2a}
     * @param type one of {@link SpotServiceProps.Builder#watchedTypes}
     */
    @Beta
    default Metric metricSpotPrice(String zone, String type) {
        return metricSpotPrice(zone, type, noOptions());
    }

    /** Returns the metric of {@link #metricSpotPrice(String, String)} with the given options. */
    @Beta
    default Metric metricSpotPrice(String zone, String type, MetricOptions options) {
        return metric("SpotPrice", "Average", Map.of("service", getServiceName(), "zone", zone, "type", type), options);
    }

    private Metric metric(String name, String statistic, MetricOptions options) {
        return metric(name, statistic, Map.of("service", getServiceName()), options);
    }

    private Metric metric(String name, String statistic, Map<String, String> dimensions, MetricOptions options) {
        Metric metric = Metric.Builder.create()
                .namespace("spotspec")
                .metricName(name)
                // Sorted, because the iteration order of other maps differs from one JVM to the next.
                .dimensionsMap(new TreeMap<>(dimensions))
                .statistic(statistic)
                .build();
        Stack stack = Stack.of(this);
        boolean isHome =
                getHomeRegion().equals(stack.getRegion()) && getHomeAccount().equals(stack.getAccount());
        if (isHome) {
            return metric.with(options).attachTo(this);
        }
        return metric.with(MetricOptions.builder()
                        .region(getHomeRegion())
                        .account(getHomeAccount())
                        .build())
                .with(options);
    }

    private static MetricOptions noOptions() {
        return MetricOptions.builder().build();
    }
}
