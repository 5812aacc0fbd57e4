package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.cloudformation.ResourceType.PhysicalResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stack: its template, its resources and its events. Only {@link Stacks} changes it. */
public final class Stack {
    /** A stack event. */
    public record Event(
            String id,
            Instant time,
            String logicalId,
            String physicalId,
            String type,
            String status,
            @Nullable String reason) {}

    /** A stack output. */
    public record Output(
            String name,
            String value,
            @Nullable String description,
            @Nullable String exportName) {}

    /**
     * A change set.
     *
     * @param values the parameters' values; for a Systems Manager parameter, its value when the change set was created
     */
    public record ChangeSet(
            String id,
            String name,
            Template template,
            Map<String, String> parameters,
            Map<String, Object> values,
            Map<String, String> tags,
            boolean changes,
            Instant created) {}

    /**
     * A resource of a stack.
     *
     * @param order the position of the resource in the order in which resources were last created, updated or found
     *     unchanged
     */
    record Resource(Template.Resource wanted, PhysicalResource made, Properties properties, int order) {
        String id() {
            return wanted.id();
        }

        String type() {
            return wanted.type();
        }
    }

    private final String name;
    private final String id;
    private final String region;
    private final Instant created;
    Template template = Template.EMPTY;
    Map<String, String> parameters = Map.of();
    Map<String, Object> values = Map.of();
    Map<String, String> tags = Map.of();
    String status = "REVIEW_IN_PROGRESS";
    String reason = "";
    final Map<String, Resource> resources = new LinkedHashMap<>();

    /** Replaced resources, which are deleted when a change is complete and restored when it is rolled back. */
    final List<Resource> superseded = new ArrayList<>();

    final Map<String, ChangeSet> changeSets = new LinkedHashMap<>();
    List<Output> outputs = List.of();

    /** The latest change. Only {@link Stacks} uses it, under its lock. */
    @Nullable
    Thread change;

    private int placed;
    private final List<Event> events = new ArrayList<>();

    Stack(String name, String id, String region, Instant created) {
        this.name = name;
        this.id = id;
        this.region = region;
        this.created = created;
    }

    public String name() {
        return name;
    }

    public String id() {
        return id;
    }

    public String region() {
        return region;
    }

    public Instant created() {
        return created;
    }

    public synchronized String status() {
        return status;
    }

    public synchronized String reason() {
        return reason;
    }

    public synchronized Map<String, String> parameters() {
        return parameters;
    }

    public synchronized Map<String, String> tags() {
        return tags;
    }

    public synchronized List<Output> outputs() {
        return outputs;
    }

    public synchronized String templateBody() {
        return template.body();
    }

    public synchronized @Nullable ChangeSet changeSet(String nameOrId) {
        return changeSets.values().stream()
                .filter(set -> set.name().equals(nameOrId) || set.id().equals(nameOrId))
                .findFirst()
                .orElse(null);
    }

    /** Deletes a change set if it exists. */
    public synchronized void forget(String nameOrId) {
        changeSets
                .values()
                .removeIf(set -> set.name().equals(nameOrId) || set.id().equals(nameOrId));
    }

    /** Returns the physical id of a resource. */
    public synchronized String physicalId(String logicalId) {
        Resource resource = resources.get(logicalId);
        if (resource == null) {
            throw new IllegalArgumentException("the stack " + name + " has no resource " + logicalId);
        }
        return resource.made().id();
    }

    /** Returns the physical ids of all resources. */
    public synchronized List<String> physicalIds() {
        return resources.values().stream().map(resource -> resource.made().id()).toList();
    }

    /** Returns the logical id of the only resource of a type. */
    public synchronized String logicalId(String type) {
        return resources.values().stream()
                .filter(resource -> resource.type().equals(type))
                .map(Resource::id)
                .reduce((one, another) -> {
                    throw new IllegalArgumentException("the stack " + name + " has several of " + type);
                })
                .orElseThrow(() -> new IllegalArgumentException("the stack " + name + " has no " + type));
    }

    /** Returns the stack's events, the newest first. */
    public synchronized List<Event> events() {
        return List.copyOf(events).reversed();
    }

    /** Records the physical resource for a resource of the template. */
    synchronized void place(Template.Resource wanted, PhysicalResource made, Properties properties) {
        resources.put(wanted.id(), new Resource(wanted, made, properties, ++placed));
    }

    /** Changes the status, unless a deletion has begun and this is the end of the creation before it. */
    synchronized void status(String status, String reason, Instant time) {
        if (this.status.equals("DELETE_IN_PROGRESS") && !status.startsWith("DELETE_")) {
            return;
        }
        this.status = status;
        this.reason = reason;
        event(name, id, "AWS::CloudFormation::Stack", status, reason, time);
    }

    synchronized void event(
            String logicalId, String physicalId, String type, String status, @Nullable String reason, Instant time) {
        String eventId = logicalId + "-" + status + "-" + events.size();
        events.add(new Event(eventId, time, logicalId, physicalId, type, status, reason));
    }
}
