package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnElement;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.services.secretsmanager.Secret;

/**
 * Describes the function's version by the values in it that only a deployment knows, so that a deployment with other values publishes
 * another version. The CDK sees such values as tokens, and names the version after a template that stays the same when a parameter,
 * what an SSM parameter holds, or the resource behind a logical id changes (aws-cdk issue 25997). CloudFormation replaces a version
 * whose description changes, and compares what it has filled in.
 *
 * <p>Only what the function's own configuration holds may be described: Lambda publishes no version of a function that has not changed.
 */
final class VersionDescription {
    /** Lambda API reference, "PublishVersion". */
    private static final int MAX_LENGTH = 256;

    /** Where ARNs have the name of a secret, and what most other ARNs end with. */
    static final int SECRET_NAME = 6;

    static final int RESOURCE = 5;

    private final Stack stack;

    /** The parts, by what each of them is in the template. */
    private final Map<Object, Part> parts = new LinkedHashMap<>();

    /**
     * A value.
     *
     * @param usualLength how long it usually is, once CloudFormation has filled it in
     */
    private record Part(String prop, String value, int usualLength) {}

    VersionDescription(Stack stack) {
        this.stack = stack;
    }

    /** Adds values of a prop that are used as they are. */
    void add(String prop, List<String> values, int usualLength) {
        add(prop, values, usualLength, UnaryOperator.identity());
    }

    /** Adds ids that all begin with the same text, which says nothing. */
    void addIds(String prop, List<String> ids, String prefix) {
        add(prop, ids, "0123456789abcdef0".length(), id -> without(prefix, id));
    }

    /**
     * Adds what tells an ARN from others of its kind.
     *
     * @param part which part of the ARN that is, counted from 0 between colons
     * @param prefix what that part usually begins with, which says nothing
     */
    void addArn(String prop, @Nullable String arn, int part, String prefix, int usualLength) {
        add(
                prop,
                arn == null ? List.of() : List.of(arn),
                usualLength,
                whole -> without(prefix, Fn.select(part, Fn.split(":", whole))));
    }

    /**
     * Adds the service's own secrets if there is room. Secrets Manager replaces them only if their names change, which the service does not
     * give them: only an app that sets one by an escape hatch changes their ARNs.
     */
    void addOwn(List<Secret> secrets) {
        for (Secret secret : secrets) {
            int usualLength = "-a1B2c3D4e5F6-AbCdEf".length();
            if (length() + 1 + usualLength <= MAX_LENGTH) {
                CfnElement element =
                        (CfnElement) Objects.requireNonNull(secret.getNode().getDefaultChild());
                String logicalId = (String) stack.resolve(element.getLogicalId());
                addArn("", secret.getSecretArn(), SECRET_NAME, logicalId, usualLength);
            }
        }
    }

    /**
     * Returns the description, or null if the template says it all.
     *
     * @throws IllegalArgumentException if it would be too long
     */
    @Nullable
    String text() {
        if (parts.isEmpty()) {
            return null;
        }
        Map<String, Long> count = parts.values().stream()
                .collect(Collectors.groupingBy(Part::prop, LinkedHashMap::new, Collectors.counting()));
        List<String> props = new ArrayList<>();
        count.forEach((prop, values) -> props.add("'" + prop + "' (" + values + ")"));
        Validate.that(
                length() <= MAX_LENGTH,
                String.join(", ", props) + " hold values that only the deployment knows, about " + length()
                        + " characters in all; the description of a Lambda version has to tell them apart, and takes "
                        + MAX_LENGTH + "; name fewer, or write their ids into the app");
        return parts.values().stream().map(Part::value).collect(Collectors.joining(" "));
    }

    private int length() {
        return parts.values().stream().mapToInt(part -> part.usualLength() + 1).sum() - 1;
    }

    private void add(String prop, List<String> values, int usualLength, UnaryOperator<String> shortened) {
        for (String value : values) {
            Object resolved = Token.isUnresolved(value) ? stack.resolve(value) : null;
            if (resolved != null && isChangeable(resolved)) {
                parts.putIfAbsent(resolved, new Part(prop, shortened.apply(value), usualLength));
            }
        }
    }

    /** Returns whether a deployment can change a value with an equal template: everything but CloudFormation's pseudo parameters. */
    private static boolean isChangeable(Object resolved) {
        if (resolved instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .anyMatch(entry -> entry.getKey().equals("Ref")
                            ? !String.valueOf(entry.getValue()).startsWith("AWS::")
                            : !List.of("Fn::Join", "Fn::Select", "Fn::Split").contains(entry.getKey())
                                    || isChangeable(entry.getValue()));
        }
        return resolved instanceof List<?> list
                ? list.stream().anyMatch(VersionDescription::isChangeable)
                : String.valueOf(resolved).contains("{{resolve:");
    }

    /** Takes a text out of a value, if it is in it. */
    private static String without(String text, String value) {
        return text.isEmpty() ? value : Fn.join("", Fn.split(text, value));
    }
}
