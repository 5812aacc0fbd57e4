package io.github.spotspec.local.cloudformation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A resource type that only records its operations. A resource can refer to another one, which must exist for as long,
 * and can request a failure. Thread-safe.
 */
final class RecordingResourceType implements ResourceType {
    static final String TYPE = "Test::Thing";

    private final Map<String, Properties> existing = new TreeMap<>();
    private final List<String> log = new ArrayList<>();
    private boolean neverFails;

    /** Returns the names of all existing resources. */
    synchronized List<String> existing() {
        return List.copyOf(existing.keySet());
    }

    synchronized String size(String name) {
        return existing.getOrDefault(name, new Properties(Map.of())).text("Size", "none");
    }

    /** Returns the operations since the last call. */
    synchronized List<String> log() {
        List<String> copy = List.copyOf(log);
        log.clear();
        return copy;
    }

    /** Ignores requested failures from now on. */
    synchronized void stopFailing() {
        neverFails = true;
    }

    @Override
    public Set<String> properties() {
        return Set.of("Name", "Size", "Of", "Fails");
    }

    @Override
    public Set<String> replacing() {
        return Set.of("Name");
    }

    @Override
    public synchronized PhysicalResource create(ResourceSpec wanted) {
        String name = wanted.properties().text("Name", wanted.name());
        log.add("create " + name);
        failIfRequested("create", wanted.properties());
        if (existing.containsKey(name)) {
            throw new IllegalStateException(name + " already exists");
        }
        put(name, wanted.properties());
        return PhysicalResource.of(name, "Arn", "arn:" + name, "Region", wanted.region());
    }

    @Override
    public synchronized PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
        log.add("update " + made.id());
        put(made.id(), wanted.properties());
        // Fails after the change, because a real service may fail halfway.
        failIfRequested("update", wanted.properties());
        return made;
    }

    @Override
    public synchronized void delete(PhysicalResource made, Properties properties) {
        log.add("delete " + made.id());
        failIfRequested("delete", properties);
        if (existing.values().stream().anyMatch(other -> other.text("Of", "").equals(made.id()))) {
            throw new IllegalStateException(made.id() + " is in use");
        }
        existing.remove(made.id());
    }

    private void put(String name, Properties properties) {
        String of = properties.text("Of", "");
        if (!of.isEmpty() && !existing.containsKey(of)) {
            throw new IllegalStateException(of + " does not exist");
        }
        existing.put(name, properties);
    }

    private void failIfRequested(String action, Properties properties) {
        if (!neverFails && properties.text("Fails", "").equals(action)) {
            throw new IllegalStateException("failed on request: " + action);
        }
    }
}
