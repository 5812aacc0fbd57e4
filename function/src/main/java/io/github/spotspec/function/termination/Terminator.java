package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private final Inventory inventory;
    private final TerminationCalls endings;

    public Terminator(Inventory inventory, TerminationCalls endings) {
        this.inventory = inventory;
        this.endings = endings;
    }

    /** Chooses which managed resources to end. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Chooses the resources to end.
         *
         * @param ending receives the chosen resources
         */
        void of(List<ManagedInstance> instances, List<ManagedSpotRequest> requests, TerminationState ending);
    }

    /**
     * The result of ending all managed resources in a region.
     *
     * @param rows the result for each resource
     * @param certain whether EC2 had enough time to show everything that was launched before
     */
    public record AllEnded(List<TerminationResult> rows, boolean certain) {}

    /**
     * Ends the chosen managed resources in a region and what belongs to them: the instance of a spot request, and the
     * spot request of an instance. If EC2 or IAM rejects one resource, the others are still ended.
     *
     * @return the result for each resource, including those that had ended before
     * @throws ServiceException if EC2 does not answer
     */
    public List<TerminationResult> end(String region, Choice choice, Operator operator) {
        return end(region, choice, null, operator).rows();
    }

    /**
     * Ends all managed resources in a region. Checks again until EC2 has shown nothing new for as long as it may take
     * to show what it launched.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public AllEnded endAll(String region, Operator operator) {
        Choice alive = (instances, requests, ending) -> {
            instances.stream().filter(ManagedInstance::isAlive).forEach(ending::add);
            requests.stream().filter(ManagedSpotRequest::isAlive).forEach(ending::add);
        };
        return end(region, alive, new VisibilityWait(operator.withEarlierDeadline(RESERVED_FOR_LAST_CHECK)), operator);
    }

    /**
     * Ends the chosen resources.
     *
     * @param firstWait the wait for more resources to choose, or null to choose only once
     */
    private AllEnded end(String region, Choice choice, @Nullable VisibilityWait firstWait, Operator operator) {
        List<ManagedInstance> instances = inventory.instances(region, List.of(), operator);
        List<ManagedSpotRequest> requests = inventory.requests(region, List.of(), operator);
        TerminationState ending = new TerminationState();
        choice.of(instances, requests, ending);
        VisibilityWait wait = firstWait;
        Instant shown = operator.deadline().clock().instant().minus(VisibilityWait.CERTAIN);
        Set<String> old = old(requests, shown);
        boolean looked = true;
        while (wait != null || !ending.isEmpty()) {
            if (act(region, instances, requests, ending, operator) || !looked) {
                instances = inventory.instances(region, List.of(), operator);
                requests = inventory.requests(region, List.of(), operator);
                ending.addLaunched(instances);
            }
            looked = false;
            if (wait != null) {
                int before = ending.size();
                choice.of(instances, requests, ending);
                wait = ending.size() > before
                        ? new VisibilityWait(operator.withEarlierDeadline(RESERVED_FOR_LAST_CHECK))
                        : wait;
            }
            TerminationReport look = new TerminationReport(region, instances, chosen(requests, ending), ending);
            List<TerminationResult> result = look.result(unseen(look, operator), old, shown);
            boolean settled = result.stream().allMatch(TerminationResult::isSettled);
            if (settled && (wait == null || !wait.again())) {
                return new AllEnded(result, wait == null || !wait.isCutShort());
            }
            if (operator.deadline().minus(RESERVED_FOR_LAST_CHECK).isOver()
                    || operator.callBudget().isLow()) {
                return new AllEnded(result, wait == null);
            }
            if (!settled) {
                operator.deadline().sleep(TerminationCalls.PAUSE);
            }
        }
        return new AllEnded(List.of(), true);
    }

    /** Returns the ended spot requests that are so old that an instance of theirs has ended if EC2 does not show it. */
    private static Set<String> old(List<ManagedSpotRequest> requests, Instant shown) {
        return requests.stream()
                .filter(request -> !request.isAlive() && !request.createTime().isAfter(shown))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
    }

    private static List<ManagedSpotRequest> chosen(List<ManagedSpotRequest> requests, TerminationState ending) {
        return requests.stream().filter(ending::has).toList();
    }

    /** Finds the instances of spot requests that EC2 does not show with the deployment's tag. */
    private Map<String, ManagedInstance> unseen(TerminationReport look, Operator operator) {
        List<String> ids = look.unseen();
        return ids.isEmpty()
                ? Map.of()
                : inventory.instancesWithAnyTag(look.region(), ids, operator).stream()
                        .collect(Collectors.toMap(ManagedInstance::id, Function.identity(), (one, same) -> one));
    }

    /**
     * Cancels and then terminates the chosen resources that are alive and have not failed before. Returns whether there
     * were any.
     */
    private boolean act(
            String region,
            List<ManagedInstance> instances,
            List<ManagedSpotRequest> requests,
            TerminationState ending,
            Operator operator) {
        boolean anyUnseen = cancelUnseen(region, instances, requests, ending, operator);
        List<String> alive = requests.stream()
                .filter(request -> ending.has(request) && request.isAlive() && !ending.isRefused(request.id()))
                .map(ManagedSpotRequest::id)
                .toList();
        ending.refuse(endings.cancel(region, alive, operator).refused());
        // An instance that a persistent request would relaunch is not terminated, because its replacement would lack
        // the deployment's tag.
        Set<String> relaunching = requests.stream()
                .filter(request -> request.persistent() && request.isAlive() && ending.isRefused(request.id()))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
        instances.stream()
                .filter(instance ->
                        ending.has(instance) && relaunching.contains(String.valueOf(instance.spotRequestId())))
                .forEach(instance -> ending.refuseAs(instance.id(), String.valueOf(instance.spotRequestId())));
        List<ManagedInstance> running = instances.stream()
                .filter(instance -> ending.has(instance) && instance.isAlive() && !ending.isRefused(instance.id()))
                .toList();
        ending.refuse(endings.terminate(region, running, operator).refused());
        return anyUnseen || !alive.isEmpty() || !running.isEmpty();
    }

    /**
     * Cancels the spot requests of instances if EC2 does not show these requests with the deployment's tag. EC2 soon
     * shows the requests of new instances; a persistent one must be cancelled first, because it would replace the
     * instance. The service may not cancel a request that lost its tag, but must still terminate its instance.
     */
    private boolean cancelUnseen(
            String region,
            List<ManagedInstance> instances,
            List<ManagedSpotRequest> requests,
            TerminationState ending,
            Operator operator) {
        Set<String> seen = new HashSet<>();
        requests.forEach(request -> seen.add(request.id()));
        Instant shown = operator.deadline().clock().instant().minus(VisibilityWait.CERTAIN);
        Map<Boolean, Set<String>> unseenByAge = instances.stream()
                .filter(instance -> ending.has(instance) && instance.isAlive())
                .filter(instance -> instance.spotRequestId() != null && !seen.contains(instance.spotRequestId()))
                .collect(Collectors.partitioningBy(
                        instance -> instance.launchTime().isAfter(shown),
                        Collectors.mapping(instance -> String.valueOf(instance.spotRequestId()), Collectors.toSet())));
        // Failures of these are retried, because IAM may not see the tag of a new request yet either.
        TerminationCalls.Done _ = endings.cancel(region, List.copyOf(unseenByAge.get(true)), operator);
        endings.cancelKnown(region, List.copyOf(unseenByAge.get(false)), operator);
        return unseenByAge.values().stream().anyMatch(unseen -> !unseen.isEmpty());
    }
}
