package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.BulkCall;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.StateBeforeEnd;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Cancels spot requests and terminates instances by id. EC2 may not know some ids yet, or no longer; these are retried
 * for a while, and then fail. If EC2 or IAM rejects one id, the others are still processed. Thread-safe.
 */
public final class TerminationCalls {
    /** EC2 accepts at most this many ids in one call. */
    private static final int MAX_IDS = 1_000;

    /** More calls would use up the request's call budget, or make EC2 throttle the account's other calls. */
    private static final int MAX_RECORDING_CALLS = 10;

    private static final Duration MAX_TIME_TO_RECORD = Duration.ofSeconds(2);

    private final Ec2Clients ec2;
    private final ManagedTags tags;
    private final boolean allowOnDemand;

    /**
     * Creates the calls for a deployment.
     *
     * @param allowOnDemand whether the deployment also launches On-Demand Instances; otherwise IAM does not let it
     *     terminate any
     */
    public TerminationCalls(Ec2Clients ec2, boolean allowOnDemand) {
        this.ec2 = ec2;
        this.tags = new ManagedTags(ec2);
        this.allowOnDemand = allowOnDemand;
    }

    /**
     * The result of cancelling or terminating.
     *
     * @param states the resulting state of each resource, by id
     * @param failures why the call failed for the other resources, by id
     */
    public record Outcome(Map<String, String> states, Map<String, ServiceException> failures) {
        /**
         * Returns this result.
         *
         * @throws ServiceException the first failure, if the call succeeded for no resource
         */
        public Outcome orThrow() {
            if (states.isEmpty() && !failures.isEmpty()) {
                throw failures.values().iterator().next();
            }
            return this;
        }
    }

    /**
     * Cancels spot requests. Their instances, if any, keep running.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Outcome cancel(String region, List<String> requests, AwsCallContext callContext) {
        return inBatches(requests, states -> cancelCall(region, callContext, states));
    }

    /**
     * Records the states of instances that are about to be terminated in a tag, for their receipts. All that run need
     * one call; those that have stopped need one for each time. What cannot be recorded soon is left out, so that this
     * neither fails nor delays the termination for long.
     *
     * @param shownAt when EC2 showed these states
     */
    public void recordStates(String region, List<ManagedInstance> alive, Instant shownAt, AwsCallContext callContext) {
        Map<String, List<String>> idsByTag = new LinkedHashMap<>();
        for (ManagedInstance instance : alive) {
            String tag = StateBeforeEnd.of(instance, shownAt).tag();
            if (tag != null) {
                idsByTag.computeIfAbsent(tag, first -> new ArrayList<>()).add(instance.id());
            }
        }
        if (callContext.callBudget().isLow()) {
            return;
        }
        AwsCallContext optional = callContext.forOptionalCalls();
        Map<String, ParallelCalls.Outcome<Map<String, ServiceException>>> _ = ParallelCalls.all(
                idsByTag.keySet().stream().limit(MAX_RECORDING_CALLS).toList(),
                MAX_TIME_TO_RECORD,
                tag -> tags.markBeforeEnd(region, Objects.requireNonNull(idsByTag.get(tag)), tag, optional));
    }

    /**
     * Terminates instances. EC2 relaunches an instance of a persistent request unless the request is cancelled first.
     * According to EC2's API reference, an instance with termination protection fails the call for the other instances
     * in its zone. A deployment that launches no On-Demand Instances terminates no On-Demand Instances, because other
     * people in the account may tag instances, too.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Outcome terminate(String region, List<ManagedInstance> instances, AwsCallContext callContext) {
        Map<Boolean, List<String>> byPermission = instances.stream()
                .collect(Collectors.partitioningBy(
                        instance -> allowOnDemand || instance.isSpot(),
                        Collectors.mapping(ManagedInstance::id, Collectors.toList())));
        Outcome outcome = inBatches(
                Objects.requireNonNull(byPermission.get(true)), states -> terminateCall(region, callContext, states));
        Objects.requireNonNull(byPermission.get(false))
                .forEach(id -> outcome.failures().put(id, onDemand(id)));
        return outcome;
    }

    /**
     * Cancels the spot requests that EC2 knows, without waiting for the others to appear.
     *
     * @throws ServiceException if EC2 does not answer
     */
    void cancelKnown(String region, List<String> requests, AwsCallContext callContext) {
        List<String> _ = cancelCall(region, callContext, new LinkedHashMap<>()).callWithoutWaiting(requests);
    }

    private BulkCall cancelCall(String region, AwsCallContext callContext, Map<String, String> states) {
        return new BulkCall(
                "ec2:CancelSpotInstanceRequests",
                region,
                callContext,
                ids -> ec2.in(region)
                        .cancelSpotInstanceRequests(request ->
                                request.spotInstanceRequestIds(ids).overrideConfiguration(callContext::authorize))
                        .cancelledSpotInstanceRequests()
                        .forEach(one -> states.put(one.spotInstanceRequestId(), one.stateAsString())));
    }

    private BulkCall terminateCall(String region, AwsCallContext callContext, Map<String, String> states) {
        return new BulkCall(
                "ec2:TerminateInstances",
                region,
                callContext,
                ids -> ec2.in(region)
                        .terminateInstances(
                                request -> request.instanceIds(ids).overrideConfiguration(callContext::authorize))
                        .terminatingInstances()
                        .forEach(one ->
                                states.put(one.instanceId(), one.currentState().nameAsString())));
    }

    private static ServiceException onDemand(String id) {
        return new ServiceException(
                ErrorCode.ON_DEMAND_NOT_ALLOWED,
                "Instance " + id
                        + " is on-demand, but this deployment terminates only Spot Instances. Terminate it in EC2 if"
                        + " this service launched it; otherwise remove its tag 'spotspec:service'. With"
                        + " 'allowOnDemand', this deployment can terminate it.");
    }

    private static Outcome inBatches(List<String> ids, Function<Map<String, String>, BulkCall> call) {
        Map<String, String> states = new LinkedHashMap<>();
        Map<String, ServiceException> failures = new LinkedHashMap<>();
        for (int from = 0; from < ids.size(); from += MAX_IDS) {
            failures.putAll(
                    call.apply(states).callUntilVisible(ids.subList(from, Math.min(ids.size(), from + MAX_IDS))));
        }
        return new Outcome(states, failures);
    }
}
