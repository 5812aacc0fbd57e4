package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.StateBeforeEnd;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.termination.TerminationResult.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a termination in a region: the managed resources as EC2 showed them last, which of them to end, and the
 * failures so far. An instance and its spot request end together. Not thread-safe.
 */
public final class TerminationState {
    private final String region;
    private final Instant visibleBefore;
    private final Set<String> longEndedRequestIds;
    private final Set<String> instanceIds = new LinkedHashSet<>();
    private final Set<String> requestIds = new LinkedHashSet<>();
    private final Map<String, ServiceException> failures = new LinkedHashMap<>();
    /** The states in which instances were last seen alive. */
    private final Map<String, StateBeforeEnd> seenAlive = new HashMap<>();

    private final Set<String> recorded = new HashSet<>();

    private List<ManagedInstance> instances;
    private List<ManagedSpotRequest> requests;

    /**
     * Creates a state in which nothing is to end.
     *
     * @param now when EC2 showed the resources
     */
    TerminationState(String region, Instant now, List<ManagedInstance> instances, List<ManagedSpotRequest> requests) {
        this.region = region;
        this.visibleBefore = visibleBefore(now);
        this.instances = instances;
        this.requests = requests;
        rememberAlive(now);
        // These are so old that their instance has ended if EC2 does not show it.
        this.longEndedRequestIds = requests.stream()
                .filter(request -> !request.isAlive() && !request.createTime().isAfter(visibleBefore))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
    }

    /** Returns the time before which everything that was launched is visible now, with its tags. */
    static Instant visibleBefore(Instant now) {
        return now.minus(VisibilityWait.CERTAIN);
    }

    /** Returns all managed instances of the region. */
    public List<ManagedInstance> instances() {
        return instances;
    }

    /** Returns all managed spot requests of the region. */
    public List<ManagedSpotRequest> requests() {
        return requests;
    }

    /** Chooses an instance and its spot request to end. */
    public void choose(ManagedInstance instance) {
        instanceIds.add(instance.id());
        if (instance.spotRequestId() != null) {
            requestIds.add(instance.spotRequestId());
        }
    }

    /** Chooses a spot request and its instance to end. */
    public void choose(ManagedSpotRequest request) {
        requestIds.add(request.id());
        if (request.instanceId() != null) {
            instanceIds.add(request.instanceId());
        }
    }

    /** Returns how many resources are chosen. */
    int size() {
        return instanceIds.size() + requestIds.size();
    }

    boolean isEmpty() {
        return size() == 0;
    }

    /**
     * Replaces the resources by what EC2 shows now. Also chooses the instances that the chosen spot requests have
     * launched in the meantime, because a persistent request may launch one before it is cancelled.
     */
    void update(Instant now, List<ManagedInstance> shownInstances, List<ManagedSpotRequest> shownRequests) {
        instances = shownInstances.stream().map(this::withBeforeEnd).toList();
        requests = shownRequests;
        rememberAlive(now);
        instances.stream()
                .filter(instance -> instance.spotRequestId() != null && requestIds.contains(instance.spotRequestId()))
                .forEach(instance -> instanceIds.add(instance.id()));
    }

    private void rememberAlive(Instant now) {
        instances.stream()
                .filter(ManagedInstance::isAlive)
                .forEach(instance -> seenAlive.put(instance.id(), StateBeforeEnd.of(instance, now)));
    }

    /** Returns an instance with the state in which it was last seen alive. */
    private ManagedInstance withBeforeEnd(ManagedInstance shown) {
        StateBeforeEnd before = seenAlive.get(shown.id());
        return before == null || shown.isAlive() ? shown : shown.withBeforeEnd(before);
    }

    /** Returns an instance of this state with what says when and why it ended. */
    public BilledInstance billed(ManagedInstance instance) {
        return new BilledInstance(
                instance,
                requests.stream()
                        .filter(one -> one.id().equals(instance.spotRequestId()))
                        .findFirst()
                        .orElse(null));
    }

    /**
     * Returns the instances to terminate whose state EC2 will no longer show, and does not return them again. These are
     * those that have stopped, and those that may have, because only Spot Instances with a persistent request can.
     */
    List<ManagedInstance> instancesToRecord() {
        Set<String> persistent = requests.stream()
                .filter(ManagedSpotRequest::persistent)
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
        return instancesToTerminate().stream()
                .filter(instance ->
                        instance.isStopped() || persistent.contains(String.valueOf(instance.spotRequestId())))
                .filter(instance -> recorded.add(instance.id()))
                .toList();
    }

    /** Records why resources could not be ended. */
    void addFailures(Map<String, ServiceException> more) {
        failures.putAll(more);
    }

    /** Records the failure of each persistent spot request for its instance, which the request would relaunch. */
    void failRelaunchedInstances() {
        Set<String> relaunching = chosenRequests()
                .filter(request -> request.persistent() && request.isAlive() && failures.containsKey(request.id()))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
        chosenInstances()
                .filter(instance -> relaunching.contains(String.valueOf(instance.spotRequestId())))
                .forEach(instance ->
                        failures.put(instance.id(), Objects.requireNonNull(failures.get(instance.spotRequestId()))));
    }

