package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.cloudformation.ResourceType.PhysicalResource;
import io.github.spotspec.local.cloudformation.ResourceType.ResourceSpec;
import io.github.spotspec.local.cloudformation.Stack.ChangeSet;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Creates, updates and deletes stacks from templates. Thread-safe. As on AWS, a stack changes in the background. */
public final class Stacks {
    private final String account;
    private final InstantSource clock;
    private final Map<String, ResourceType> types;
    private final BiFunction<String, String, String> ssmParameters;
    private final Map<String, Stack> stacks = new TreeMap<>();

    /**
     * Creates an account without stacks.
     *
     * @param ssmParameters returns the value of a Systems Manager parameter, by region and name
     */
    public Stacks(
            String account,
            InstantSource clock,
            Map<String, ResourceType> types,
            BiFunction<String, String, String> ssmParameters) {
        this.account = account;
        this.clock = clock;
        this.types = types;
        this.ssmParameters = ssmParameters;
    }

    /** Returns a stack by name or id, or null if it does not exist. */
    public synchronized @Nullable Stack find(String region, String nameOrId) {
        return stacks.values().stream()
                .filter(stack -> stack.id().equals(nameOrId)
                        // A deleted stack can still be found by its id, but its name is available again.
                        || (stack.name().equals(nameOrId)
                                && stack.region().equals(region)
                                && !stack.status().equals("DELETE_COMPLETE")))
                .findFirst()
                .orElse(null);
    }

    /** Returns all stacks except deleted ones. */
    public synchronized List<Stack> all() {
        return stacks.values().stream()
                .filter(stack -> !stack.status().equals("DELETE_COMPLETE"))
                .toList();
    }

    /** Returns all stacks, also deleted ones. */
    public synchronized List<Stack> history() {
        return List.copyOf(stacks.values());
    }

    /** Creates a change set, which compares a template with the existing stack and does not change any resource. */
    public synchronized ChangeSet createChangeSet(
            String region,
            String stackName,
            String name,
            boolean create,
            String body,
            Map<String, String> parameters,
            Map<String, String> tags) {
        Template template = Template.parse(body);
        template.inOrder();
        Map<String, Object> values = values(region, template, parameters);
        for (Template.Resource resource : template.resources().values()) {
            ResourceType type = types.get(resource.type());
            if (type == null) {
                throw AwsError.unknown("the resource type " + resource.type() + " of " + resource.id());
            }
            new Properties(resource.properties())
                    .refuseUnknown(resource.type() + " " + resource.id(), type.properties());
        }
        Stack stack = find(region, stackName);
        if (create != (stack == null || stack.status().equals("REVIEW_IN_PROGRESS"))) {
            throw new AwsError(
                    400,
                    "ValidationError",
                    "Stack [" + stackName + "] " + (create ? "already exists" : "does not exist"));
        }
        if (stack == null) {
            String id = "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + stackName + "/"
                    + UUID.randomUUID();
            stack = new Stack(stackName, id, region, clock.instant());
            stacks.put(id, stack);
            stack.status("REVIEW_IN_PROGRESS", "User Initiated", clock.instant());
        }
        refuseChangedTypes(stack, template);
        boolean changes = create
                || !stack.templateBody().equals(body)
                || !stack.parameters().equals(parameters)
                || !stack.values.equals(values)
                || !stack.tags().equals(tags);
        String id = "arn:aws:cloudformation:" + region + ":" + account + ":changeSet/" + name + "/" + UUID.randomUUID();
        ChangeSet set = new ChangeSet(id, name, template, parameters, values, tags, changes, clock.instant());
        stack.changeSets.put(name, set);
        return set;
    }

    private static void refuseChangedTypes(Stack stack, Template template) {
        List<String> changed = stack.resources.values().stream()
                .filter(resource -> template.resources().containsKey(resource.id())
                        && !template.resources().get(resource.id()).type().equals(resource.type()))
                .map(Stack.Resource::id)
                .toList();
        if (!changed.isEmpty()) {
            throw new AwsError(400, "ValidationError", "Update of resource type is not permitted: " + changed);
        }
    }

