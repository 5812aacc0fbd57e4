package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stops resources from costing money. It cancels spot requests first, so that EC2 relaunches nothing, and then
 * terminates the instances. It then checks until both have happened, the rest has failed, or the request's time or call
 * budget is used up. Thread-safe.
 */
public final class Terminator {
    /** Reserves time for the last check, because the answer must still report what is left when the time is up. */
    private static final Duration RESERVED_FOR_LAST_CHECK = Duration.ofSeconds(2);

    /** How long to wait before checking again. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Inventory inventory;
    private final TerminationCalls calls;

    public Terminator(Inventory inventory, TerminationCalls calls) {
        this.inventory = inventory;
        this.calls = calls;
    }

    /**
     * The result of ending all managed resources in a region.
     *
     * @param rows the result for each resource
     * @param certain whether EC2 had enough time to show everything that was launched before
     */
    public record EndAllResult(List<TerminationResult> rows, boolean certain) {}

    /**
     * Ends the chosen managed resources in a region and what belongs to them: the instance of a spot request, and the
     * spot request of an instance. If EC2 or IAM rejects one resource, the others are still ended.
     *
     * @param choice adds the resources to end
     * @return the result for each resource, including those that had ended before
     * @throws ServiceException if EC2 does not answer
     */
    public List<TerminationResult> end(String region, Consumer<TerminationState> choice, AwsCallContext callContext) {
        return end(region, choice, null, callContext).rows();
    }

    /**
     * Ends all managed resources in a region. Checks again until EC2 has shown nothing new for as long as it may take
     * to show what it launched.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public EndAllResult endAll(String region, AwsCallContext callContext) {
        Consumer<TerminationState> alive = state -> {
            state.instances().stream().filter(ManagedInstance::isAlive).forEach(state::choose);
            state.requests().stream().filter(ManagedSpotRequest::isAlive).forEach(state::choose);
        };
        return end(
                region,
                alive,
                new VisibilityWait(callContext.withEarlierDeadline(RESERVED_FOR_LAST_CHECK)),
                callContext);
    }

    /**
     * Ends the chosen resources.
     *
     * @param firstWait the wait for more resources to choose, or null to choose only once
     */
    private EndAllResult end(
            String region,
            Consumer<TerminationState> choice,
            @Nullable VisibilityWait firstWait,
            AwsCallContext callContext) {
        List<ManagedInstance> instances = inventory.instances(region, List.of(), callContext);
        List<ManagedSpotRequest> requests = inventory.requests(region, List.of(), callContext);
        TerminationState state = new TerminationState(region, now(callContext), instances, requests);
        choice.accept(state);
        VisibilityWait wait = firstWait;
        boolean upToDate = true;
        while (wait != null || !state.isEmpty()) {
            if (cancelAndTerminate(region, state, callContext) || !upToDate) {
                state.update(
                        now(callContext),
                        inventory.instances(region, List.of(), callContext),
                        inventory.requests(region, List.of(), callContext));
            }
            upToDate = false;
            if (wait != null) {
                int before = state.size();
                choice.accept(state);
                wait = state.size() > before
                        ? new VisibilityWait(callContext.withEarlierDeadline(RESERVED_FOR_LAST_CHECK))
                        : wait;
            }
            List<TerminationResult> results = state.results(untagged(region, state, callContext));
            boolean settled = results.stream().allMatch(TerminationResult::isSettled);
            if (settled && (wait == null || !wait.pauseUnlessOver())) {
                return new EndAllResult(results, wait == null || !wait.isCutShort());
            }
            if (callContext.deadline().minus(RESERVED_FOR_LAST_CHECK).isOver()
                    || callContext.callBudget().isLow()) {
                return new EndAllResult(results, wait == null);
            }
            if (!settled) {
                callContext.deadline().sleep(PAUSE);
            }
        }
        return new EndAllResult(List.of(), true);
    }

    private static Instant now(AwsCallContext callContext) {
        return callContext.deadline().clock().instant();
    }

    /** Finds the instances of spot requests that EC2 does not show with the deployment's tag. */
    private Map<String, ManagedInstance> untagged(String region, TerminationState state, AwsCallContext callContext) {
        List<String> ids = state.unseenInstanceIds();
        return ids.isEmpty()
                ? Map.of()
                : inventory.instancesWithAnyTag(region, ids, callContext).stream()
                        .collect(Collectors.toMap(ManagedInstance::id, Function.identity(), (one, same) -> one));
    }

    /**
     * Cancels and then terminates the chosen resources that are alive and have not failed before. Returns whether there
     * were any.
     */
    private boolean cancelAndTerminate(String region, TerminationState state, AwsCallContext callContext) {
        boolean anyUnseen = cancelUnseen(region, state, callContext);
        List<String> requests = state.requestIdsToCancel();
        state.addFailures(calls.cancel(region, requests, callContext).failures());
        // An instance that a persistent request would relaunch is not terminated, because its replacement would lack
        // the deployment's tag.
        state.failRelaunchedInstances();
        List<ManagedInstance> instances = state.instancesToTerminate();
        calls.recordStates(region, state.instancesToRecord(), now(callContext), callContext);
        state.addFailures(calls.terminate(region, instances, callContext).failures());
        return anyUnseen || !requests.isEmpty() || !instances.isEmpty();
    }

    /**
     * Cancels the spot requests of instances if EC2 does not show these requests with the deployment's tag. EC2 soon
     * shows the requests of new instances; a persistent one must be cancelled first, because it would replace the
     * instance. The service may not cancel a request that lost its tag, but must still terminate its instance.
     */
    private boolean cancelUnseen(String region, TerminationState state, AwsCallContext callContext) {
        Instant visibleBefore = TerminationState.visibleBefore(now(callContext));
        Map<Boolean, Set<String>> requestsByNew = state.instancesOfUnseenRequests()
                .collect(Collectors.partitioningBy(
                        instance -> instance.mayBeLaunchedAfter(visibleBefore),
                        Collectors.mapping(instance -> String.valueOf(instance.spotRequestId()), Collectors.toSet())));
        // Failures of these are retried, because IAM may not see the tag of a new request yet either.
        TerminationCalls.Outcome _ = calls.cancel(region, List.copyOf(requestsByNew.get(true)), callContext);
        calls.cancelKnown(region, List.copyOf(requestsByNew.get(false)), callContext);
        return requestsByNew.values().stream().anyMatch(requests -> !requests.isEmpty());
    }
}
