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

/**
 * The resources to end in a region, and the failures so far. An instance and its spot request end together. Not
 * thread-safe.
 */
public final class TerminationState {
    private final Set<String> instances = new LinkedHashSet<>();
    private final Set<String> requests = new LinkedHashSet<>();
    private final Map<String, ServiceException> refused = new LinkedHashMap<>();

    /** Adds an instance and its spot request. */
    public void add(ManagedInstance instance) {
        instances.add(instance.id());
        if (instance.spotRequestId() != null) {
            requests.add(instance.spotRequestId());
        }
    }

    /** Adds a spot request and its instance. */
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

    /**
     * Adds the instances that the spot requests have launched in the meantime. A persistent request may launch one
     * before it is cancelled.
     */
    void addLaunched(List<ManagedInstance> seen) {
        seen.stream()
                .filter(instance -> instance.spotRequestId() != null && requests.contains(instance.spotRequestId()))
                .forEach(instance -> instances.add(instance.id()));
    }

    void refuse(Map<String, ServiceException> more) {
        refused.putAll(more);
    }

    /** Records the failure of another resource for this one, too, if the other has failed. */
    void refuseAs(String id, String other) {
        ServiceException refusal = refused.get(other);
        if (refusal != null) {
            refused.put(id, refusal);
        }
    }

    boolean isRefused(String id) {
        return refused.containsKey(id);
    }

    /**
     * Returns the first failure if all of these resources have failed, or null if one may still end or the list is
     * empty.
     */
    @Nullable
    ServiceException refusal(List<String> alive) {
        return !alive.isEmpty() && refused.keySet().containsAll(alive) ? refused.get(alive.getFirst()) : null;
    }
}
