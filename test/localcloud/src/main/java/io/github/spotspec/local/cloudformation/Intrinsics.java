package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a template's references and intrinsic functions. An unknown function is an error.
 *
 * @param ref returns the value of a parameter, pseudo parameter or resource, or null if it does not exist
 * @param attribute returns a resource's attribute, or null if it does not exist
 * @param conditions the template's conditions
 */
record Intrinsics(
        Function<String, @Nullable Object> ref,
        BiFunction<String, String, @Nullable Object> attribute,
        Map<String, Object> conditions) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]+)}");

    /** Represents a property that is treated as missing. */
    private static final Object NO_VALUE = new Object();

    Map<String, Object> properties(Map<String, Object> properties) {
        return Template.object(resolve(properties));
    }

    /** Returns a value with its references and functions resolved. */
    @Nullable
    Object resolve(@Nullable Object value) {
        return switch (value) {
            case List<?> list -> {
                List<@Nullable Object> resolved = new ArrayList<>();
                for (Object element : list) {
                    Object one = resolve(element);
                    if (one != NO_VALUE) {
                        resolved.add(one);
                    }
                }
                yield resolved;
            }
            case Map<?, ?> map
            when map.size() == 1 && isFunction((String) map.keySet().iterator().next()) -> {
                String name = (String) map.keySet().iterator().next();
                yield call(name, map.get(name));
            }
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
                map.forEach((key, element) -> {
                    Object one = resolve(element);
                    if (one != NO_VALUE) {
                        resolved.put((String) key, one);
                    }
                });
                yield resolved;
            }
            case null -> null;
            default -> value;
        };
    }

    String text(@Nullable Object value) {
        return String.valueOf(resolve(value));
    }

    /** Returns whether a named condition holds. */
    boolean holds(String condition) {
        if (!conditions.containsKey(condition)) {
            throw new AwsError(400, "ValidationError", "Unresolved condition " + condition);
        }
        return Boolean.parseBoolean(text(conditions.get(condition)));
    }

    private static boolean isFunction(String name) {
        return name.startsWith("Fn::") || name.equals("Ref") || name.equals("Condition");
    }

    private @Nullable Object call(String name, @Nullable Object argument) {
        List<?> arguments = argument instanceof List<?> list ? list : List.of();
        return switch (name) {
            case "Ref" -> reference(String.valueOf(argument));
            case "Condition" -> holds(String.valueOf(argument));
            case "Fn::GetAtt" -> {
                String[] path = argument instanceof String text
                        ? text.split("\\.", 2)
                        : new String[] {text(arguments.get(0)), text(arguments.get(1))};
                Object value = attribute.apply(path[0], path[1]);
                if (value == null) {
                    throw AwsError.unknown("the attribute " + path[1] + " of " + path[0]);
                }
                yield value;
            }
            case "Fn::Join" -> String.join(text(arguments.get(0)), strings(arguments.get(1)));
            case "Fn::Select" -> selected(strings(arguments.get(1)), Integer.parseInt(text(arguments.get(0))));
            case "Fn::Split" -> List.of(text(arguments.get(1)).split(Pattern.quote(text(arguments.get(0))), -1));
            case "Fn::Sub" -> substitute(argument);
            case "Fn::If" -> resolve(arguments.get(holds(String.valueOf(arguments.get(0))) ? 1 : 2));
            case "Fn::Equals" -> text(arguments.get(0)).equals(text(arguments.get(1)));
            case "Fn::And" -> arguments.stream().allMatch(one -> Boolean.parseBoolean(text(one)));
            case "Fn::Or" -> arguments.stream().anyMatch(one -> Boolean.parseBoolean(text(one)));
            case "Fn::Not" -> !Boolean.parseBoolean(text(arguments.get(0)));
            default -> throw AwsError.unknown("the function " + name);
        };
    }

    private Object reference(String name) {
        if (name.equals("AWS::NoValue")) {
            return NO_VALUE;
        }
        Object value = ref.apply(name);
        if (value == null) {
            throw new AwsError(400, "ValidationError", "Unresolved reference " + name);
        }
        return value;
    }

    private static String selected(List<String> list, int index) {
        if (index < 0 || index >= list.size()) {
            throw new AwsError(
                    400,
                    "ValidationError",
                    "Template error: Fn::Select cannot select nonexistent value at index " + index);
        }
        return list.get(index);
    }

    private List<String> strings(@Nullable Object value) {
        Object resolved = resolve(value);
        return resolved instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(resolved));
    }

    private String substitute(@Nullable Object argument) {
        Map<String, Object> own = argument instanceof List<?> list ? Template.object(list.get(1)) : Map.of();
        String text = argument instanceof List<?> list ? String.valueOf(list.getFirst()) : String.valueOf(argument);
        StringBuilder filled = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(1);
            String value;
            if (name.startsWith("!")) {
                value = "${" + name.substring(1) + "}";
            } else if (own.containsKey(name)) {
                value = text(own.get(name));
            } else {
                value = name.contains(".") ? String.valueOf(call("Fn::GetAtt", name)) : String.valueOf(reference(name));
            }
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }
}
