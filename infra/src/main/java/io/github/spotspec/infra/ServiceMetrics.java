package io.github.spotspec.infra;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.constructs.Construct;

/**
 * What a service measures of itself: its functions write these metrics with their log, in the namespace {@code spotspec}, with
 * the service's name as the dimension {@code service}. CloudWatch charges a metric, $0.30 a month, by the hours in which it is
 * written. Only {@code InstancesAlive} and the prices of watched pools are written at all hours; the others when something
 * happens.
 */
abstract class ServiceMetrics extends Construct {
    static final String NAMESPACE = "spotspec";

    private static final String SUM = "Sum";
    private static final String AVERAGE = "Average";
    private static final String MAXIMUM = "Maximum";

    private final String serviceName;

    ServiceMetrics(Construct scope, String id) {
        super(CdkVersion.checked(scope), id);
        serviceName = ServiceName.of(this);
    }

    /**
     * Returns the name that the service's instances, volumes and spot requests carry in their tag {@code spotspec:service}, and
     * its metrics as their dimension {@code service}: the stack's name, the construct's path in it, and the home region. A path that is too
     * long, or has characters that tags and metrics do not all take, is cut and gets a hash.
     */
    public String getServiceName() {
        return serviceName;
    }

    /** Returns the metric of how many requests were answered, in whichever way; their sum over 5 minutes. */
    public Metric metricRequests() {
        return metricRequests(none());
    }

    /** Returns the metric of {@link #metricRequests()}, looked at otherwise. */
    public Metric metricRequests(MetricOptions options) {
        return metric("Requests", SUM, options);
    }

    /** Returns the metric of how many requests were answered with an error; their sum over 5 minutes. */
    public Metric metricErrors() {
        return metricErrors(none());
    }

    /** Returns the metric of {@link #metricErrors()}, looked at otherwise. */
    public Metric metricErrors(MetricOptions options) {
        return metric("Errors", SUM, options);
    }

    /**
     * Returns the metric of how many requests were answered with one error; their sum over 5 minutes.
     *
     * @param reason the word that is the answer's {@code error}, for example {@code NoCapacity}
     */
    public Metric metricErrors(String reason) {
        return metricErrors(reason, none());
    }

    /** Returns the metric of {@link #metricErrors(String)}, looked at otherwise. */
    public Metric metricErrors(String reason, MetricOptions options) {
        return metric("Errors", SUM, Map.of("service", serviceName, "reason", reason), options);
    }

    /**
     * Returns the metric of how many requests failed through no fault of theirs: with a status of 500 or more, but for
     * {@code NoCapacity} and {@code TimedOut}, or with {@code SpotRoleMissing}; their sum over 5 minutes.
     */
    public Metric metricFaults() {
        return metricFaults(none());
    }

    /** Returns the metric of {@link #metricFaults()}, looked at otherwise. */
    public Metric metricFaults(MetricOptions options) {
        return metric("Faults", SUM, options);
    }

    /** Returns the metric of the milliseconds from a request to its answer, in the function; their average over 5 minutes. */
    public Metric metricLatency() {
        return metricLatency(none());
    }

    /** Returns the metric of {@link #metricLatency()}, looked at otherwise. */
    public Metric metricLatency(MetricOptions options) {
        return metric("Latency", AVERAGE, options);
    }

    /** Returns the metric of how many instances were launched; their sum over 5 minutes. */
    public Metric metricLaunches() {
        return metricLaunches(none());
    }

    /** Returns the metric of {@link #metricLaunches()}, looked at otherwise. */
    public Metric metricLaunches(MetricOptions options) {
        return metric("Launches", SUM, options);
    }

    /** Returns the metric of how many of the launched instances are on demand, for lack of spot; their sum over 5 minutes. */
    public Metric metricFallbacks() {
        return metricFallbacks(none());
    }

    /** Returns the metric of {@link #metricFallbacks()}, looked at otherwise. */
    public Metric metricFallbacks(MetricOptions options) {
        return metric("Fallbacks", SUM, options);
    }

    /**
     * Returns the metric of how many instances there are after each look of the keeper's, stopped ones included; the most in 5
     * minutes.
     */
    public Metric metricInstancesAlive() {
        return metricInstancesAlive(none());
    }

    /** Returns the metric of {@link #metricInstancesAlive()}, looked at otherwise. */
    public Metric metricInstancesAlive(MetricOptions options) {
        return metric("InstancesAlive", MAXIMUM, options);
    }

