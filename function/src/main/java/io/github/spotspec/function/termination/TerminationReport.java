package io.github.spotspec.function.termination;

import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a termination, as EC2 shows it at one time.
 *
 * @param instances all managed instances of the region
 * @param requests the spot requests to end
 */
record TerminationReport(
        String region, List<ManagedInstance> instances, List<ManagedSpotRequest> requests, TerminationState ending) {
    /** Returns the instances of these spot requests that EC2 does not show with the deployment's tag. */
    List<String> unseen() {
        Set<String> seen = instances.stream().map(ManagedInstance::id).collect(Collectors.toSet());
        return requests.stream()
                .map(ManagedSpotRequest::instanceId)
                .filter(Objects::nonNull)
                .filter(instance -> !seen.contains(instance))
                .distinct()
                .toList();
    }

    /**
     * Returns the result for each resource that is to end.
     *
     * @param untagged the unseen instances that EC2 shows without the tag, by id
     * @param old the spot requests whose instance has ended if EC2 does not show it at all
     * @param shown EC2 now shows everything that was launched before this time, with its tags
     */
    List<TerminationResult> result(Map<String, ManagedInstance> untagged, Set<String> old, Instant shown) {
        Map<String, ManagedSpotRequest> byId = requests.stream()
                .collect(Collectors.toMap(ManagedSpotRequest::id, request -> request, (one, same) -> one));
        List<ManagedInstance> chosen = instances.stream().filter(ending::has).toList();
        List<TerminationResult> result = new ArrayList<>();
        chosen.forEach(instance -> result.add(ended(instance, byId.get(String.valueOf(instance.spotRequestId())))));
        Set<String> instancesTold = chosen.stream().map(ManagedInstance::id).collect(Collectors.toSet());
        Set<String> requestsTold = chosen.stream()
                .map(instance -> String.valueOf(instance.spotRequestId()))
                .collect(Collectors.toSet());
        requests.stream()
                .filter(request -> request.instanceId() == null
                        ? !requestsTold.contains(request.id())
                        : !instancesTold.contains(request.instanceId()))
                .forEach(request -> result.add(ended(
                        request,
                        untagged.get(String.valueOf(request.instanceId())),
                        old.contains(request.id()),
                        shown)));
        return result;
    }

    private TerminationResult ended(ManagedInstance instance, @Nullable ManagedSpotRequest request) {
        List<String> alive = Stream.of(
                        instance.isAlive() ? instance.id() : null,
                        request != null && request.isAlive() ? request.id() : null)
                .filter(Objects::nonNull)
                .toList();
        return new TerminationResult(
                region,
                instance.id(),
                instance.state(),
                instance.spotRequestId(),
                request == null ? null : request.state(),
                alive.isEmpty(),
                false,
                false,
                ending.refusal(alive),
                instance.keptVolumes());
    }

    /**
     * Returns the result of a spot request. An instance that EC2 does not show at all may be new, unless its request is
     * old.
     */
    private TerminationResult ended(
            ManagedSpotRequest request, @Nullable ManagedInstance instance, boolean old, Instant shown) {
        boolean none = request.instanceId() == null || (instance == null ? old : !instance.isAlive());
        // The tag of a new instance may exist without being visible yet.
        boolean leftAlone = !none && instance != null && !instance.launchTime().isAfter(shown) && !request.isAlive();
        return new TerminationResult(
                region,
                request.instanceId(),
                instance == null ? null : instance.state(),
                request.id(),
                request.state(),
                none && !request.isAlive(),
                !none && instance != null,
                leftAlone,
                none && request.isAlive() ? ending.refusal(List.of(request.id())) : null,
                instance == null ? List.of() : instance.keptVolumes());
    }
}
