package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.BulkCall;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * EC2's two acts of ending, each on a list of ids. EC2 may not know some of them yet, or any more: those are tried again for a
 * while, and then refused. What EC2 or IAM refuses of one does not keep the act from the others. Thread-safe.
 */
public final class TerminationCalls {
    /** EC2 takes at most this many ids at a time. */
    private static final int MAX_IDS = 1_000;

    /** How long to wait before looking again. */
    static final Duration PAUSE = Duration.ofMillis(200);

    private final Ec2Regions ec2;
    private final boolean allowOnDemand;

    /**
     * Makes the endings of a deployment.
     *
     * @param allowOnDemand whether the deployment launches on-demand instances, too; otherwise IAM lets it terminate none
     */
    public TerminationCalls(Ec2Regions ec2, boolean allowOnDemand) {
        this.ec2 = ec2;
        this.allowOnDemand = allowOnDemand;
    }

    /**
     * What came of an act.
     *
     * @param states the state of each thing afterwards, by id
     * @param refused why it was not carried out on the others, by id
     */
    public record Done(Map<String, String> states, Map<String, ServiceException> refused) {
        /**
         * Returns itself.
         *
         * @throws ServiceException the first one, if nothing was carried out
         */
        public Done orRefusal() {
            if (states.isEmpty() && !refused.isEmpty()) {
                throw refused.values().iterator().next();
            }
            return this;
        }
    }

    /**
     * Cancels spot requests. Their instances, if they have any, run on.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Done cancel(String region, List<String> requests, Operator operator) {
        return each(requests, states -> cancelling(region, operator, states));
    }

    /**
     * Terminates instances. An instance of a persistent request comes back unless the request is cancelled first. One that
     * is protected from termination fails the call for the others of its zone, says EC2's API reference. On-demand instances
     * are left alone in a deployment that launches none: others in the account may tag instances, too.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Done terminate(String region, List<ManagedInstance> instances, Operator operator) {
        Map<Boolean, List<String>> byRight = instances.stream()
                .collect(Collectors.partitioningBy(
                        instance -> allowOnDemand || instance.isSpot(),
                        Collectors.mapping(ManagedInstance::id, Collectors.toList())));
        Done done = each(Objects.requireNonNull(byRight.get(true)), states -> terminating(region, operator, states));
        Objects.requireNonNull(byRight.get(false)).forEach(id -> done.refused().put(id, onDemand(id)));
        return done;
    }

    /**
     * Cancels spot requests if EC2 knows them, and does not wait for those that it does not know.
     *
     * @throws ServiceException if EC2 does not answer
     */
    void cancelKnown(String region, List<String> requests, Operator operator) {
        List<String> _ = cancelling(region, operator, new LinkedHashMap<>()).on(requests);
    }

    private BulkCall cancelling(String region, Operator operator, Map<String, String> states) {
        return new BulkCall(
                "ec2:CancelSpotInstanceRequests",
                region,
                operator,
                ids -> ec2.in(region)
                        .cancelSpotInstanceRequests(request ->
                                request.spotInstanceRequestIds(ids).overrideConfiguration(operator::authorize))
                        .cancelledSpotInstanceRequests()
                        .forEach(one -> states.put(one.spotInstanceRequestId(), one.stateAsString())));
    }

    private BulkCall terminating(String region, Operator operator, Map<String, String> states) {
        return new BulkCall(
                "ec2:TerminateInstances",
                region,
                operator,
                ids -> ec2.in(region)
                        .terminateInstances(
                                request -> request.instanceIds(ids).overrideConfiguration(operator::authorize))
                        .terminatingInstances()
                        .forEach(one ->
                                states.put(one.instanceId(), one.currentState().nameAsString())));
    }

    private static ServiceException onDemand(String id) {
        return new ServiceException(
                ErrorCode.ON_DEMAND_NOT_ALLOWED,
                "Instance " + id
                        + " is on-demand, and this deployment terminates spot instances only. Terminate it in EC2 if"
                        + " it is from this service; otherwise remove its tag 'spotspec:service'. With 'allowOnDemand'"
                        + " the deployment could terminate it.");
    }

    private static Done each(List<String> all, Function<Map<String, String>, BulkCall> act) {
        Map<String, String> states = new LinkedHashMap<>();
        Map<String, ServiceException> refused = new LinkedHashMap<>();
        for (int from = 0; from < all.size(); from += MAX_IDS) {
            refused.putAll(act.apply(states).onVisible(all.subList(from, Math.min(all.size(), from + MAX_IDS))));
        }
        return new Done(states, refused);
    }
}