    /** Returns the metric of how many instances the keeper ended since their lease had; their sum over 5 minutes. */
    public Metric metricLeasesEnded() {
        return metricLeasesEnded(none());
    }

    /** Returns the metric of {@link #metricLeasesEnded()}, looked at otherwise. */
    public Metric metricLeasesEnded(MetricOptions options) {
        return metric("LeasesEnded", SUM, options);
    }

    /**
     * Returns the metric of the seconds for which the lease of what the keeper found past it had been over; the most in 5
     * minutes. As much as {@code keeperSchedule} is to be expected.
     */
    public Metric metricLeaseOverrun() {
        return metricLeaseOverrun(none());
    }

    /** Returns the metric of {@link #metricLeaseOverrun()}, looked at otherwise. */
    public Metric metricLeaseOverrun(MetricOptions options) {
        return metric("LeaseOverrun", MAXIMUM, options);
    }

    /** Returns the metric of how many instances the keeper ended that a launch made beyond what it was asked for. */
    public Metric metricSurplusEnded() {
        return metricSurplusEnded(none());
    }

    /** Returns the metric of {@link #metricSurplusEnded()}, looked at otherwise. */
    public Metric metricSurplusEnded(MetricOptions options) {
        return metric("SurplusEnded", SUM, options);
    }

    /** Returns the metric of how many spot requests without an instance the keeper cancelled; their sum over 5 minutes. */
    public Metric metricRequestsEnded() {
        return metricRequestsEnded(none());
    }

    /** Returns the metric of {@link #metricRequestsEnded()}, looked at otherwise. */
    public Metric metricRequestsEnded(MetricOptions options) {
        return metric("RequestsEnded", SUM, options);
    }

    /** Returns the metric of how much the keeper wanted to end and could not; its sum over 5 minutes. */
    public Metric metricNotEnded() {
        return metricNotEnded(none());
    }

    /** Returns the metric of {@link #metricNotEnded()}, looked at otherwise. */
    public Metric metricNotEnded(MetricOptions options) {
        return metric("NotEnded", SUM, options);
    }

    /** Returns the metric of how many regions the keeper could not look after; their sum over 5 minutes. */
    public Metric metricRegionsFailed() {
        return metricRegionsFailed(none());
    }

    /** Returns the metric of {@link #metricRegionsFailed()}, looked at otherwise. */
    public Metric metricRegionsFailed(MetricOptions options) {
        return metric("RegionsFailed", SUM, options);
    }

    /** Returns the metric of the interruption notices that EC2 sent, which it does on a best-effort basis; the sum over 5 minutes. */
    public Metric metricInterruptions() {
        return metricInterruptions(none());
    }

    /** Returns the metric of {@link #metricInterruptions()}, looked at otherwise. */
    public Metric metricInterruptions(MetricOptions options) {
        return metric("Interruptions", SUM, options);
    }

    /** Returns the metric of how many instances EC2 recommended to replace; their sum over 5 minutes. */
    public Metric metricRebalanceRecommendations() {
        return metricRebalanceRecommendations(none());
    }

    /** Returns the metric of {@link #metricRebalanceRecommendations()}, looked at otherwise. */
    public Metric metricRebalanceRecommendations(MetricOptions options) {
        return metric("RebalanceRecommendations", SUM, options);
    }

    /**
     * Returns the metric of the spot price of a watched pool with Linux, in US dollars per hour; its average over 5 minutes.
     *
     * @param zone an availability zone, for example {@code us-west-2a}
     * @param type one of {@link SpotServiceProps.Builder#watchedTypes}
     */
    @Beta
    public Metric metricSpotPrice(String zone, String type) {
        return metricSpotPrice(zone, type, none());
    }

    /** Returns the metric of {@link #metricSpotPrice(String, String)}, looked at otherwise. */
    @Beta
    public Metric metricSpotPrice(String zone, String type, MetricOptions options) {
        return metric("SpotPrice", AVERAGE, Map.of("service", serviceName, "zone", zone, "type", type), options);
    }

    private Metric metric(String name, String statistic, MetricOptions options) {
        return metric(name, statistic, Map.of("service", serviceName), options);
    }

    private Metric metric(String name, String statistic, Map<String, String> dimensions, MetricOptions options) {
        return Metric.Builder.create()
                .namespace(NAMESPACE)
                .metricName(name)
                // Sorted, since others change their order from one JVM to the next.
                .dimensionsMap(new TreeMap<>(dimensions))
                .statistic(statistic)
                .build()
                .with(options)
                .attachTo(this);
    }

    private static MetricOptions none() {
        return MetricOptions.builder().build();
    }
}
