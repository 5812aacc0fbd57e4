package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.cloudformation.ResourceType.Made;
import io.github.spotspec.local.cloudformation.ResourceType.Wanted;
import io.github.spotspec.local.cloudformation.Stack.ChangeSet;
import io.github.spotspec.local.wire.AwsError;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes stacks from templates. Thread-safe; a stack changes in the background, as on AWS. */
public final class Stacks {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int MOST_NAME = 64;

    private final String account;
    private final InstantSource clock;
    private final Map<String, ResourceType> types;
    private final Function<String, String> ssmParameters;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Stack> stacks = new TreeMap<>();

    /** Makes an empty account. */
    public Stacks(
            String account,
            InstantSource clock,
            Map<String, ResourceType> types,
            Function<String, String> ssmParameters) {
        this.account = account;
        this.clock = clock;
        this.types = types;
        this.ssmParameters = ssmParameters;
    }

    /** Returns a stack by name or id, or null if there is none. */
    public synchronized @Nullable Stack find(String region, String nameOrId) {
        return stacks.values().stream()
                .filter(stack -> stack.id().equals(nameOrId)
                        // A deleted stack is still found by its id, but its name is free again.
                        || (stack.name().equals(nameOrId)
                                && stack.region().equals(region)
                                && !stack.status().equals("DELETE_COMPLETE")))
                .findFirst()
                .orElse(null);
    }

    /** Returns all stacks that are not deleted. */
    public synchronized List<Stack> all() {
        return stacks.values().stream()
                .filter(stack -> !stack.status().equals("DELETE_COMPLETE"))
                .toList();
    }

