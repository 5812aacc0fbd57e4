package io.github.spotspec.infra;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a policy, compared by meaning. The order of values does not matter, and one value equals a list with
 * that value.
 *
 * @param sid the statement's id, or an empty text
 * @param conditions the values by operator and key, such as {@code StringEquals aws:RequestedRegion}
 */
record Statement(
        String sid,
        String effect,
        SortedSet<String> principals,
        SortedSet<String> actions,
        SortedSet<String> resources,
        SortedMap<String, SortedSet<String>> conditions) {

    /** Starts a statement that allows actions. */
    static Statement allow(String sid, String... actions) {
        return new Statement(sid, "Allow", set(), set(actions), set(), new TreeMap<>());
    }

    /** Reads a statement of a policy document. */
    static Statement of(Map<?, ?> json) {
        SortedMap<String, SortedSet<String>> conditions = new TreeMap<>();
        map(json.get("Condition"))
                .forEach((operator, keys) ->
                        map(keys).forEach((key, values) -> conditions.put(operator + " " + key, texts(values))));
        SortedSet<String> principals = set();
        Object principal = json.get("Principal");
        if (principal instanceof Map<?, ?> kinds) {
            kinds.forEach((kind, values) -> texts(values).forEach(value -> principals.add(kind + " " + value)));
        } else if (principal != null) {
            principals.add(principal.toString());
        }
        Object sid = json.get("Sid");
        return new Statement(
                sid == null ? "" : sid.toString(),
                (String) Objects.requireNonNull(json.get("Effect")),
                principals,
                texts(json.get("Action")),
                texts(json.get("Resource")),
                conditions);
    }

    /** Returns the statement for these resources. */
    Statement on(String... resources) {
        return on(Arrays.asList(resources));
    }

    /** Returns the statement for these resources. */
    Statement on(Collection<String> resources) {
        return new Statement(sid, effect, principals, actions, new TreeSet<>(resources), conditions);
    }

    /** Returns the statement with another condition. */
    Statement when(String condition, String... values) {
        return when(condition, Arrays.asList(values));
    }

    /** Returns the statement with another condition. */
    Statement when(String condition, Collection<String> values) {
        SortedMap<String, SortedSet<String>> more = new TreeMap<>(conditions);
        more.put(condition, new TreeSet<>(values));
        return new Statement(sid, effect, principals, actions, resources, more);
    }

    Statement overTls() {
        return when("Bool aws:SecureTransport", "true");
    }

    Statement in(String... regions) {
        return when("StringEquals aws:RequestedRegion", regions);
    }

    /** Returns the statement for launches that tag new resources as managed by the service. */
    Statement taggingAs(String service) {
        return when("StringEquals aws:RequestTag/spotspec:service", service)
                .when("ForAnyValue:StringEquals aws:TagKeys", "spotspec:service");
    }

    /** Returns the statement for resources with the service's tag. */
    Statement onManagedBy(String service) {
        return when("StringEquals aws:ResourceTag/spotspec:service", service);
    }

    /** Returns the values of a condition, or an empty set if there is no such condition. */
    SortedSet<String> conditionValues(String condition) {
        return conditions.getOrDefault(condition, new TreeSet<>());
    }

    /** Returns the keys of all conditions. */
    List<String> keys() {
        return conditions.keySet().stream()
                .map(condition -> condition.substring(condition.indexOf(' ') + 1))
                .toList();
    }

    private static SortedSet<String> set(String... values) {
        return new TreeSet<>(Arrays.asList(values));
    }

    private static SortedSet<String> texts(@Nullable Object value) {
        SortedSet<String> texts = new TreeSet<>();
        if (value instanceof List<?> list) {
            list.forEach(item -> texts.add(String.valueOf(item)));
        } else if (value != null) {
            texts.add(value.toString());
        }
        return texts;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value == null ? Map.of() : (Map<?, ?>) value;
    }
}
