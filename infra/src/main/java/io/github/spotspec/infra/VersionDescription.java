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
 * Describes the function's version by those of its values that are known only at deployment. So a deployment with other
 * values publishes another version. To the CDK, such values are tokens, and it names the version by a hash of the
 * template. The template stays the same when a parameter, the value of an SSM parameter, or the resource behind a
 * logical id changes (aws-cdk issue 25997). CloudFormation replaces a version whose description changes, and compares
 * the description after it has filled in the values.
 *
 * <p>Describe only values from the function's own configuration, because Lambda does not publish a version of an
 * unchanged function.
 */
final class VersionDescription {
    /** Lambda API reference, "PublishVersion". */
    private static final int MAX_LENGTH = 256;

    /** The index of the part of a secret's ARN that holds its name. */
    static final int SECRET_NAME = 6;

    /** The index of the last part of most other ARNs. */
    static final int RESOURCE = 5;

    private final Stack stack;

    /** The parts, by their resolved form in the template. */
    private final Map<Object, Part> parts = new LinkedHashMap<>();

    /**
     * A value to describe.
     *
     * @param usualLength the usual length of the value after CloudFormation has filled it in
     */
    private record Part(String prop, String value, int usualLength) {}

    VersionDescription(Stack stack) {
        this.stack = stack;
    }

    /** Adds values of a prop unchanged. */
    void add(String prop, List<String> values, int usualLength) {
        add(prop, values, usualLength, UnaryOperator.identity());
    }

    /** Adds ids without the prefix that all of them share. */
    void addIds(String prop, List<String> ids, String prefix) {
        add(prop, ids, "0123456789abcdef0".length(), id -> without(prefix, id));
    }

    /**
     * Adds the part of an ARN that distinguishes it from others of its type.
     *
     * @param part the index of that part, counted from 0 between colons
     * @param prefix the usual prefix of that part, which is removed
     */
    void addArn(String prop, @Nullable String arn, int part, String prefix, int usualLength) {
        add(
                prop,
                arn == null ? List.of() : List.of(arn),
                usualLength,
                whole -> without(prefix, Fn.select(part, Fn.split(":", whole))));
    }

    /**
     * Adds the secrets that the service creates, if there is enough room for them. Secrets Manager replaces a secret
     * only if its name changes, and the service does not name its secrets. So their ARNs change only if an app sets a
     * name with an escape hatch.
     */
    void addGeneratedSecrets(List<Secret> secrets) {
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
     * Returns the description, or null if the template already contains all values.
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
                String.join(", ", props) + " contain values that are known only at deployment, about " + length()
                        + " characters in total; the description of the Lambda version must contain all of them, and"
                        + " its maximum length is "
                        + MAX_LENGTH + "; use fewer such values, or set literal ids");
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

    /**
     * Returns whether a deployment can change a value while the template stays equal. CloudFormation's pseudo
     * parameters do not change.
     */
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

    /** Removes a text from a value, if the value contains it. */
    private static String without(String text, String value) {
        return text.isEmpty() ? value : Fn.join("", Fn.split(text, value));
    }
}
