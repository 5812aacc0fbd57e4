package io.github.spotspec.local.iam;

import io.github.spotspec.local.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Builds policies and authorization requests. */
public final class PolicyTexts {
    private PolicyTexts() {}

    /** Returns a policy of these statements. */
    public static PolicyDocument policy(String... statements) {
        return PolicyDocument.parse(
                Json.object("{\"Version\": \"2012-10-17\", \"Statement\": [" + String.join(",", statements) + "]}"));
    }

    /** Returns a statement of an identity policy, such as {@code Allow, "ec2:RunInstances", "*"}. */
    public static String statement(String effect, String action, String resource) {
        return """
                {"Effect": "%s", "Action": "%s", "Resource": "%s"}""".formatted(effect, action, resource);
    }

    /** Returns a statement with a condition as JSON. */
    static String conditional(String effect, String action, String condition) {
        return """
                {"Effect": "%s", "Action": "%s", "Resource": "*", "Condition": %s}
                """.formatted(effect, action, condition);
    }

    /** Returns a statement of a resource policy, with the principal as JSON. */
    static String granting(String effect, String principal, String action) {
        return """
                {"Effect": "%s", "Principal": %s, "Action": "%s"}""".formatted(effect, principal, action);
    }

    /** Returns a request, with alternating keys and values of the context. */
    static AuthorizationRequest access(String action, String resource, String... context) {
        Map<String, List<String>> keys = new TreeMap<>();
        for (int i = 0; i < context.length; i += 2) {
            keys.put(context[i], List.of(context[i + 1]));
        }
        return new AuthorizationRequest(action, resource, keys);
    }
}
