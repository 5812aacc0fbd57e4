package io.github.spotspec.local.cloudformation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A template, and the order in which its resources can be created. */
record Template(
        String body,
        Map<String, Parameter> parameters,
        Map<String, Object> conditions,
        Map<String, Resource> resources,
        Map<String, Output> outputs) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^!}][^}]*)}");
    private static final Set<String> SECTIONS = Set.of(
            "AWSTemplateFormatVersion",
            "Description",
            "Metadata",
            "Parameters",
            "Rules",
            "Conditions",
            "Resources",
            "Outputs");
    private static final Set<String> RESOURCE_KEYS =
            Set.of("Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy");

    /** The template of a stack without resources. */
    static final Template EMPTY = new Template("{}", Map.of(), Map.of(), Map.of(), Map.of());

    record Parameter(String type, @Nullable String defaultValue) {}

    /**
     * A resource.
     *
     * @param retain whether the resource is kept when it leaves the template or the stack is deleted
     * @param retainReplaced whether the resource is kept when another one replaces it
     */
    record Resource(
            String id,
            String type,
            Map<String, Object> properties,
            Set<String> dependsOn,
            @Nullable String condition,
            boolean retain,
            boolean retainReplaced) {}

    record Output(
            @Nullable String description,
            Object value,
            @Nullable Object exportName,
            @Nullable String condition) {}

    /** Parses JSON. Anything that the local cloud does not support is an error. */
    static Template parse(String body) {
        try {
            Map<String, Object> map = object(JSON.readValue(body, Map.class));
            refuseUnknown("template section", map.keySet(), SECTIONS);
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            object(map.get("Parameters"))
                    .forEach((name, value) -> parameters.put(
                            name,
                            new Parameter(
                                    text(object(value).get("Type"), "String"),
                                    nullable(object(value).get("Default")))));
            Map<String, Resource> resources = new LinkedHashMap<>();
            object(map.get("Resources")).forEach((id, value) -> resources.put(id, resource(id, object(value))));
            Map<String, Output> outputs = new LinkedHashMap<>();
            object(map.get("Outputs")).forEach((name, value) -> outputs.put(name, output(object(value))));
            Template template = new Template(body, parameters, object(map.get("Conditions")), resources, outputs);
            template.refuseUnresolved();
            return template;
        } catch (JsonProcessingException e) {
            throw new AwsError(400, "ValidationError", "Template format error: JSON not well-formed.");
        }
    }

    /** Rejects references to anything that the template does not contain. */
    private void refuseUnresolved() {
        Set<String> inResources = new LinkedHashSet<>();
        resources.values().forEach(resource -> {
            inResources.addAll(resource.dependsOn());
            references(resource.properties(), inResources);
        });
        Set<String> inOutputs = new LinkedHashSet<>();
        outputs.values().forEach(output -> references(output.value(), inOutputs));
        Map.of("Resources", inResources, "Outputs", inOutputs).forEach((block, names) -> {
            names.removeIf(
                    name -> resources.containsKey(name) || parameters.containsKey(name) || name.startsWith("AWS::"));
            if (!names.isEmpty()) {
                throw new AwsError(
                        400,
                        "ValidationError",
                        "Template format error: Unresolved resource dependencies " + names + " in the " + block
                                + " block of the template");
            }
        });
    }

    /** Returns the resources, each after its dependencies. */
    List<Resource> inOrder() {
        Map<String, Set<String>> dependencies = new LinkedHashMap<>();
        for (Resource resource : resources.values()) {
            Set<String> on = new LinkedHashSet<>(resource.dependsOn());
            references(resource.properties(), on);
            on.retainAll(resources.keySet());
            dependencies.put(resource.id(), on);
        }
        List<Resource> ordered = new ArrayList<>();
        Set<String> done = new HashSet<>();
        while (done.size() < resources.size()) {
            List<String> ready = dependencies.keySet().stream()
                    .filter(id -> !done.contains(id) && done.containsAll(dependencies.getOrDefault(id, Set.of())))
                    .toList();
            if (ready.isEmpty()) {
                throw new AwsError(400, "ValidationError", "Circular dependency between resources.");
            }
            for (String id : ready) {
                done.add(id);
                ordered.add(resources.get(id));
            }
        }
        return ordered;
    }

    static Map<String, Object> object(@Nullable Object value) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, element) -> object.put((String) key, element));
        }
        return object;
    }

    /** Collects every logical id that a value refers to. */
    private static void references(@Nullable Object value, Set<String> found) {
        switch (value) {
            case List<?> list -> list.forEach(element -> references(element, found));
            case Map<?, ?> map ->
                map.forEach((key, element) -> {
                    if (key.equals("Ref") && element instanceof String id) {
                        found.add(id);
                    } else if (key.equals("Fn::GetAtt")) {
                        found.add(
                                element instanceof List<?> list
                                        ? String.valueOf(list.getFirst())
                                        : String.valueOf(element).split("\\.")[0]);
                    } else if (key.equals("Fn::Sub")) {
                        String text = element instanceof List<?> list
                                ? String.valueOf(list.getFirst())
                                : String.valueOf(element);
                        Map<String, Object> own = element instanceof List<?> list ? object(list.getLast()) : Map.of();
                        VARIABLE.matcher(text)
                                .results()
                                .filter(match -> !own.containsKey(match.group(1)))
                                .forEach(match -> found.add(match.group(1).split("\\.")[0]));
                        references(own, found);
                    } else {
                        references(element, found);
                    }
                });
            case null, default -> {}
        }
    }

    private static Resource resource(String id, Map<String, Object> map) {
        refuseUnknown("resource attribute of " + id, map.keySet(), RESOURCE_KEYS);
        Set<String> dependsOn = new LinkedHashSet<>();
        switch (map.get("DependsOn")) {
            case String one -> dependsOn.add(one);
            case List<?> many -> many.forEach(one -> dependsOn.add((String) one));
            case null, default -> {}
        }
        return new Resource(
                id,
                text(map.get("Type"), ""),
                object(map.get("Properties")),
                dependsOn,
                nullable(map.get("Condition")),
                retains(id, map, "DeletionPolicy"),
                retains(id, map, "UpdateReplacePolicy"));
    }

    private static boolean retains(String id, Map<String, Object> map, String name) {
        String policy = text(map.get(name), "Delete");
        if (!policy.equals("Delete") && !policy.equals("Retain")) {
            throw AwsError.unknown("the " + name + " " + policy + " of " + id);
        }
        return policy.equals("Retain");
    }

    private static Output output(Map<String, Object> map) {
        refuseUnknown("output attribute", map.keySet(), Set.of("Description", "Value", "Export", "Condition"));
        Object value = map.get("Value");
        return new Output(
                nullable(map.get("Description")),
                value == null ? "" : value,
                object(map.get("Export")).get("Name"),
                nullable(map.get("Condition")));
    }

    private static void refuseUnknown(String what, Set<String> given, Set<String> known) {
        for (String name : given) {
            if (!known.contains(name)) {
                throw AwsError.unknown("the " + what + " " + name);
            }
        }
    }

    private static String text(@Nullable Object value, String otherwise) {
        return value instanceof String text ? text : otherwise;
    }

    private static @Nullable String nullable(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
