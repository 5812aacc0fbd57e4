package io.github.spotspec.function;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Generates values of fields as JSON: of the wrong type or size, malformed, or almost valid. */
final class BadValues {
    /** Values that are invalid for nearly every field, or valid ids and names of things that do not exist. */
    private static final List<String> INVALID = List.of(
            "null",
            "\"\"",
            "\" \"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "[{}]",
            "{\"\":\"\"}",
            "{\"a\":{\"b\":[{\"c\":null}]}}",
            "{\"a\":1,\"a\":2}",
            "true",
            "false",
            "0",
            "-0.0",
            "-1",
            "1",
            "1.5",
            "1e1000000",
            "-1e2147483647",
            "1e-2147483647",
            "1e99999999999",
            "-1e-99999999999",
            "9".repeat(39),
            "9".repeat(400),
            "0." + "0".repeat(30) + "1",
            "\"1e999999999\"",
            "\"1e-999999999\"",
            "\"-1\"",
            "\"NaN\"",
            "\"Infinity\"",
            "\"\u0667\"",
            "\"\uff18h\"",
            "\"99999999999d\"",
            "\"P999999999999D\"",
            "\"-PT1H\"",
            "\"+1000000000-12-31T23:59:59.999999999Z\"",
            "\"-1000000000-01-01T00:00:00Z\"",
            "\"\\u0000\"",
            "\"a\\r\\nb: c\"",
            "\"\\u001b[31m\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"z9.nano\"",
            "\"us-west-2z\"",
            "\"ami-00000000\"",
            "\"i-00000000\"",
            "\"sg-00000000\"",
            "\"sir-00000000\"",
            "\"subnet-00000000\"",
            "\"resolve:ssm:/aws/service/none\"",
            "\"../../../../etc/passwd\"",
            "\"169.254.169.254\"",
            "\"us-west-2.example.com/\"",
            "\"${jndi:ldap://example.com/a}\"",
            "\"*\"",
            "\"arn:aws:iam::111122223333:user/alice\"",
            "\"<a>&lt;\"",
            "\"" + "a".repeat(255) + "\"",
            "\"" + "a".repeat(60_000) + "\"",
            "\"" + "\\u0000".repeat(500) + "\"",
            list(5_000, "\"a.%d\""),
            list(1_000, "%d"),
            "[".repeat(20) + "]".repeat(20),
            "[".repeat(500),
            "[".repeat(500) + "]".repeat(500),
            "{\"a\":".repeat(22) + "1" + "}".repeat(22),
            "{\"a\":".repeat(500) + "1" + "}".repeat(500));

    private static final Pattern WORD = Pattern.compile("[^\\s,;]+");

    private BadValues() {}

    /** Returns values that are invalid for nearly every field, and almost valid ones for a field that expects this. */
    static List<String> of(String expected) {
        return Stream.concat(INVALID.stream(), almostValid(expected).stream()).toList();
    }

    /** Returns any JSON value, or sometimes text that is not JSON. */
    static String any(Random random) {
        return nested(random, () -> switch (random.nextInt(7)) {
            case 0 -> number(random);
            case 1, 2, 3 -> text(RandomInputs.text(70, random));
            default -> RandomInputs.oneOf(INVALID, random);
        });
    }

    /** Returns any JSON value, often one made of words from a field's own description. */
    static String anyOf(String expected, Random random) {
        List<String> almostValid = almostValid(expected);
        Supplier<String> hint = () -> RandomInputs.oneOf(almostValid, random);
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> hint.get();
            case 4 ->
                "["
                        + String.join(
                                ",",
                                IntStream.range(0, random.nextInt(5))
                                        .mapToObj(i -> hint.get())
                                        .toList())
                        + "]";
            case 5 -> list(300, hint.get().replace("%", ""));
            case 6 -> nested(random, hint);
            default -> any(random);
        };
    }

    /** Returns a text as JSON, including unpaired surrogates. */
    static String text(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                json.append("\\u%04x".formatted(c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }

    private static String number(Random random) {
        BigInteger digits = new BigInteger(random.nextInt(200), random);
        return new BigDecimal(random.nextBoolean() ? digits : digits.negate(), random.nextInt(-40, 41)).toString();
    }

    private static String nested(Random random, Supplier<String> leaf) {
        return switch (random.nextInt(4)) {
            case 0 -> "[" + nested(random, leaf) + "]";
            case 1 -> "{\"a\":" + nested(random, leaf) + "}";
            default -> leaf.get();
        };
    }

    /**
     * Returns the words and numbers of the sentence in which a field describes its values, and neighbors of the
     * numbers. They include its keywords, its examples and its bounds.
     */
    private static List<String> almostValid(String expected) {
        Set<String> hints = new LinkedHashSet<>();
        for (String word :
                WORD.matcher(expected).results().map(MatchResult::group).toList()) {
            hints.add(text(word));
            hints.add(text(word + "\n"));
            if (word.matches("[0-9.]+")) {
                BigDecimal number = new BigDecimal(word);
                hints.add(number.toString());
                hints.add(number.add(BigDecimal.ONE).toString());
                hints.add(number.subtract(BigDecimal.ONE).toString());
                hints.add(number + "e1");
                hints.add(number + "0");
            }
        }
        return List.copyOf(hints);
    }

    private static String list(int size, String element) {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            list.append(i == 0 ? "" : ",").append(element.formatted(i));
        }
        return list.append(']').toString();
    }
}
