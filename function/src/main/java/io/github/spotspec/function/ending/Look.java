package io.github.spotspec.function.ending;

import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
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
 * How far an ending has come, as EC2 shows it at one time.
 *
 * @param instances all own instances of the region
 * @param requests the requests that are to end
 */
record Look(String region, List<OwnInstance> instances, List<OwnRequest> requests, Ending ending) {
    /** Returns the instances of the requests that EC2 does not show with the service's tag. */
    List<String> unseen() {
        Set<String> seen = instances.stream().map(OwnInstance::id).collect(Collectors.toSet());
        return requests.stream()
                .map(OwnRequest::instance)
                .filter(Objects::nonNull)
                .filter(instance -> !seen.contains(instance))
                .distinct()
                .toList();
    }

    /**
     * Returns what has become of everything that is to end.
     *
     * @param untagged the unseen instances that EC2 shows without the tag, by id
     * @param old the requests of which an instance that EC2 does not show at all has ended
     * @param shown what was launched by then, EC2 shows with its tags by now
     */
    List<Ended> result(Map<String, OwnInstance> untagged, Set<String> old, Instant shown) {
        Map<String, OwnRequest> byId =
                requests.stream().collect(Collectors.toMap(OwnRequest::id, request -> request, (one, same) -> one));
        List<OwnInstance> chosen = instances.stream().filter(ending::has).toList();
        List<Ended> result = new ArrayList<>();
        chosen.forEach(instance -> result.add(ended(instance, byId.get(String.valueOf(instance.spotRequest())))));
        Set<String> instancesTold = chosen.stream().map(OwnInstance::id).collect(Collectors.toSet());
        Set<String> requestsTold = chosen.stream()
                .map(instance -> String.valueOf(instance.spotRequest()))
                .collect(Collectors.toSet());
        requests.stream()
                .filter(request -> request.instance() == null
                        ? !requestsTold.contains(request.id())
                        : !instancesTold.contains(request.instance()))
                .forEach(request -> result.add(ended(
                        request, untagged.get(String.valueOf(request.instance())), old.contains(request.id()), shown)));
        return result;
    }

    private Ended ended(OwnInstance instance, @Nullable OwnRequest request) {
        List<String> alive = Stream.of(
                        instance.isAlive() ? instance.id() : null,
                        request != null && request.isAlive() ? request.id() : null)
                .filter(Objects::nonNull)
                .toList();
        return new Ended(
                region,
                instance.id(),
                instance.state(),
                instance.spotRequest(),
                request == null ? null : request.state(),
                alive.isEmpty(),
                false,
                false,
                ending.refusal(alive),
                instance.keptVolumes());
    }

    /** An instance that EC2 does not show at all may have been launched a moment ago, unless its request is old. */
    private Ended ended(OwnRequest request, @Nullable OwnInstance instance, boolean old, Instant shown) {
        boolean none = request.instance() == null || (instance == null ? old : !instance.isAlive());
        // The tag of one that was launched a moment ago may only not be seen yet.
        boolean leftAlone = !none && instance != null && !instance.launched().isAfter(shown) && !request.isAlive();
        return new Ended(
                region,
                request.instance(),
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
