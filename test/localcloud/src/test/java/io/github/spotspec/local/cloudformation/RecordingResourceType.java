package io.github.spotspec.local.cloudformation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A resource type that only remembers what became of it. A thing can be of another one, which must live at least as
 * long; and it can be told where to fail. Thread-safe.
 */
final class RecordingResourceType implements ResourceType {
    static final String TYPE = "Test::Thing";

    private final Map<String, Properties> existing = new TreeMap<>();
    private final List<String> log = new ArrayList<>();
    private boolean neverFails;

    /** Returns the names of all things that live. */
    synchronized List<String> existing() {
        return List.copyOf(existing.keySet());
    }

    synchronized String size(String name) {
        return existing.getOrDefault(name, new Properties(Map.of())).text("Size", "none");
    }

    /** Returns what happened since the last time. */
    synchronized List<String> log() {
        List<String> copy = List.copyOf(log);
        log.clear();
        return copy;
    }

    /** From now on nothing fails any more. */
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
        // Like a real service, it may have done half of it by then.
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

    private void failIfRequested(String act, Properties properties) {
        if (!neverFails && properties.text("Fails", "").equals(act)) {
            throw new IllegalStateException("told to fail to " + act);
        }
    }
}
