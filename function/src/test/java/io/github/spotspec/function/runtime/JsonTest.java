package io.github.spotspec.function.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    @Test
    void keepsEveryDigitOfNumbers() {
        assertEquals(
                List.of(new BigDecimal("0.10"), new BigDecimal("12345678901234567890")),
                Json.parse("[0.10,12345678901234567890]"));
    }

    @Test
    void readsEveryKindOfValue() {
        assertEquals(
                Map.of("a", List.of(true, false), "b", Map.of("c", "\u00e9\n")),
                Json.parse("{\"a\":[true,false],\"b\":{\"c\":\"\\u00e9\\n\"}}"));
        assertEquals(Arrays.asList("x", null), Json.parse("[\"x\",null]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":1,\"a\":2}",
                "{'a':1}",
                "NaN",
                "01",
                "1 2",
                "{\"secret\":oops}",
                "\"\t\""
            })
    void rejectsAnythingElseWithoutQuotingContent(String document) {
        String message = String.valueOf(
                assertThrows(JsonException.class, () -> Json.parse(document)).getMessage());

        assertFalse(message.contains("secret") || message.contains("oops"), message);
    }

    @Test
    void limitsDepthAndDigits() {
        Json.parse("[".repeat(24) + "]".repeat(24));
        assertThrows(JsonException.class, () -> Json.parse("[".repeat(25) + "]".repeat(25)));
        assertThrows(JsonException.class, () -> Json.parse("1".repeat(41)));
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "a\"b\\c\u2028\u0000");
        value.put("number", new BigDecimal("1E+3"));
        value.put("list", List.of(1, 2L, true));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = Json.writer(bytes)) {
            Json.write(out, value);
        }

        String document = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(
                Map.of(
                        "text",
                        "a\"b\\c\u2028\u0000",
                        "number",
                        new BigDecimal("1000"),
                        "list",
                        List.of(new BigDecimal(1), new BigDecimal(2), true)),
                Json.parse(document));
    }

    @Test
    void writesTimeAsIso8601() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = Json.writer(bytes)) {
            Json.write(out, Instant.parse("2026-03-01T12:00:00Z"));
        }
        assertEquals("\"2026-03-01T12:00:00Z\"", bytes.toString(StandardCharsets.UTF_8));
    }
}
