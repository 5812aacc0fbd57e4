package io.github.spotspec.local.iam;

import java.util.List;
import java.util.Map;

/**
 * One thing that a principal wants to do to one resource.
 *
 * @param action for example {@code ec2:RunInstances}
 * @param resource an ARN, or {@code *} for an action that knows no resources
 * @param context the condition keys of the request and their values
 */
public record AuthorizationRequest(String action, String resource, Map<String, List<String>> context) {
    /**
     * Returns a policy's text with its variables, such as <code>${aws:username}</code>, filled in. What a variable
     * stands for is no pattern: a wildcard in it is a character like any other.
     */
    String withVariables(String text) {
        String filled = text;
        int start = filled.indexOf("${");
        while (start >= 0) {
            int end = filled.indexOf('}', start);
            if (end < 0) {
                return filled;
            }
            String key = filled.substring(start + 2, end);
            String value = Wildcard.literal(variable(key));
            filled = filled.substring(0, start) + value + filled.substring(end + 1);
            start = filled.indexOf("${", start + value.length());
        }
        return filled;
    }

    /** Returns what a variable stands for: a character that is special otherwise, a key's value, or its default. */
    private String variable(String name) {
        if (name.equals("*") || name.equals("?") || name.equals("$")) {
            return name;
        }
        int comma = name.indexOf(',');
        List<String> values = Conditions.values(
                context, comma < 0 ? name : name.substring(0, comma).strip());
        if (!values.isEmpty()) {
            return values.getFirst();
        }
        return comma < 0 ? "\0no value" : name.substring(comma + 1).strip().replaceAll("^'|'$", "");
    }
}