    /** Starts to execute a change set. */
    public void execute(Stack stack, ChangeSet set) {
        boolean create = stack.status().equals("REVIEW_IN_PROGRESS");
        stack.status(create ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS", "User Initiated", clock.instant());
        stack.changeSets.clear();
        inBackground(stack, () -> carryOut(stack, set, create));
    }

    /** Starts to delete a stack, also while it is being created. */
    public void delete(Stack stack) {
        stack.status("DELETE_IN_PROGRESS", "User Initiated", clock.instant());
        inBackground(stack, () -> {
            try {
                reconcile(stack, Template.EMPTY, Map.of(), Map.of());
                stack.status("DELETE_COMPLETE", "", clock.instant());
            } catch (RuntimeException e) {
                stack.status("DELETE_FAILED", String.valueOf(e.getMessage()), clock.instant());
            }
        });
    }

    /** Changes a stack when its previous change has ended. On AWS, a deletion interrupts a creation. */
    private synchronized void inBackground(Stack stack, Runnable change) {
        Thread before = stack.change;
        stack.change = Thread.ofVirtual().name("stack " + stack.name()).start(() -> {
            try {
                if (before != null) {
                    before.join();
                }
                change.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Waits until the changes of all stacks have ended, but not longer than a time for each stack. */
    public void awaitChanges(Duration longest) {
        try {
            for (Thread change : changes()) {
                change.join(longest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<Thread> changes() {
        return stacks.values().stream()
                .flatMap(stack -> Stream.ofNullable(stack.change))
                .toList();
    }

    private void carryOut(Stack stack, ChangeSet set, boolean create) {
        Template before = stack.template;
        Map<String, String> parametersBefore = stack.parameters;
        Map<String, Object> valuesBefore = stack.values;
        try {
            reconcile(stack, set.template(), set.parameters(), set.values());
            stack.tags = set.tags();
            stack.status(create ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", "", clock.instant());
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            stack.status(create ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS", reason, clock.instant());
            try {
                reconcile(stack, before, parametersBefore, valuesBefore);
                stack.status(create ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE", reason, clock.instant());
            } catch (RuntimeException again) {
                stack.status(create ? "ROLLBACK_FAILED" : "UPDATE_ROLLBACK_FAILED", reason, clock.instant());
            }
        }
    }

    /** Creates, updates and deletes resources until the stack matches the template. */
    private void reconcile(Stack stack, Template template, Map<String, String> given, Map<String, Object> parameters) {
        Intrinsics intrinsics = new Intrinsics(
                name -> parameters.containsKey(name) ? parameters.get(name) : reference(stack, name),
                (id, attribute) -> attribute(stack, id, attribute),
                template.conditions());
        Set<String> wanted = new LinkedHashSet<>();
        for (Template.Resource resource : template.inOrder()) {
            if (resource.condition() == null || intrinsics.holds(resource.condition())) {
                wanted.add(resource.id());
                put(stack, resource, intrinsics);
            }
        }
        List<Stack.Output> outputs = new ArrayList<>();
        template.outputs().forEach((name, output) -> {
            if (output.condition() == null || intrinsics.holds(output.condition())) {
                outputs.add(new Stack.Output(
                        name,
                        intrinsics.text(output.value()),
                        output.description(),
                        output.exportName() == null ? null : intrinsics.text(output.exportName())));
            }
        });
        cleanUp(stack, wanted, !template.resources().isEmpty());
        stack.template = template;
        stack.parameters = given;
        stack.values = parameters;
        stack.outputs = outputs;
    }

    /** Creates or updates one resource. */
    private void put(Stack stack, Template.Resource resource, Intrinsics intrinsics) {
        ResourceType type = Objects.requireNonNull(types.get(resource.type()));
        Properties properties = new Properties(intrinsics.properties(resource.properties()));
        properties.refuseUnknown(resource.type() + " " + resource.id(), type.properties());
        Stack.Resource old = stack.resources.get(resource.id());
        if (old != null && old.properties().equals(properties)) {
            stack.place(resource, old.made(), properties);
            return;
        }
        Stack.Resource original = stack.superseded.stream()
                .filter(one ->
                        one.id().equals(resource.id()) && one.properties().equals(properties))
                .findFirst()
                .orElse(null);
        if (old != null && original != null) {
            stack.superseded.remove(original);
            stack.superseded.add(old);
            stack.place(resource, original.made(), properties);
            return;
        }
        GeneratedName name = GeneratedName.of(stack.name(), resource.id());
        ResourceSpec wanted = new ResourceSpec(stack.region(), name.full(), name.shorter(), properties);
        Stack.Resource kept = old != null && keeps(type, old.properties(), properties) ? old : null;
        String verb = kept != null ? "UPDATE" : "CREATE";
        event(stack, resource, kept != null ? kept.made().id() : "", verb + "_IN_PROGRESS", null);
        try {
            PhysicalResource made =
                    kept != null ? type.update(kept.made(), wanted, kept.properties()) : type.create(wanted);
            if (old != null && kept == null) {
                stack.superseded.add(old);
            }
            stack.place(resource, made, properties);
            event(stack, resource, made.id(), verb + "_COMPLETE", null);
        } catch (RuntimeException e) {
            if (kept != null) {
                // The update may have happened in part, so the rollback must change the resource back.
                stack.place(resource, kept.made(), properties);
            }
            event(stack, resource, "", verb + "_FAILED", String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Returns whether a change of properties keeps the resource and does not replace it. */
    private static boolean keeps(ResourceType type, Properties before, Properties after) {
        return type.replacing().stream().allMatch(name -> Objects.equals(before.any(name), after.any(name)));
    }

    /**
     * Deletes the resources that are no longer wanted. It runs last and starts with the newest resource, so that no
     * resource is deleted while it is in use. A resource that cannot be deleted does not prevent the deletion of the
     * others.
     *
     * @param forgets whether a resource that cannot be deleted is left behind, as after an update, or fails the change
     */
    private void cleanUp(Stack stack, Set<String> wanted, boolean forgets) {
        List<Stack.Resource> unwanted = new ArrayList<>(stack.superseded);
        stack.resources.values().stream()
                .filter(resource -> !wanted.contains(resource.id()))
                .forEach(unwanted::add);
        unwanted.sort(Comparator.comparingInt(Stack.Resource::order).reversed());
        List<String> failed = new ArrayList<>();
        for (Stack.Resource resource : unwanted) {
            boolean replaced = stack.superseded.contains(resource);
            Template.Resource asked = resource.wanted();
            if (replaced ? asked.retainReplaced() : asked.retain()) {
                event(stack, asked, resource.made().id(), "DELETE_SKIPPED", null);
            } else if (!deleted(stack, resource) && !forgets) {
                failed.add(resource.id());
                continue;
            }
            stack.superseded.remove(resource);
            stack.resources.remove(resource.id(), resource);
        }
        if (!failed.isEmpty()) {
            throw new AwsError(
                    400,
                    "ValidationError",
                    "The following resource(s) failed to delete: [" + String.join(", ", failed) + "].");
        }
    }

    private boolean deleted(Stack stack, Stack.Resource resource) {
        String id = resource.made().id();
        event(stack, resource.wanted(), id, "DELETE_IN_PROGRESS", null);
        try {
            Objects.requireNonNull(types.get(resource.type())).delete(resource.made(), resource.properties());
            event(stack, resource.wanted(), id, "DELETE_COMPLETE", null);
            return true;
        } catch (RuntimeException e) {
            event(stack, resource.wanted(), id, "DELETE_FAILED", String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void event(
            Stack stack, Template.Resource resource, String physicalId, String status, @Nullable String reason) {
        stack.event(resource.id(), physicalId, resource.type(), status, reason, clock.instant());
    }

    /**
     * Returns the values of a template's parameters. Values of Systems Manager parameters are fetched for each change
     * set and stored in it (CloudFormation user guide, "Specify existing resources at runtime with
     * CloudFormation-supplied parameter types").
     */
    private Map<String, Object> values(String region, Template template, Map<String, String> given) {
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        template.parameters().forEach((name, parameter) -> {
            String value = given.getOrDefault(name, parameter.defaultValue());
            if (value == null) {
                missing.add(name);
            } else {
                values.put(name, value(region, parameter.type(), value));
            }
        });
        if (!missing.isEmpty()) {
            throw new AwsError(400, "ValidationError", "Parameters: " + missing + " must have values");
        }
        return values;
    }

    private Object value(String region, String type, String given) {
        return switch (type) {
            case "String", "Number" -> given;
            case "AWS::SSM::Parameter::Value<String>", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>" ->
                ssmParameter(region, given);
            // As in a CommaDelimitedList, spaces around an element are removed.
            case "AWS::SSM::Parameter::Value<List<String>>" ->
                Arrays.stream(ssmParameter(region, given).split(",", -1))
                        .map(String::strip)
                        .toList();
            default -> throw AwsError.unknown("the parameter type " + type);
        };
    }

    private String ssmParameter(String region, String name) {
        try {
            return ssmParameters.apply(region, name);
        } catch (AwsError e) {
            throw new AwsError(
                    400,
                    "ValidationError",
                    "Unable to fetch parameters [" + name + "] from parameter store for this account.");
        }
    }

    private @Nullable Object reference(Stack stack, String name) {
        return switch (name) {
            case "AWS::AccountId" -> account;
            case "AWS::Region" -> stack.region();
            case "AWS::Partition" -> "aws";
            case "AWS::URLSuffix" -> "amazonaws.com";
            case "AWS::StackName" -> stack.name();
            case "AWS::StackId" -> stack.id();
            default -> {
                Stack.Resource resource = stack.resources.get(name);
                yield resource == null ? null : resource.made().id();
            }
        };
    }

    private static @Nullable Object attribute(Stack stack, String id, String attribute) {
        Stack.Resource resource = stack.resources.get(id);
        return resource == null ? null : resource.made().attributes().get(attribute);
    }
}
