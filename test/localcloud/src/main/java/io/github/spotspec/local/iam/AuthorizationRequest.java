package io.github.spotspec.local.iam;

import java.util.List;
import java.util.Map;

/**
 * One action that a principal wants to perform on one resource.
 *
 * @param action the action, such as {@code ec2:RunInstances}
 * @param resource an ARN, or {@code *} for an action that has no resources
 * @param context the condition keys of the request and their values
 */
public record AuthorizationRequest(String action, String resource, Map<String, List<String>> context) {
    /**
     * Returns a policy's text with its variables, such as <code>${aws:username}</code>, replaced by their values. A
     * value is not a pattern: a wildcard in it is an ordinary character.
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

    /**
     * Returns the value of a variable: an otherwise special character, the value of a condition key, or the variable's
     * default.
     */
    private String variable(String name) {
        if (name.equals("*") || name.equals("?") || name.equals("$")) {
            return name;
        }
        int comma = name.indexOf(',');
        List<String> values = ConditionOperators.values(
                context, comma < 0 ? name : name.substring(0, comma).strip());
        if (!values.isEmpty()) {
            return values.getFirst();
        }
        return comma < 0 ? "\0no value" : name.substring(comma + 1).strip().replaceAll("^'|'$", "");
    }
}
