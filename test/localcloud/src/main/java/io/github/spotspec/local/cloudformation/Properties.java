package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The resolved properties of a resource. */
public record Properties(Map<String, Object> values) {
    String required(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new AwsError(
                    400, "ValidationError", "Properties validation failed: required key [" + name + "] not found");
        }
        return value.toString();
    }

    String text(String name, String otherwise) {
        Object value = values.get(name);
        return value == null ? otherwise : value.toString();
    }

    int whole(String name, int otherwise) {
        Object value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value.toString());
    }

    @Nullable
    Object any(String name) {
        return values.get(name);
    }

    List<String> strings(String name) {
        return values.get(name) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Returns a nested object. All its properties must be among the given ones. */
    Properties object(String name, Set<String> known) {
        Properties nested = new Properties(Template.object(values.get(name)));
        nested.refuseUnknown(name, known);
        return nested;
    }

    Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        values.forEach((name, value) -> texts.put(name, value.toString()));
        return texts;
    }

    void refuseUnknown(String what, Set<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw AwsError.unknown("the property " + name + " of " + what);
            }
        }
    }
}
