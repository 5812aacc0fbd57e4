package io.github.spotspec.function.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.runtime.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldsTest {
    private static final Field<Integer> COUNT = Field.integer("count", 1, 20);
    private static final Field<Boolean> DRY_RUN = Field.bool("dryRun");
    private static final Field<List<String>> TYPES = Field.textList(
                    "types", 3, "instance types such as m7g.large", Syntax::isInstanceType)
            .or("type", "InstanceTypes");

    @ParameterizedTest
    @CsvSource({"1,1", "20,20", "'\"7\"',7", "7.0,7", "7e0,7"})
    void acceptsIntegerAsStringOrWithZeroFraction(String json, int value) {
        assertEquals(value, fields("{\"count\":" + json + "}").get(COUNT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "21",
                "1.5",
                "\"\"",
                "\"seven\"",
                "true",
                "[1]",
                "{}",
                "1e9",
                "1e30",
                "\"1e-30\"",
                "\"99999999999999999999999\""
            })
    void rejectsAnyOtherNumber(String json) {
        ServiceException exception = assertThrows(
                ServiceException.class, () -> fields("{\"count\":" + json + "}").get(COUNT));

        assertEquals(ErrorCode.INVALID_VALUE, exception.errorCode());
        assertTrue(exception.details().contains("'count'"), exception.details());
        assertTrue(exception.details().contains(COUNT.expected()), exception.details());
    }

    @Test
    void doesNotExpandLargeExponents() {
        ServiceException exception = assertThrows(
                ServiceException.class, () -> fields("{\"count\":1e999999999}").get(COUNT));

        assertTrue(exception.details().length() < 200);
    }

    @ParameterizedTest
    @CsvSource({"true,true", "false,false", "'\"true\"',true", "'\"false\"',false"})
    void acceptsFlagAsString(String json, boolean value) {
        assertEquals(value, fields("{\"dryRun\":" + json + "}").get(DRY_RUN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "\"no\"", "\"TRUE\"", "[true]", "\"\""})
    void rejectsAnyOtherFlag(String json) {
        assertThrows(
                ServiceException.class,
                () -> fields("{\"dryRun\":" + json + "}").get(DRY_RUN));
    }

    @Test
    void acceptsSingleElementAsListAndRemovesDuplicates() {
        assertEquals(List.of("m7g.large"), fields("{\"types\":\"m7g.large\"}").get(TYPES));
        assertEquals(
                List.of("b.large", "a.large"),
                fields("{\"types\":[\"b.large\",\"a.large\",\"b.large\"]}").get(TYPES));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"\"",
                "[\"\"]",
                "[1]",
                "[null]",
                "[[\"a.large\"]]",
                "[\"a.large\",\"b.large\",\"c.large\",\"d.large\"]",
                "{}"
            })
    void rejectsAnyOtherList(String json) {
        assertThrows(
                ServiceException.class, () -> fields("{\"types\":" + json + "}").get(TYPES));
    }

    @Test
    void acceptsFieldByOneOfItsNames() {
        assertEquals(
                List.of("a.large"), fields("{\"InstanceTypes\":[\"a.large\"]}").get(TYPES));

        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fields("{\"type\":\"a.large\",\"types\":\"a.large\"}").get(TYPES));
        assertEquals(ErrorCode.INVALID_REQUEST, exception.errorCode());
    }

    @Test
    void treatsNullAsMissing() {
        assertNull(fields("{\"count\":null}").get(COUNT));
        ServiceException exception = assertThrows(
                ServiceException.class, () -> fields("{\"count\":null}").require(COUNT));
        assertEquals(ErrorCode.MISSING_FIELD, exception.errorCode());
        assertTrue(exception.details().contains("'count'"), exception.details());
    }

    @Test
    void doesNotRepeatSecretValue() {
        ServiceException exception = assertThrows(
                ServiceException.class, () -> fields("{\"mfaCode\":\"31415\"}").get(Fields.MFA_CODE));

        assertFalse(exception.details().contains("31415"));
    }

    @Test
    void shortensLongValueInError() {
        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fields("{\"types\":\"" + "m".repeat(10_000) + "\"}").get(TYPES));

        assertTrue(exception.details().length() < 300);
        assertTrue(exception.details().contains("10000"), exception.details());
    }

    @Test
    void readsBothFormsAlike() {
        Fields flat = fields(
                "{\"task\":\"price\",\"region\":\"us-west-1\",\"mfaCode\":\"123456\",\"durationSeconds\":3600,\"type\":\"m3.large\"}");
        Fields envelope = fields("""
                {"construct":{"keys":{"region":"us-west-1"},"upgrade":{"tokenCode":"123456","durationSeconds":"3600"}},
                 "attributes":{"task":"price","type":"m3.large"}}""");
        for (Fields fields : List.of(flat, envelope)) {
            assertEquals("price", fields.get(Fields.TASK));
            assertEquals(List.of("us-west-1"), fields.get(AllowedRegions.FIELD));
            assertEquals("123456", fields.get(Fields.MFA_CODE));
            assertEquals(3600, fields.get(Fields.DURATION_SECONDS));
            assertEquals(List.of("m3.large"), fields.get(TYPES));
        }
    }

    @Test
    void namesPathInTheEnvelope() {
        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fields("{\"construct\":{},\"attributes\":{\"type\":\"nonsense\"}}")
                        .get(TYPES));

        assertTrue(exception.details().contains("'attributes.type'"), exception.details());
    }

    @Test
    void acceptsTheAncestorsAttributesOnlyInTheEnvelope() {
        fields("{\"attributes\":{\"task\":\"price\",\"ami\":\"ami-1\",\"fileUserData\":\"x\"}}")
                .rejectUnknown(List.of());

        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fields("{\"task\":\"price\",\"ami\":\"ami-1\"}").rejectUnknown(List.of(COUNT)));
        assertEquals(ErrorCode.UNKNOWN_FIELD, exception.errorCode());
        assertTrue(exception.details().contains("'ami'"), exception.details());
        assertTrue(
                exception.details().contains("count, task, mfaCode, durationSeconds, session, isLogging"),
                exception.details());
    }

    @Test
    void rejectsAccessKeysWithoutRepeatingThem() {
        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fields("{\"construct\":{\"keys\":{\"secretAccessKey\":\"hush\"}},\"attributes\":{}}"));

        assertEquals(ErrorCode.UNKNOWN_FIELD, exception.errorCode());
        assertFalse(exception.details().contains("hush"));
    }

    private static Fields fields(String json) {
        return Fields.of(Json.parse(json));
    }
}