    /** Compares a template with what is there, without changing anything. */
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
        boolean changes = create
                || !stack.templateBody().equals(body)
                || !stack.parameters().equals(parameters)
                || !stack.tags().equals(tags);
        String id = "arn:aws:cloudformation:" + region + ":" + account + ":changeSet/" + name + "/" + UUID.randomUUID();
        ChangeSet set = new ChangeSet(id, name, template, parameters, tags, changes, clock.instant());
        stack.changeSets.put(name, set);
        return set;
    }

    /** Starts to carry a change set out. */
    public void execute(Stack stack, ChangeSet set) {
        boolean create = stack.status().equals("REVIEW_IN_PROGRESS");
        stack.status(create ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS", "User Initiated", clock.instant());
        stack.changeSets.clear();
        Thread.ofVirtual().name("stack " + stack.name()).start(() -> carryOut(stack, set, create));
    }

    /** Starts to delete a stack. */
    public void delete(Stack stack) {
        stack.status("DELETE_IN_PROGRESS", "User Initiated", clock.instant());
        Thread.ofVirtual().name("stack " + stack.name()).start(() -> {
            try {
                reconcile(stack, Template.EMPTY, Map.of());
                stack.status("DELETE_COMPLETE", "", clock.instant());
            } catch (RuntimeException e) {
                stack.status("DELETE_FAILED", String.valueOf(e.getMessage()), clock.instant());
            }
        });
    }

    private void carryOut(Stack stack, ChangeSet set, boolean create) {
        Template before = stack.template;
        Map<String, String> parametersBefore = stack.parameters;
        try {
            reconcile(stack, set.template(), set.parameters());
            stack.tags = set.tags();
            stack.status(create ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", "", clock.instant());
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            stack.status(create ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS", reason, clock.instant());
            try {
                reconcile(stack, before, parametersBefore);
                stack.status(create ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE", reason, clock.instant());
            } catch (RuntimeException again) {
                stack.status(create ? "ROLLBACK_FAILED" : "UPDATE_ROLLBACK_FAILED", reason, clock.instant());
            }
        }
    }

    /** Makes, changes and deletes resources until the stack is as the template says. */
    private void reconcile(Stack stack, Template template, Map<String, String> given) {
        Map<String, Object> parameters = parameters(template, given);
        Intrinsics intrinsics = new Intrinsics(
                name -> parameters.containsKey(name) ? parameters.get(name) : reference(stack, name),
                (id, attribute) -> attribute(stack, id, attribute),
                template.conditions());
        List<Stack.Resource> replaced = new ArrayList<>();
        Set<String> wanted = new LinkedHashSet<>();
        for (Template.Resource resource : template.inOrder()) {
            if (resource.condition() == null || intrinsics.holds(resource.condition())) {
                wanted.add(resource.id());
                Stack.Resource old = put(stack, resource, intrinsics);
                if (old != null) {
                    replaced.add(old);
                }
            }
        }
        List<Stack.Output> outputs = new ArrayList<>();
        template.outputs().forEach((name, output) -> {
            if (output.condition() == null || intrinsics.holds(output.condition())) {
                outputs.add(new Stack.Output(
                        name, intrinsics.text(output.value()), output.description(), output.exportName()));
            }
        });
        // What is no longer wanted goes last, and in reverse, so that nothing is missed while it is still in use.
        replaced.reversed().forEach(old -> delete(stack, old));
        for (Stack.Resource resource : List.copyOf(stack.resources.values()).reversed()) {
            if (!wanted.contains(resource.id())) {
                delete(stack, resource);
                stack.resources.remove(resource.id());
            }
        }
        stack.template = template;
        stack.parameters = given;
        stack.outputs = outputs;
    }

    /** Makes or changes one resource; returns the old one if another took its place. */
    private Stack.@Nullable Resource put(Stack stack, Template.Resource resource, Intrinsics intrinsics) {
        ResourceType type = Objects.requireNonNull(types.get(resource.type()));
        Properties properties = new Properties(intrinsics.properties(resource.properties()));
        properties.refuseUnknown(resource.type() + " " + resource.id(), type.properties());
        Stack.Resource old = stack.resources.get(resource.id());
        if (old != null && old.properties().equals(properties)) {
            stack.resources.put(
                    resource.id(),
                    new Stack.Resource(resource.id(), resource.type(), old.made(), properties, resource.retain()));
            return null;
        }
        String shortName = resource.id() + "-" + chance(12);
        Wanted wanted = new Wanted(stack.region(), generated(stack.name(), shortName), shortName, properties);
        Stack.Resource kept = old != null && keeps(type, old.properties(), properties) ? old : null;
        String verb = kept != null ? "UPDATE" : "CREATE";
        stack.event(
                resource.id(),
                kept != null ? kept.made().id() : "",
                resource.type(),
                verb + "_IN_PROGRESS",
                null,
                clock.instant());
        try {
            Made made = kept != null ? type.update(kept.made(), wanted, kept.properties()) : type.create(wanted);
            stack.resources.put(
                    resource.id(),
                    new Stack.Resource(resource.id(), resource.type(), made, properties, resource.retain()));
            stack.event(resource.id(), made.id(), resource.type(), verb + "_COMPLETE", null, clock.instant());
            return kept != null ? null : old;
        } catch (RuntimeException e) {
            stack.event(
                    resource.id(),
                    "",
                    resource.type(),
                    verb + "_FAILED",
                    String.valueOf(e.getMessage()),
                    clock.instant());
            throw e;
        }
    }

    /** Whether a change of properties leaves a resource in its place. */
    private static boolean keeps(ResourceType type, Properties before, Properties after) {
        return type.replacing().stream().allMatch(name -> Objects.equals(before.any(name), after.any(name)));
    }

    private void delete(Stack stack, Stack.Resource resource) {
        String id = resource.made().id();
        if (resource.retain()) {
            stack.event(resource.id(), id, resource.type(), "DELETE_SKIPPED", null, clock.instant());
            return;
        }
        stack.event(resource.id(), id, resource.type(), "DELETE_IN_PROGRESS", null, clock.instant());
        try {
            Objects.requireNonNull(types.get(resource.type())).delete(resource.made(), resource.properties());
        } catch (RuntimeException e) {
            stack.event(
                    resource.id(),
                    id,
                    resource.type(),
                    "DELETE_FAILED",
                    String.valueOf(e.getMessage()),
                    clock.instant());
            throw e;
        }
        stack.event(resource.id(), id, resource.type(), "DELETE_COMPLETE", null, clock.instant());
    }

    private Map<String, Object> parameters(Template template, Map<String, String> given) {
        Map<String, Object> values = new LinkedHashMap<>();
        template.parameters().forEach((name, parameter) -> {
            String value = given.getOrDefault(name, parameter.standard());
            if (value == null) {
                throw new AwsError(400, "ValidationError", "Parameters: [" + name + "] must have values");
            }
            values.put(
                    name,
                    switch (parameter.type()) {
                        case "String", "Number" -> value;
                        case "AWS::SSM::Parameter::Value<String>" -> ssmParameters.apply(value);
                        default -> throw AwsError.unknown("the parameter type " + parameter.type());
                    });
        });
        return values;
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

    /** Shortens the middle of a name that would be too long, as CloudFormation does. */
    private static String generated(String stack, String shortName) {
        String name = stack + "-" + shortName;
        int over = name.length() - MOST_NAME;
        int keep = shortName.length() - 13;
        return over <= 0 ? name : stack + "-" + shortName.substring(0, keep - over) + shortName.substring(keep);
    }

    private String chance(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
