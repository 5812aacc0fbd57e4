package io.github.spotspec.rights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The policies of a synthesized template, with resolved references. */
final class Rights {
    private final Map<?, ?> resources;

    Rights(Map<String, Object> template) {
        this.resources = map(template.get("Resources"));
    }

    /** Returns the policies of an identity, or nothing if the template does not contain it. */
    List<Map<?, ?>> policies(Identity identity) {
        List<Map<?, ?>> policies = new ArrayList<>();
        if (identity.logicalId.isEmpty()) {
            return policies;
        }
        for (Object resource : resources.values()) {
            String type = type(resource);
            Map<?, ?> properties = properties(resource);
            String owners = identity.isUser() ? "Users" : "Roles";
            if ((type.equals("AWS::IAM::Policy") || type.equals("AWS::IAM::ManagedPolicy"))
                    && resolve(properties.get(owners)) instanceof List<?> names
                    && names.stream().anyMatch(name -> String.valueOf(name).startsWith(identity.logicalId))) {
                policies.add(map(resolve(properties.get("PolicyDocument"))));
            }
            // Fails on rights that are granted in another way.
            for (String other : List.of("Policies", "ManagedPolicyArns", "Groups")) {
                if (properties.containsKey(other)) {
                    throw new AssertionError(type + " has " + other);
                }
            }
        }
        return policies;
    }

    /** Returns every action in the policies of an identity. */
    Set<String> actions(Identity identity) {
        Set<String> actions = new TreeSet<>();
        for (Map<?, ?> policy : policies(identity)) {
            for (Object statement : (List<?>) Objects.requireNonNull(policy.get("Statement"))) {
                Object named = map(statement).get("Action");
                (named instanceof List<?> list ? list : List.of(Objects.requireNonNull(named)))
                        .forEach(action -> actions.add(String.valueOf(action)));
            }
        }
        return actions;
    }

    /** Returns the ARN of a resource, by type and prefix of its logical id. */
    Optional<String> arn(String type, String logicalId) {
        return resources.entrySet().stream()
                .filter(entry -> type(entry.getValue()).equals(type))
                .map(entry -> (String) entry.getKey())
                .filter(id -> id.startsWith(logicalId))
                .findFirst()
                .map(this::arn);
    }

    private @Nullable Object resolve(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(this::resolve).toList();
        }
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        if (map.size() == 1) {
            Map.Entry<?, ?> only = map.entrySet().iterator().next();
            switch ((String) only.getKey()) {
                case "Ref" -> {
                    return reference((String) only.getValue());
                }
                case "Fn::GetAtt" -> {
                    List<?> path = (List<?>) only.getValue();
                    if (!path.get(1).equals("Arn")) {
                        throw new AssertionError("a policy with the attribute " + path);
                    }
                    return arn((String) path.get(0));
                }
                case "Fn::Join" -> {
                    List<?> arguments = (List<?>) only.getValue();
                    List<String> parts = ((List<?>) arguments.get(1))
                            .stream().map(part -> String.valueOf(resolve(part))).toList();
                    return String.join((String) arguments.get(0), parts);
                }
                default -> {}
            }
        }
        Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
        map.forEach((key, item) -> resolved.put((String) key, resolve(item)));
        return resolved;
    }

    private String reference(String name) {
        return switch (name) {
            case "AWS::Partition" -> "aws";
            case "AWS::URLSuffix" -> "amazonaws.com";
            default ->
                switch (type(resources.get(name))) {
                    case "AWS::IAM::User", "AWS::IAM::Role" -> name;
                    default -> arn(name);
                };
        };
    }

    private String arn(String id) {
        return switch (type(resources.get(id))) {
            case "AWS::Lambda::Function" -> Account.home("lambda", "function:" + id);
            case "AWS::Lambda::Alias" -> Account.home("lambda", "function:SpotFunction:live");
            case "AWS::Logs::LogGroup" -> Account.home("logs", "log-group:" + id + ":*");
            case "AWS::SecretsManager::Secret" -> Account.home("secretsmanager", "secret:" + id + "-AbCdEf");
            case "AWS::SNS::Topic" -> Account.home("sns", id);
            case "AWS::IAM::User" -> Account.iam("user/" + Identity.OPERATOR.logicalId);
            default -> throw new AssertionError("a policy with the ARN of " + id);
        };
    }

    private static String type(@Nullable Object resource) {
        return String.valueOf(map(resource).get("Type"));
    }

    private static Map<?, ?> properties(Object resource) {
        Object properties = map(resource).get("Properties");
        return properties == null ? Map.of() : map(properties);
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }
}
