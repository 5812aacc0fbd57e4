package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.termination.TerminationResult.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
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
    /** The instances that were alive, as EC2 showed them then. */
    private final Map<String, ManagedInstance> seenAlive = new HashMap<>();

    private List<ManagedInstance> instances;
    private List<ManagedSpotRequest> requests;

    /**
     * Creates a state in which nothing is to end.
     *
     * @param visibleBefore EC2 now shows everything that was launched before this time, with its tags
     */
    TerminationState(
            String region, Instant visibleBefore, List<ManagedInstance> instances, List<ManagedSpotRequest> requests) {
        this.region = region;
        this.visibleBefore = visibleBefore;
        this.instances = instances;
        this.requests = requests;
        rememberAlive();
        // These are so old that their instance has ended if EC2 does not show it.
        this.longEndedRequestIds = requests.stream()
                .filter(request -> !request.isAlive() && !request.createTime().isAfter(visibleBefore))
                .map(ManagedSpotRequest::id)
                .collect(Collectors.toSet());
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
    void update(List<ManagedInstance> shownInstances, List<ManagedSpotRequest> shownRequests) {
        instances = shownInstances.stream().map(this::withStop).toList();
        requests = shownRequests;
        rememberAlive();
        instances.stream()
                .filter(instance -> instance.spotRequestId() != null && requestIds.contains(instance.spotRequestId()))
                .forEach(instance -> instanceIds.add(instance.id()));
    }

    private void rememberAlive() {
        instances.stream().filter(ManagedInstance::isAlive).forEach(instance -> seenAlive.put(instance.id(), instance));
    }

    /** Returns an ended instance with the change that stopped it before, because it cost nothing from then on. */
    private ManagedInstance withStop(ManagedInstance shown) {
        ManagedInstance before = seenAlive.get(shown.id());
        return before == null || !before.isStopped() || shown.isAlive()
                ? shown
                : shown.withLastChange(before.details().lastChange());
    }

    /** Returns an instance of this state with what says when and why it ended. */
    public BilledInstance billed(ManagedInstance instance) {
        ManagedSpotRequest request = requests.stream()
                .filter(one -> one.id().equals(instance.spotRequestId()))
                .findFirst()
                .orElse(null);
        ManagedInstance before = seenAlive.get(instance.id());
        // The request's status says when the instance ended, and not when it stopped before.
        boolean stoppedBefore = before != null && before.isStopped();
        return new BilledInstance(instance, stoppedBefore ? null : request, before != null);
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
