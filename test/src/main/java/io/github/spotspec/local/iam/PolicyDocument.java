package io.github.spotspec.local.iam;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy. Parsing is strict: an element, version or operator that IAM does not have is an error, so that a policy is
 * never taken for more, or for less, than it says.
 */
public record PolicyDocument(List<Statement> statements) {
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
     * @param principals the principals of a resource's policy by kind, such as {@code AWS} or {@code Service}; empty in an
     *     identity's policy
     * @param conditions operator, key and values
     */
    record Statement(
            boolean allow,
            List<String> actions,
            List<String> notActions,
            List<String> resources,
            List<String> notResources,
            Map<String, List<String>> principals,
            Map<String, Map<String, List<String>>> conditions) {

        boolean covers(Access access) {
            return coversAction(access.action())
                    && coversResource(access)
                    && conditions.entrySet().stream()
                            .allMatch(operator -> operator.getValue().entrySet().stream()
                                    .allMatch(key -> Conditions.holds(
                                            operator.getKey(),
                                            key.getValue().stream()
                                                    .map(access::withVariables)
                                                    .toList(),
                                            Conditions.values(access.context(), key.getKey()))));
        }

        private boolean coversAction(String action) {
            String lower = action.toLowerCase(Locale.ROOT);
            return actions.isEmpty()
                    ? notActions.stream()
                            .noneMatch(pattern -> Wildcard.matches(pattern.toLowerCase(Locale.ROOT), lower))
                    : actions.stream().anyMatch(pattern -> Wildcard.matches(pattern.toLowerCase(Locale.ROOT), lower));
        }

        private boolean coversResource(Access access) {
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
     * Takes a policy's JSON, already parsed.
     *
     * @throws IllegalArgumentException if it is not a policy
     */
    public static PolicyDocument parse(@Nullable Object json) {
        if (!(json instanceof Map<?, ?> document)) {
            throw new IllegalArgumentException("a policy must be an object");
        }
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

    private static Statement statement(Map<?, ?> map) {
        for (Object element : map.keySet()) {
            if (!ELEMENTS.contains(element)) {
                throw new IllegalArgumentException("IAM has no policy element " + element);
            }
        }
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
            case Map<?, ?> map -> map.forEach((kind, values) -> principals.put((String) kind, strings(values)));
            default -> principals.put("AWS", strings(given));
        }
        return principals;
    }

    private static Map<String, Map<String, List<String>>> conditions(@Nullable Object given) {
        Map<String, Map<String, List<String>>> conditions = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> operators) {
            operators.forEach((operator, keys) -> {
                Conditions.validate((String) operator);
                Map<String, List<String>> values = new LinkedHashMap<>();
                ((Map<?, ?>) keys).forEach((key, value) -> values.put((String) key, strings(value)));
                conditions.put((String) operator, values);
            });
        }
        return conditions;
    }

    private static List<String> strings(@Nullable Object given) {
        return switch (given) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            default -> List.of(given.toString());
        };
    }
}
