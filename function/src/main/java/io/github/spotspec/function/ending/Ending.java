package io.github.spotspec.function.ending;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to end in a region, and what was refused of it; what belongs to it ends too. Not thread-safe. */
public final class Ending {
    private final Set<String> instances = new LinkedHashSet<>();
    private final Set<String> requests = new LinkedHashSet<>();
    private final Map<String, Refusal> refused = new LinkedHashMap<>();

    /** Takes an instance, and with it its request. */
    public void add(OwnInstance instance) {
        instances.add(instance.id());
        if (instance.spotRequest() != null) {
            requests.add(instance.spotRequest());
        }
    }

    /** Takes a request, and with it its instance. */
    public void add(OwnRequest request) {
        requests.add(request.id());
        if (request.instance() != null) {
            instances.add(request.instance());
        }
    }

    int size() {
        return instances.size() + requests.size();
    }

    boolean isEmpty() {
        return instances.isEmpty() && requests.isEmpty();
    }

    boolean has(OwnInstance instance) {
        return instances.contains(instance.id());
    }

    boolean has(OwnRequest request) {
        return requests.contains(request.id());
    }

    /** Takes what the requests have launched meanwhile: a persistent one may have, before it was cancelled. */
    void addLaunched(List<OwnInstance> seen) {
        seen.stream()
                .filter(instance -> instance.spotRequest() != null && requests.contains(instance.spotRequest()))
                .forEach(instance -> instances.add(instance.id()));
    }

    void refuse(Map<String, Refusal> more) {
        refused.putAll(more);
    }

    /** Refuses one thing for the reason of another, which was refused. */
    void refuseAs(String id, String other) {
        Refusal refusal = refused.get(other);
        if (refusal != null) {
            refused.put(id, refusal);
        }
    }

    boolean isRefused(String id) {
        return refused.containsKey(id);
    }

    /** Returns why none of these can be ended; nothing if one of them still may be, or there are none. */
    @Nullable
    Refusal refusal(List<String> alive) {
        return !alive.isEmpty() && refused.keySet().containsAll(alive) ? refused.get(alive.getFirst()) : null;
    }
}
