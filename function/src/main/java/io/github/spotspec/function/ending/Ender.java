package io.github.spotspec.function.ending;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * "Stop paying for this": cancels the requests first, so that nothing comes back, terminates the instances, then looks
 * until both are true, or the rest is refused, or the time is up, or the calls that the request may make are. Thread-safe.
 */
public final class Ender {
    /** What is left must still be told when the time is up, so the last look is taken before. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(2);

    /** What was launched this long ago EC2 shows by now as it is, or shows no more. */
    private static final Duration SEEN_AFTER = Duration.ofMinutes(5);

    private final Inventory inventory;
    private final Endings endings;

    public Ender(Inventory inventory, Endings endings) {
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
        void of(List<OwnInstance> instances, List<OwnRequest> requests, Ending ending);
    }

    /**
     * Ends what is chosen of the service's own things in a region, and what belongs to it: the instance of a request, and
     * the request of an instance. What EC2 or IAM refuses of one thing keeps nothing from the others.
     *
     * @return what became of each, also of those that had ended before
     * @throws Refusal if EC2 does not answer
     */
    public List<Ended> end(String region, Choice choice, Operator operator) {
        List<OwnInstance> instances = inventory.instances(region, List.of(), operator);
        List<OwnRequest> requests = inventory.requests(region, List.of(), operator);
        Ending ending = new Ending();
        choice.of(instances, requests, ending);
        Instant shown = operator.deadline().clock().instant().minus(SEEN_AFTER);
        Set<String> old = old(requests, shown);
        while (!ending.isEmpty()) {
            act(region, instances, requests, ending, operator);
            instances = inventory.instances(region, List.of(), operator);
            requests = inventory.requests(region, List.of(), operator);
            ending.addLaunched(instances);
            Look look = new Look(region, instances, chosen(requests, ending), ending);
            List<Ended> result = look.result(unseen(look, operator), old, shown);
            if (result.stream().allMatch(Ended::isSettled)
                    || operator.deadline().earlier(LAST_LOOK).isOver()
                    || operator.allowance().isScarce()) {
                return result;
            }
            operator.deadline().pause(Endings.PAUSE);
        }
        return List.of();
    }

    /** Returns the requests that ended so long ago that an instance of theirs that EC2 does not show is no more. */
    private static Set<String> old(List<OwnRequest> requests, Instant shown) {
        return requests.stream()
                .filter(request -> !request.isAlive() && !request.created().isAfter(shown))
                .map(OwnRequest::id)
                .collect(Collectors.toSet());
    }

    private static List<OwnRequest> chosen(List<OwnRequest> requests, Ending ending) {
        return requests.stream().filter(ending::has).toList();
    }

    /** Looks for the instances of requests that EC2 does not show with the service's tag. */
    private Map<String, OwnInstance> unseen(Look look, Operator operator) {
        List<String> ids = look.unseen();
        return ids.isEmpty()
                ? Map.of()
                : inventory.untagged(look.region(), ids, operator).stream()
                        .collect(Collectors.toMap(OwnInstance::id, Function.identity(), (one, same) -> one));
    }

    /** Cancels, then terminates, what is still alive and was not refused before. */
    private void act(
            String region, List<OwnInstance> instances, List<OwnRequest> requests, Ending ending, Operator operator) {
        cancelUnseen(region, instances, requests, ending, operator);
        List<String> alive = requests.stream()
                .filter(request -> ending.has(request) && request.isAlive() && !ending.isRefused(request.id()))
                .map(OwnRequest::id)
                .toList();
        ending.refuse(endings.cancel(region, alive, operator).refused());
        // What a persistent request would launch again is not terminated: what came instead would lack the service's
        // tag.
        Set<String> relaunching = requests.stream()
                .filter(request -> request.persistent() && request.isAlive() && ending.isRefused(request.id()))
                .map(OwnRequest::id)
                .collect(Collectors.toSet());
        instances.stream()
                .filter(instance ->
                        ending.has(instance) && relaunching.contains(String.valueOf(instance.spotRequest())))
                .forEach(instance -> ending.refuseAs(instance.id(), String.valueOf(instance.spotRequest())));
        List<OwnInstance> running = instances.stream()
                .filter(instance -> ending.has(instance) && instance.isAlive() && !ending.isRefused(instance.id()))
                .toList();
        ending.refuse(endings.terminate(region, running, operator).refused());
    }

    /**
     * Cancels the requests of instances that EC2 does not show with the service's tag. Those that were made a moment ago
     * soon will be; one that lost its tag is not the service's to cancel, but its instance must end all the same.
     */
    private void cancelUnseen(
            String region, List<OwnInstance> instances, List<OwnRequest> requests, Ending ending, Operator operator) {
        Set<String> seen = new HashSet<>();
        requests.forEach(request -> seen.add(request.id()));
        List<String> unseen = instances.stream()
                .filter(instance -> ending.has(instance) && instance.isAlive())
                .map(OwnInstance::spotRequest)
                .filter(Objects::nonNull)
                .filter(request -> !seen.contains(request))
                .distinct()
                .toList();
        // What is refused of these is asked again: IAM may not see the tag of a new one yet either.
        Endings.Done _ = endings.cancel(region, unseen, operator);
    }
}
