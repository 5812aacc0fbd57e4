package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A call to AWS's query API, as the fake recorded it.
 *
 * @param accessKeyId the key that signed it
 */
public record AwsCall(String region, String accessKeyId, Map<String, String> parameters) {
    static AwsCall of(String region, String accessKeyId, String form) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : form.split("&", -1)) {
            int is = pair.indexOf('=');
            if (is > 0) {
                parameters.put(decoded(pair.substring(0, is)), decoded(pair.substring(is + 1)));
            }
        }
        return new AwsCall(region, accessKeyId, parameters);
    }

    /** Returns a call to a JSON service whose members are all texts. */
    static AwsCall ofJson(String region, String accessKeyId, String action, String body) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("Action", action);
        ((Map<?, ?>) Objects.requireNonNull(Json.parse(body)))
                .forEach((name, value) -> parameters.put(String.valueOf(name), String.valueOf(value)));
        return new AwsCall(region, accessKeyId, parameters);
    }

    public String action() {
        return text("Action");
    }

    /** Returns a parameter, or null if it is absent. */
    public @Nullable String get(String name) {
        return parameters.get(name);
    }

    /** Returns a required parameter. */
    public String text(String name) {
        return Objects.requireNonNull(parameters.get(name), () -> name + " in " + form());
    }

    public boolean has(String parameter) {
        int is = parameter.indexOf('=');
        return parameter.substring(is + 1).equals(get(parameter.substring(0, is)));
    }

    /** Returns whether a parameter has this name, or a name that starts with it and a period. */
    public boolean hasParameter(String name) {
        return parameters.keySet().stream().anyMatch(one -> one.equals(name) || one.startsWith(name + "."));
    }

    /** Returns the members of a list. */
    public List<String> list(String name) {
        List<String> members = new ArrayList<>();
        for (int i = 1; parameters.containsKey(name + "." + i); i++) {
            members.add(text(name + "." + i));
        }
        return members;
    }

    /** Returns the values of a filter, or null if it is absent. */
    public @Nullable List<String> filter(String name) {
        for (int i = 1; parameters.containsKey("Filter." + i + ".Name"); i++) {
            if (has("Filter." + i + ".Name=" + name)) {
                return list("Filter." + i + ".Value");
            }
        }
        return null;
    }

    /** Returns the tags in a list. */
    public Map<String, String> tags(String prefix) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (int i = 1; parameters.containsKey(prefix + "." + i + ".Key"); i++) {
            tags.put(text(prefix + "." + i + ".Key"), text(prefix + "." + i + ".Value"));
        }
        return tags;
    }

    /** Returns the tags that a launch puts on resources of a type. */
    public Map<String, String> tagsOf(String kind) {
        return tagsOf("", kind);
    }

    /** Returns the tags for resources of a type, in the parameters with a prefix. */
    public Map<String, String> tagsOf(String prefix, String kind) {
        String name = prefix + "TagSpecification.";
        for (int i = 1; parameters.containsKey(name + i + ".ResourceType"); i++) {
            if (has(name + i + ".ResourceType=" + kind)) {
                return tags(name + i + ".Tag");
            }
        }
        return Map.of();
    }

    /** Returns all parameters as text for assertion messages. */
    public String form() {
        return parameters.entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining("&"));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
