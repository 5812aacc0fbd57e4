package io.github.spotspec.local.iam;

import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy. Parsing is strict: an element, version or operator that IAM does not have is an error, so that a policy
 * never allows or denies more or less than it says.
 */
public record PolicyDocument(List<Statement> statements) {
    private static final Set<String> DOCUMENT = Set.of("Version", "Id", "Statement");
    private static final Set<String> PRINCIPALS = Set.of("AWS", "Service", "Federated", "CanonicalUser");
    private static final Set<String> ELEMENTS = Set.of(
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition");

    /**
     * A statement.
     *
     * @param principals the principals of a resource's policy by kind, such as {@code AWS} or {@code Service}; empty in
     *     an identity's policy
     * @param conditions the values by operator and key
     */
    record Statement(
            boolean allow,
            List<String> actions,
            List<String> notActions,
            List<String> resources,
            List<String> notResources,
            Map<String, List<String>> principals,
            Map<String, Map<String, List<String>>> conditions) {

        boolean covers(AuthorizationRequest access) {
            return coversAction(access.action())
                    && coversResource(access)
                    && conditions.entrySet().stream()
                            .allMatch(operator -> operator.getValue().entrySet().stream()
                                    .allMatch(key -> ConditionOperators.holds(
                                            operator.getKey(),
                                            key.getValue().stream()
                                                    .map(access::withVariables)
                                                    .toList(),
                                            ConditionOperators.values(access.context(), key.getKey()))));
        }

        private boolean coversAction(String action) {
            String lower = action.toLowerCase(Locale.ROOT);
            return actions.isEmpty()
                    ? notActions.stream()
                            .noneMatch(pattern -> Wildcard.matches(pattern.toLowerCase(Locale.ROOT), lower))
                    : actions.stream().anyMatch(pattern -> Wildcard.matches(pattern.toLowerCase(Locale.ROOT), lower));
        }

        private boolean coversResource(AuthorizationRequest access) {
            if (resources.isEmpty() && notResources.isEmpty()) {
                return true;
            }
            return resources.isEmpty()
                    ? notResources.stream()
                            .noneMatch(pattern -> Wildcard.matches(access.withVariables(pattern), access.resource()))
                    : resources.stream()
                            .anyMatch(pattern -> Wildcard.matches(access.withVariables(pattern), access.resource()));
        }
    }

    /**
     * Returns a trust policy that lets an account, principal or service assume a role, by its kind such as {@code AWS}.
     */
    public static PolicyDocument trusting(String kind, String name) {
        return parse(Map.of(
                "Version",
                "2012-10-17",
                "Statement",
                List.of(Map.of("Effect", "Allow", "Action", "sts:AssumeRole", "Principal", Map.of(kind, name)))));
    }

    /**
     * Converts a policy's parsed JSON.
     *
     * @throws IllegalArgumentException if it is not a policy
     */
    public static PolicyDocument parse(@Nullable Object json) {
        if (!(json instanceof Map<?, ?> document)) {
            throw new IllegalArgumentException("a policy must be an object");
        }
        refuseUnknown("policy element", document, DOCUMENT);
        if (!"2012-10-17".equals(document.get("Version"))) {
            throw new IllegalArgumentException("a policy's Version must be 2012-10-17");
        }
        List<Statement> statements = new ArrayList<>();
        Object given = document.get("Statement");
        for (Object statement : given instanceof List<?> list ? list : List.of(given == null ? "" : given)) {
            if (!(statement instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("a statement must be an object");
            }
            statements.add(statement(map));
        }
        return new PolicyDocument(List.copyOf(statements));
    }

    /** Returns this policy if it is valid for a user or role: it must name resources and no principals. */
    PolicyDocument asIdentityPolicy() {
        for (Statement statement : statements) {
            if (!statement.principals().isEmpty()) {
                throw malformed("Policy document should not specify a principal.");
            }
            if (statement.resources().isEmpty() && statement.notResources().isEmpty()) {
                throw malformed("Policy statement must contain resources.");
            }
        }
        return this;
    }

    /** Returns this policy if it is a valid trust policy of a role: it must name principals and no resources. */
    PolicyDocument asTrustPolicy() {
        for (Statement statement : statements) {
            if (statement.principals().isEmpty()) {
                throw malformed("Missing required field Principal");
            }
            if (!statement.resources().isEmpty() || !statement.notResources().isEmpty()) {
                throw malformed("Has prohibited field Resource");
            }
        }
        return this;
    }

    private static AwsError malformed(String message) {
        return new AwsError(400, "MalformedPolicyDocument", message);
    }

    private static Statement statement(Map<?, ?> map) {
        refuseUnknown("policy element", map, ELEMENTS);
        if (map.containsKey("NotPrincipal")) {
            throw new IllegalArgumentException("the local cloud does not evaluate NotPrincipal");
        }
        Object effect = map.get("Effect");
        if (!"Allow".equals(effect) && !"Deny".equals(effect)) {
            throw new IllegalArgumentException("Effect must be Allow or Deny, got " + effect);
        }
        if (map.containsKey("Action") == map.containsKey("NotAction")) {
            throw new IllegalArgumentException("a statement must have one of Action and NotAction");
        }
        if (map.containsKey("Resource") && map.containsKey("NotResource")) {
            throw new IllegalArgumentException("a statement must not have both Resource and NotResource");
        }
        // An empty list differs from a missing one, which would cover everything.
        for (String element : List.of("Action", "NotAction", "Resource", "NotResource")) {
            if (map.containsKey(element) && strings(map.get(element)).isEmpty()) {
                throw new IllegalArgumentException(element + " must not be empty");
            }
        }
        return new Statement(
                "Allow".equals(effect),
                strings(map.get("Action")),
                strings(map.get("NotAction")),
                strings(map.get("Resource")),
                strings(map.get("NotResource")),
                principals(map.get("Principal")),
                conditions(map.get("Condition")));
    }

    private static Map<String, List<String>> principals(@Nullable Object given) {
        Map<String, List<String>> principals = new LinkedHashMap<>();
        switch (given) {
            case null -> {}
            case Map<?, ?> map -> {
                refuseUnknown("principal", map, PRINCIPALS);
                map.forEach((kind, values) -> principals.put((String) kind, strings(values)));
            }
            case String all when all.equals("*") -> principals.put("AWS", List.of(all));
            default -> throw new IllegalArgumentException("Principal must be an object or \"*\", got " + given);
        }
        return principals;
    }

    private static Map<String, Map<String, List<String>>> conditions(@Nullable Object given) {
        Map<String, Map<String, List<String>>> conditions = new LinkedHashMap<>();
        if (given == null) {
            return conditions;
        }
        object("Condition", given).forEach((operator, keys) -> {
            ConditionOperators.validate((String) operator);
            Map<String, List<String>> values = new LinkedHashMap<>();
            object((String) operator, keys).forEach((key, value) -> values.put((String) key, strings(value)));
            conditions.put((String) operator, values);
        });
        return conditions;
    }

    private static Map<?, ?> object(String element, @Nullable Object given) {
        if (given instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(element + " must be an object, got " + given);
    }

    private static void refuseUnknown(String what, Map<?, ?> given, Set<String> known) {
        for (Object name : given.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("IAM has no " + what + " " + name);
            }
        }
    }

    private static List<String> strings(@Nullable Object given) {
        return switch (given) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            default -> List.of(given.toString());
        };
    }
}
