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
public record Access(String action, String resource, Map<String, List<String>> context) {
    /** Returns a policy's text with its variables, such as <code>${aws:username}</code>, filled in. */
    String withVariables(String text) {
        String filled = text;
        int start = filled.indexOf("${");
        while (start >= 0) {
            int end = filled.indexOf('}', start);
            if (end < 0) {
                return filled;
            }
            String key = filled.substring(start + 2, end);
            List<String> values = Conditions.values(context, key);
            String value = key.length() == 1 ? key : values.isEmpty() ? "\0no value" : values.getFirst();
            filled = filled.substring(0, start) + value + filled.substring(end + 1);
            start = filled.indexOf("${", start + value.length());
        }
        return filled;
    }
}
