package io.github.spotspec.infra;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.lambda.Function;
import software.constructs.Construct;
import software.constructs.IValidation;

/**
 * Rejects at synthesis a document that is longer than AWS accepts, because otherwise a deployment would fail halfway.
 * Values that CloudFormation fills in count with their usual length. So a document that is slightly too long may only
 * fail in AWS, and no document that would fit is rejected.
 */
final class QuotaValidation implements IValidation {
    /**
     * IAM user guide, "IAM and AWS STS quotas". IAM does not count white space, and these documents have no white
     * space.
     */
    private static final int MAX_POLICY_CHARACTERS = 6_144;

    /**
     * Lambda developer guide, "Lambda quotas". Lambda's error message shows that it measures the JSON of all variables.
     */
    private static final int MAX_ENVIRONMENT_BYTES = 4_096;

    private static final int USUAL_ID_LENGTH = "subnet-0123456789abcdef0".length();
    private static final int USUAL_ARN_LENGTH = 80;

    private final Construct scope;
    private final Object document;
    private final int limit;
    private final String messageFormat;

    private QuotaValidation(Construct scope, Object document, int limit, String messageFormat) {
        this.scope = scope;
        this.document = document;
        this.limit = limit;
        this.messageFormat = messageFormat;
    }

    /** Validates that a managed policy is short enough for IAM. */
    static void of(ManagedPolicy policy) {
        policy.getNode()
                .addValidation(new QuotaValidation(
                        policy,
                        policy.getDocument(),
                        MAX_POLICY_CHARACTERS,
                        "the operator's policy would have %,d characters, and IAM allows at most %,d; use"
                                + " fewer values in 'regions', 'instanceTypes', 'images', 'subnets',"
                                + " 'securityGroups' or 'keyPairs'"));
    }

    /** Validates that a function's environment variables are short enough for Lambda. */
    static void of(Function function, Map<String, String> environment) {
        function.getNode()
                .addValidation(new QuotaValidation(
                        function,
                        environment,
                        MAX_ENVIRONMENT_BYTES,
                        "the function's settings would have %,d bytes, and Lambda allows at most %,d; use"
                                + " fewer values in 'regions', 'instanceTypes', 'images', 'subnets',"
                                + " 'securityGroups', 'keyPairs' or 'userData'"));
    }

    @Override
    public List<String> validate() {
        int length = length(Stack.of(scope).resolve(document));
        return length <= limit ? List.of() : List.of(String.format(Locale.ROOT, messageFormat, length, limit));
    }

    /** Returns the number of bytes in the JSON of a value. */
    private static int length(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return 2
                    + separators(list.size())
                    + list.stream().mapToInt(QuotaValidation::length).sum();
        }
        if (value instanceof Map<?, ?> map) {
            return isIntrinsic(map)
                    ? 2 + usualLength(map)
                    : 2
                            + separators(map.size())
                            + map.entrySet().stream()
                                    .mapToInt(entry -> length(entry.getKey()) + 1 + length(entry.getValue()))
                                    .sum();
        }
        return value instanceof String text
                ? 2 + escaped(text)
                : String.valueOf(value).length();
    }

    private static int separators(int items) {
        return Math.max(0, items - 1);
    }

    private static int escaped(String text) {
        int escapes = (int) text.chars()
                .filter(character -> character == '"' || character == '\\')
                .count();
        return text.getBytes(StandardCharsets.UTF_8).length + escapes;
    }

    private static boolean isIntrinsic(Map<?, ?> map) {
        return map.size() == 1
                && map.keySet().iterator().next() instanceof String name
                && (name.equals("Ref") || name.startsWith("Fn::"));
    }

    private static int usualLength(Map<?, ?> map) {
        Map.Entry<?, ?> only = map.entrySet().iterator().next();
        if (only.getKey().equals("Fn::Join")
                && only.getValue() instanceof List<?> join
                && join.get(0) instanceof String delimiter
                && join.get(1) instanceof List<?> parts) {
            return separators(parts.size()) * escaped(delimiter)
                    + parts.stream().mapToInt(part -> length(part) - 2).sum();
        }
        String reference = String.valueOf(only.getValue());
        return switch (reference) {
            case "AWS::AccountId" -> "111122223333".length();
            case "AWS::Partition" -> "aws".length();
            case "AWS::Region" -> "us-west-2".length();
            case "AWS::URLSuffix" -> "amazonaws.com".length();
            default -> reference.endsWith(", Arn]") ? USUAL_ARN_LENGTH : USUAL_ID_LENGTH;
        };
    }
}
