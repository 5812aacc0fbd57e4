package io.github.spotspec.function.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests reading the members of a settings document, and the messages about invalid ones. */
final class SettingsDocumentTest {
    private static SettingsDocument parse(String json) {
        return SettingsDocument.parse(json.replace('\'', '"'), Set.of("name"), Set.of("list", "number", "flag"));
    }

    private static String messageOf(org.junit.jupiter.api.function.Executable reading) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, reading).getMessage());
    }

    @Test
    void readsValuesOfEachKind() {
        SettingsDocument document = parse("{'name':'x','list':['a','b'],'number':90,'flag':true}");

        assertEquals("x", document.text("name"));
        assertEquals(List.of("a", "b"), document.texts("list"));
        assertEquals(new BigDecimal(90), document.number("number"));
        assertEquals(Duration.ofSeconds(90), document.seconds("number"));
        assertTrue(document.flag("flag"));
        assertTrue(document.has("number"));
    }

    @Test
    void readsDefaultsOfMissingMembers() {
        SettingsDocument document = parse("{'name':'x','flag':false}");

        assertEquals(List.of(), document.texts("list"));
        assertFalse(document.flag("flag"));
        assertFalse(document.flag("number"));
        assertFalse(document.has("number"));
        assertTrue(document.has("flag"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{} | 'name'", "{'name':null} | 'name'", "{'name':'x','new':1} | 'new'", "[] | SPOTSPEC_SETTINGS"})
    void namesMissingAndUnknownMembers(String json, String named) {
        assertTrue(messageOf(() -> parse(json)).contains(named), json);
    }

    @Test
    void reportsMissingVariable() {
        assertTrue(messageOf(() -> SettingsDocument.parse(null, Set.of(), Set.of()))
                .contains("SPOTSPEC_SETTINGS"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"'list':'a'", "'list':['a',1]", "'list':{}", "'number':'90'", "'number':true"})
    void namesValuesOfWrongType(String field) {
        SettingsDocument document = parse("{'name':7," + field + "}");

        assertTrue(messageOf(() -> document.text("name")).contains("'name'"));
        String key = field.substring(1, field.indexOf(':') - 1);
        assertTrue(messageOf(() -> {
                    if (key.equals("list")) {
                        document.texts(key);
                    } else {
                        document.number(key);
                    }
                })
                .contains("'" + key + "'"));
    }
}
