package io.github.spotspec.local.iam;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The condition operators of IAM policies, as the IAM user guide's "Condition operators" and "Multivalued context keys"
 * define them. An operator that IAM does not have is refused, never passed over.
 */
final class Conditions {
    private Conditions() {}

    /** Checks that an operator is one of IAM's. */
    static void validate(String operator) {
        base(operator);
    }

    /**
     * Returns whether a condition holds.
     *
     * @param operator for example {@code StringEquals} or {@code ForAnyValue:StringLikeIfExists}
     * @param wanted the policy's values; any of them satisfies it
     * @param actual the request's values of the key; empty if it does not have the key
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
            // Without the key, IfExists, ForAllValues and the negated operators hold; the others do not.
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

    /** Returns the positive form of an operator's test: the policy's value, then the request's. */
    private static BiPredicate<String, String> base(String operator) {
        String name = operator.substring(operator.indexOf(':') + 1);
        name = name.endsWith("IfExists") ? name.substring(0, name.length() - "IfExists".length()) : name;
        return switch (name) {
            case "StringEquals", "StringNotEquals", "BinaryEquals" -> String::equals;
            case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase" -> String::equalsIgnoreCase;
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
            case "IpAddress", "NotIpAddress" -> Conditions::inRange;
            case "Null" -> (wanted, actual) -> true;
            default -> throw new IllegalArgumentException("IAM has no condition operator " + operator);
        };
    }

    private static int compare(String left, String right) {
        return new BigDecimal(left).compareTo(new BigDecimal(right));
    }

    private static int compareDates(String left, String right) {
        return Instant.parse(left).compareTo(Instant.parse(right));
    }

    private static boolean inRange(String range, String address) {
        try {
            int slash = range.indexOf('/');
            byte[] network = InetAddress.getByName(slash < 0 ? range : range.substring(0, slash))
                    .getAddress();
            byte[] actual = InetAddress.getByName(address).getAddress();
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
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Returns the values of a condition's key, whatever the case of its name. */
    static List<String> values(Map<String, List<String>> context, String key) {
        return context.entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(key))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(List.of());
    }
}
