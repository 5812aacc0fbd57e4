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
 * "Stop paying for this": cancels the requests first, so that nothing comes back, terminates the instances, then looks
 * until both are true, or the rest is refused, or the time is up, or the calls that the request may make are. Thread-safe.
 */
public final class Terminator {
    /** What is left must still be told when the time is up, so the last look is taken before. */
    private static final Duration RESERVED_FOR_LAST_CHECK = Duration.ofSeconds(2);

    private final Inventory inventory;
    private final TerminationCalls endings;

    public Terminator(Inventory inventory, TerminationCalls endings) {
        this.inventory = inventory;
        this.endings = endings;
    }

    /** Decides what of the service's own things is to end. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Chooses.
         *
         * @param ending takes what is to end
         */
        void of(List<ManagedInstance> instances, List<ManagedSpotRequest> requests, TerminationState ending);
    }

    /**
     * What came of ending everything in a region.
     *
     * @param rows what became of each
     * @param certain whether EC2 had the time to show all that had been launched before
     */
    public record AllEnded(List<TerminationResult> rows, boolean certain) {}

    /**
     * Ends what is chosen of the service's own things in a region, and what belongs to it: the instance of a request, and
     * the request of an instance. What EC2 or IAM refuses of one thing keeps nothing from the others.
     *
     * @return what became of each, also of those that had ended before
     * @throws ServiceException if EC2 does not answer
     */
    public List<TerminationResult> end(String region, Choice choice, Operator operator) {
        return end(region, choice, null, operator).rows();
    }

    /**
     * Ends everything of the service's own in a region, and looks again until EC2 shows nothing new for as long as it may take to
     * show what it launched.
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
     * Ends what is chosen.
     *
     * @param firstWait for more to choose, or null if the first choice is the only one
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

    /** Returns the requests that ended so long ago that an instance of theirs that EC2 does not show is no more. */
    private static Set<String> old(List<ManagedSpotRequest> requests, Instant shown) {
        return requests.stream()
                .filter(request -> !request.isAlive() && !request.createTime().isAfter(shown))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
    }

    private static List<ManagedSpotRequest> chosen(List<ManagedSpotRequest> requests, TerminationState ending) {
        return requests.stream().filter(ending::has).toList();
    }

    /** Looks for the instances of requests that EC2 does not show with the service's tag. */
    private Map<String, ManagedInstance> unseen(TerminationReport look, Operator operator) {
        List<String> ids = look.unseen();
        return ids.isEmpty()
                ? Map.of()
                : inventory.instancesWithAnyTag(look.region(), ids, operator).stream()
                        .collect(Collectors.toMap(ManagedInstance::id, Function.identity(), (one, same) -> one));
    }

    /** Cancels, then terminates, what is still alive and was not refused before; returns whether there was anything. */
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
        // What a persistent request would launch again is not terminated: what came instead would lack the service's
        // tag.
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
     * Cancels the requests of instances that EC2 does not show with the service's tag. EC2 soon shows those of new instances,
     * which a persistent one would replace if it were not cancelled first. One that lost its tag is not the service's to cancel,
     * but its instance must end all the same.
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
        // What is refused of these is asked again: IAM may not see the tag of a new one yet either.
        TerminationCalls.Done _ = endings.cancel(region, List.copyOf(unseenByAge.get(true)), operator);
        endings.cancelKnown(region, List.copyOf(unseenByAge.get(false)), operator);
        return unseenByAge.values().stream().anyMatch(unseen -> !unseen.isEmpty());
    }
}
