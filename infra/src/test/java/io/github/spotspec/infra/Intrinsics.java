package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a template's values readable. Pseudo parameters become sample values. References to resources become
 * {@code ${Id}} or {@code ${Id.Attribute}}, as in {@code Fn::Sub}.
 */
final class Intrinsics {
    static final String ACCOUNT = "111122223333";
    static final String REGION = "us-west-2";

    private static final Map<String, String> PSEUDO_PARAMETERS = Map.of(
            "AWS::Partition",
            "aws",
            "AWS::Region",
            REGION,
            "AWS::AccountId",
            ACCOUNT,
            "AWS::URLSuffix",
            "amazonaws.com");

    private Intrinsics() {}

    static Map<?, ?> resolved(Map<?, ?> value) {
        return (Map<?, ?>) Objects.requireNonNull(resolved((Object) value));
    }

    static @Nullable Object resolved(@Nullable Object value) {
        if (value instanceof List<?> list) {
            List<@Nullable Object> resolved = new ArrayList<>();
            list.forEach(item -> resolved.add(resolved(item)));
            return resolved;
        }
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        if (map.size() == 1) {
            Map.Entry<?, ?> only = map.entrySet().iterator().next();
            String name = (String) only.getKey();
            if (name.equals("Ref") || name.startsWith("Fn::")) {
                return intrinsic(name, Objects.requireNonNull(only.getValue()));
            }
        }
        Map<Object, @Nullable Object> resolved = new LinkedHashMap<>();
        map.forEach((key, item) -> resolved.put(key, resolved(item)));
        return resolved;
    }

    private static Object intrinsic(String name, Object argument) {
        return switch (name) {
            case "Ref" -> PSEUDO_PARAMETERS.getOrDefault((String) argument, "${" + argument + "}");
            case "Fn::GetAtt" -> "${" + joined(".", (List<?>) argument) + "}";
            case "Fn::Join" ->
                joined((String) ((List<?>) argument).get(0), (List<?>)
                        Objects.requireNonNull(resolved(((List<?>) argument).get(1))));
            case "Fn::Split" ->
                split((String) ((List<?>) argument).get(0), String.valueOf(resolved(((List<?>) argument).get(1))));
            case "Fn::Select" ->
                selected(
                        ((Number) ((List<?>) argument).get(0)).intValue(),
                        Objects.requireNonNull(resolved(((List<?>) argument).get(1))));
            case "Fn::FindInMap" -> "${" + joined(".", (List<?>) argument) + "}";
            case "Fn::Sub" -> substituted((String) argument);
            case "Fn::ImportValue" -> "${import " + argument + "}";
            case "Fn::GetStackOutput" -> "${output " + ((Map<?, ?>) argument).get("OutputName") + "}";
            default -> throw new AssertionError(name + " is not supported here: " + argument);
        };
    }

    /** Splits a text. References to resources stay unchanged. */
    private static List<String> split(String delimiter, String text) {
        return text.startsWith("${") ? List.of(text) : List.of(text.split(Pattern.quote(delimiter), -1));
    }

    /** Selects an element. An element of a list that only a deployment knows becomes {@code ${Id}[index]}. */
    private static Object selected(int index, Object value) {
        return value instanceof List<?> list
                ? list.size() == 1 ? list.get(0) : list.get(index)
                : value + "[" + index + "]";
    }

    private static String joined(String delimiter, List<?> parts) {
        return parts.stream().map(part -> String.valueOf(resolved(part))).collect(Collectors.joining(delimiter));
    }

    private static String substituted(String text) {
        String substituted = text;
        for (Map.Entry<String, String> parameter : PSEUDO_PARAMETERS.entrySet()) {
            substituted = substituted.replace("${" + parameter.getKey() + "}", parameter.getValue());
        }
        return substituted;
    }
}
