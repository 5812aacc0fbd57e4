package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to end in a region, and what was refused of it; what belongs to it ends too. Not thread-safe. */
public final class TerminationState {
    private final Set<String> instances = new LinkedHashSet<>();
    private final Set<String> requests = new LinkedHashSet<>();
    private final Map<String, ServiceException> refused = new LinkedHashMap<>();

    /** Takes an instance, and with it its request. */
    public void add(ManagedInstance instance) {
        instances.add(instance.id());
        if (instance.spotRequestId() != null) {
            requests.add(instance.spotRequestId());
        }
    }

    /** Takes a request, and with it its instance. */
    public void add(ManagedSpotRequest request) {
        requests.add(request.id());
        if (request.instanceId() != null) {
            instances.add(request.instanceId());
        }
    }

    int size() {
        return instances.size() + requests.size();
    }

    boolean isEmpty() {
        return instances.isEmpty() && requests.isEmpty();
    }

    boolean has(ManagedInstance instance) {
        return instances.contains(instance.id());
    }

    boolean has(ManagedSpotRequest request) {
        return requests.contains(request.id());
    }

    /** Takes what the requests have launched meanwhile: a persistent one may have, before it was cancelled. */
    void addLaunched(List<ManagedInstance> seen) {
        seen.stream()
                .filter(instance -> instance.spotRequestId() != null && requests.contains(instance.spotRequestId()))
                .forEach(instance -> instances.add(instance.id()));
    }

    void refuse(Map<String, ServiceException> more) {
        refused.putAll(more);
    }

    /** Refuses one thing for the reason of another, which was refused. */
    void refuseAs(String id, String other) {
        ServiceException refusal = refused.get(other);
        if (refusal != null) {
            refused.put(id, refusal);
        }
    }

    boolean isRefused(String id) {
        return refused.containsKey(id);
    }

    /** Returns why none of these can be ended; nothing if one of them still may be, or there are none. */
    @Nullable
    ServiceException refusal(List<String> alive) {
        return !alive.isEmpty() && refused.keySet().containsAll(alive) ? refused.get(alive.getFirst()) : null;
    }
}