    /** Returns the chosen spot requests that are alive and have not failed. */
    List<String> requestIdsToCancel() {
        return chosenRequests()
                .filter(request -> request.isAlive() && !failures.containsKey(request.id()))
                .map(ManagedSpotRequest::id)
                .toList();
    }

    /** Returns the chosen instances that are alive and have not failed. */
    List<ManagedInstance> instancesToTerminate() {
        return chosenInstances()
                .filter(instance -> instance.isAlive() && !failures.containsKey(instance.id()))
                .toList();
    }

    /** Returns the chosen living instances with a spot request that EC2 does not show with the deployment's tag. */
    Stream<ManagedInstance> instancesOfUnseenRequests() {
        Set<String> seen = requests.stream().map(ManagedSpotRequest::id).collect(Collectors.toSet());
        return chosenInstances()
                .filter(ManagedInstance::isAlive)
                .filter(instance -> instance.spotRequestId() != null && !seen.contains(instance.spotRequestId()));
    }

    /** Returns the instances of the chosen spot requests that EC2 does not show with the deployment's tag. */
    List<String> unseenInstanceIds() {
        Set<String> seen = instances.stream().map(ManagedInstance::id).collect(Collectors.toSet());
        return chosenRequests()
                .map(ManagedSpotRequest::instanceId)
                .filter(Objects::nonNull)
                .filter(instance -> !seen.contains(instance))
                .distinct()
                .toList();
    }

    /**
     * Returns the result for each chosen resource.
     *
     * @param untagged the unseen instances that EC2 shows without the tag, by id
     */
    List<TerminationResult> results(Map<String, ManagedInstance> untagged) {
        Map<String, ManagedSpotRequest> requestsById = chosenRequests()
                .collect(Collectors.toMap(ManagedSpotRequest::id, request -> request, (one, same) -> one));
        List<ManagedInstance> chosen = chosenInstances().toList();
        List<TerminationResult> results = new ArrayList<>();
        chosen.forEach(
                instance -> results.add(result(instance, requestsById.get(String.valueOf(instance.spotRequestId())))));
        Set<String> reportedInstances = chosen.stream().map(ManagedInstance::id).collect(Collectors.toSet());
        Set<String> reportedRequests = chosen.stream()
                .map(instance -> String.valueOf(instance.spotRequestId()))
                .collect(Collectors.toSet());
        chosenRequests()
                .filter(request -> request.instanceId() == null
                        ? !reportedRequests.contains(request.id())
                        : !reportedInstances.contains(request.instanceId()))
                .forEach(request -> results.add(result(request, untagged.get(String.valueOf(request.instanceId())))));
        return results;
    }

    private TerminationResult result(ManagedInstance instance, @Nullable ManagedSpotRequest request) {
        List<String> alive = Stream.of(
                        instance.isAlive() ? instance.id() : null,
                        request != null && request.isAlive() ? request.id() : null)
                .filter(Objects::nonNull)
                .toList();
        return new TerminationResult(
                region,
                instance.id(),
                billed(instance),
                instance.spotRequestId(),
                request,
                alive.isEmpty() ? Status.ENDED : Status.NOT_ENDED,
                failure(alive));
    }

    /**
     * Returns the result of a spot request. An instance that EC2 does not show at all may be new, unless its request
     * ended long ago.
     */
    private TerminationResult result(ManagedSpotRequest request, @Nullable ManagedInstance untagged) {
        boolean none = request.instanceId() == null
                || (untagged == null ? longEndedRequestIds.contains(request.id()) : !untagged.isAlive());
        Status status;
        if (none) {
            status = request.isAlive() ? Status.NOT_ENDED : Status.ENDED;
        } else if (untagged == null) {
            status = Status.NOT_ENDED;
        } else {
            // The tag of a new instance may exist without being visible yet.
            boolean isNew = untagged.mayBeLaunchedAfter(visibleBefore);
            status = isNew || request.isAlive() ? Status.UNTAGGED : Status.LEFT_UNTAGGED;
        }
        return new TerminationResult(
                region,
                request.instanceId(),
                untagged == null ? null : billed(untagged),
                request.id(),
                request,
                status,
                none && request.isAlive() ? failure(List.of(request.id())) : null);
    }

    /**
     * Returns the first failure if all of these resources have failed, or null if one may still end or the list is
     * empty.
     */
    private @Nullable ServiceException failure(List<String> alive) {
        return !alive.isEmpty() && failures.keySet().containsAll(alive) ? failures.get(alive.getFirst()) : null;
    }

    private Stream<ManagedInstance> chosenInstances() {
        return instances.stream().filter(instance -> instanceIds.contains(instance.id()));
    }

    private Stream<ManagedSpotRequest> chosenRequests() {
        return requests.stream().filter(request -> requestIds.contains(request.id()));
    }
}
