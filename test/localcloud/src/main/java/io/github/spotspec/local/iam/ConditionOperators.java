package io.github.spotspec.local.iam;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The condition operators of IAM policies, as defined in the IAM user guide's "Condition operators" and "Multivalued
 * context keys". An operator that IAM does not have is an error and is never ignored.
 */
final class ConditionOperators {
    private ConditionOperators() {}

    /**
     * Checks that an operator is one of IAM's.
     *
     * @throws IllegalArgumentException if it is not
     */
    static void validate(String operator) {
        if (!operator.equals("Null")) {
            base(operator);
        }
    }

    /**
     * Returns whether a condition holds.
     *
     * @param operator the operator, such as {@code StringEquals} or {@code ForAnyValue:StringLikeIfExists}
     * @param wanted the policy's values, any of which satisfies the condition
     * @param actual the request's values of the key, or an empty list if the request does not have the key
     */
    static boolean holds(String operator, List<String> wanted, List<String> actual) {
        String name = operator;
        if (name.equals("Null")) {
            return wanted.stream().anyMatch(value -> Boolean.parseBoolean(value) == actual.isEmpty());
        }
        boolean forAll = name.startsWith("ForAllValues:");
        boolean forAny = name.startsWith("ForAnyValue:");
        name = name.substring(name.indexOf(':') + 1);
        boolean ifExists = name.endsWith("IfExists");
        BiPredicate<String, String> test = base(operator);
        boolean negated = name.contains("Not");
        if (actual.isEmpty()) {
            // Without the key, IfExists, ForAllValues and the negated operators hold, and the others do not.
            return ifExists || forAll || (negated && !forAny);
        }
        BiPredicate<String, List<String>> one = (value, values) -> negated
                ? values.stream().noneMatch(w -> test.test(w, value))
                : values.stream().anyMatch(w -> test.test(w, value));
        if (forAll) {
            return actual.stream().allMatch(value -> one.test(value, wanted));
        }
        return (negated && !forAny)
                ? actual.stream().allMatch(value -> one.test(value, wanted))
                : actual.stream().anyMatch(value -> one.test(value, wanted));
    }

    /**
     * Returns the positive form of an operator's test, which takes the policy's value first and the request's second.
     */
    private static BiPredicate<String, String> base(String operator) {
        return switch (operator.replaceFirst("^(ForAllValues|ForAnyValue):", "").replaceFirst("IfExists$", "")) {
            case "StringEquals", "StringNotEquals" ->
                (wanted, actual) -> Wildcard.plain(wanted).equals(actual);
            case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase" ->
                (wanted, actual) -> Wildcard.plain(wanted).equalsIgnoreCase(actual);
            case "BinaryEquals" -> String::equals;
            case "StringLike", "StringNotLike" -> Wildcard::matches;
            case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike" -> Wildcard::matchesArn;
            case "Bool" -> (wanted, actual) -> wanted.toLowerCase(Locale.ROOT).equals(actual.toLowerCase(Locale.ROOT));
            case "NumericEquals", "NumericNotEquals" -> (wanted, actual) -> compare(actual, wanted) == 0;
            case "NumericLessThan" -> (wanted, actual) -> compare(actual, wanted) < 0;
            case "NumericLessThanEquals" -> (wanted, actual) -> compare(actual, wanted) <= 0;
            case "NumericGreaterThan" -> (wanted, actual) -> compare(actual, wanted) > 0;
            case "NumericGreaterThanEquals" -> (wanted, actual) -> compare(actual, wanted) >= 0;
            case "DateEquals", "DateNotEquals" -> (wanted, actual) -> compareDates(actual, wanted) == 0;
            case "DateLessThan" -> (wanted, actual) -> compareDates(actual, wanted) < 0;
            case "DateLessThanEquals" -> (wanted, actual) -> compareDates(actual, wanted) <= 0;
            case "DateGreaterThan" -> (wanted, actual) -> compareDates(actual, wanted) > 0;
            case "DateGreaterThanEquals" -> (wanted, actual) -> compareDates(actual, wanted) >= 0;
            case "IpAddress", "NotIpAddress" -> ConditionOperators::inRange;
            // "Null" takes neither a set operator nor IfExists.
            default -> throw new IllegalArgumentException("IAM has no condition operator " + operator);
        };
    }

    private static int compare(String left, String right) {
        return new BigDecimal(left).compareTo(new BigDecimal(right));
    }

    private static int compareDates(String left, String right) {
        return date(left).compareTo(date(right));
    }

    /**
     * Parses a date: seconds since the epoch, or a day, or a time to the minute or finer in the W3C profile of ISO
     * 8601.
     */
    private static Instant date(String text) {
        if (text.matches("[0-9]+")) {
            return Instant.ofEpochSecond(Long.parseLong(text));
        }
        return text.contains("T")
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static boolean inRange(String range, String address) {
        try {
            int slash = range.indexOf('/');
            byte[] network = InetAddress.ofLiteral(slash < 0 ? range : range.substring(0, slash))
                    .getAddress();
            byte[] actual = InetAddress.ofLiteral(address).getAddress();
            int bits = slash < 0 ? network.length * 8 : Integer.parseInt(range.substring(slash + 1));
            if (network.length != actual.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((network[bit / 8] & mask) != (actual[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Returns the values of a condition key. The case of the key's name does not matter. A condition on
     * {@code aws:ResourceTag/Key} matches a tag named either {@code Key} or {@code key}, but not both (IAM user guide,
     * "Controlling access to AWS resources using tags"). If both exist, the key has no values.
     */
    static List<String> values(Map<String, List<String>> context, String key) {
        List<List<String>> found = context.entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(key))
                .map(Map.Entry::getValue)
                .toList();
        return found.size() == 1 ? found.getFirst() : List.of();
    }
}
