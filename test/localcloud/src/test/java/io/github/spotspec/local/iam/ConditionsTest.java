package io.github.spotspec.local.iam;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests condition operators. The rows contain operator, policy value, request value and result. */
final class ConditionsTest {
    private static final List<String> MISSING = List.of();

    private static boolean holds(String operator, List<String> wanted, List<String> actual) {
        return ConditionOperators.holds(operator, wanted, actual);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            StringEquals,               spot,         spot,         true
            StringEquals,               spot,         Spot,         false
            StringEquals,               sp*,          spot,         false
            StringNotEquals,            spot,         on-demand,    true
            StringNotEquals,            spot,         spot,         false
            StringEqualsIgnoreCase,     spot,         SPOT,         true
            StringNotEqualsIgnoreCase,  spot,         SPOT,         false
            StringLike,                 m7g.*,        m7g.large,    true
            StringLike,                 m7g.*,        m7gd.large,   false
            StringLike,                 M7G.*,        m7g.large,    false
            StringNotLike,              m7g.*,        m7g.large,    false
            StringNotLike,              m7g.*,        m6g.large,    true
            BinaryEquals,               YWJj,         YWJj,         true
            BinaryEquals,               YWJj,         YWJk,         false
            """)
    void comparesStrings(String operator, String wanted, String actual, boolean holds) {
        assertEquals(holds, holds(operator, List.of(wanted), List.of(actual)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            NumericEquals,              10,           10.0,         true
            NumericNotEquals,           10,           10.0,         false
            NumericLessThan,            10,           9,            true
            NumericLessThan,            10,           10,           false
            NumericLessThanEquals,      10,           10,           true
            NumericGreaterThan,         10,           100,          true
            NumericGreaterThan,         10,           9,            false
            NumericGreaterThanEquals,   10,           10,           true
            """)
    void comparesNumbers(String operator, String wanted, String actual, boolean holds) {
        assertEquals(holds, holds(operator, List.of(wanted), List.of(actual)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            DateEquals,                 2026-03-04T05:06:07Z,      2026-03-04T05:06:07Z,  true
            DateEquals,                 2026-03-04T06:06:07+01:00, 2026-03-04T05:06:07Z,  true
            DateEquals,                 2026-03-04T05:06Z,         2026-03-04T05:06:00Z,  true
            DateEquals,                 2026-03-04,                2026-03-04T00:00:00Z,  true
            DateNotEquals,              2026-03-04,                2026-03-04T00:00:01Z,  true
            DateLessThan,               2026-03-04T05:06:07Z,      2026-03-04T05:06:06Z,  true
            DateLessThan,               2026-03-04T05:06:07Z,      2026-03-04T05:06:07Z,  false
            DateLessThanEquals,         2026-03-04T05:06:07Z,      2026-03-04T05:06:07Z,  true
            DateGreaterThan,            2026-03-04,                2026-03-04T05:06:07Z,  true
            DateGreaterThan,            2026-03-05,                2026-03-04T05:06:07Z,  false
            DateGreaterThanEquals,      2026-03-04T05:06:07Z,      2026-03-04T05:06:07Z,  true
            DateGreaterThan,            2026-03-04,                1772600767,            true
            DateEquals,                 1772600767,                2026-03-04T05:06:07Z,  true
            """)
    void comparesDates(String operator, String wanted, String actual, boolean holds) {
        assertEquals(holds, holds(operator, List.of(wanted), List.of(actual)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            Bool,                       true,         true,         true
            Bool,                       true,         false,        false
            Bool,                       false,        false,        true
            Bool,                       True,         true,         true
            IpAddress,                  10.0.0.0/8,   10.255.0.1,   true
            IpAddress,                  10.0.0.0/8,   11.0.0.1,     false
            IpAddress,                  10.1.2.3,     10.1.2.3,     true
            IpAddress,                  10.1.2.3,     10.1.2.4,     false
            IpAddress,                  10.1.2.0/31,  10.1.2.1,     true
            IpAddress,                  10.1.2.0/31,  10.1.2.2,     false
            IpAddress,                  0.0.0.0/0,    8.8.8.8,      true
            IpAddress,                  2001:db8::/32,2001:db8::1,  true
            IpAddress,                  2001:db8::/32,2001:db9::1,  false
            IpAddress,                  10.0.0.0/8,   2001:db8::1,  false
            IpAddress,                  localhost,    127.0.0.1,    false
            NotIpAddress,               10.0.0.0/8,   10.0.0.1,     false
            NotIpAddress,               10.0.0.0/8,   11.0.0.1,     true
            """)
    void comparesBooleansAndAddresses(String operator, String wanted, String actual, boolean holds) {
        assertEquals(holds, holds(operator, List.of(wanted), List.of(actual)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ArnEquals", "ArnLike"})
    void arnOperatorsSupportWildcards(String operator) {
        List<String> alias = List.of("arn:aws:lambda:*:111122223333:function:spot:*");

        assertTrue(holds(operator, alias, List.of("arn:aws:lambda:eu-west-1:111122223333:function:spot:live")));
        assertFalse(holds(operator, alias, List.of("arn:aws:lambda:eu-west-1:444455556666:function:spot:live")));
        assertFalse(holds(operator.replace("Arn", "ArnNot"), alias, List.of(alias.getFirst())));
        assertTrue(holds(operator.replace("Arn", "ArnNot"), alias, List.of("arn:aws:s3:::bucket")));
    }

    @Test
    void matchesAnyPolicyValue() {
        assertTrue(holds("StringEquals", List.of("us-east-1", "us-west-2"), List.of("us-west-2")));
        assertFalse(holds("StringEquals", List.of("us-east-1", "us-west-2"), List.of("eu-west-1")));
    }

    @Test
    void negatedOperatorExcludesAllPolicyValues() {
        assertFalse(holds("StringNotEquals", List.of("us-east-1", "us-west-2"), List.of("us-west-2")));
        assertTrue(holds("StringNotEquals", List.of("us-east-1", "us-west-2"), List.of("eu-west-1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"StringEquals", "StringLike", "NumericLessThan", "DateLessThan", "Bool", "IpAddress", "ArnLike"})
    void missingKeyFailsOperator(String operator) {
        assertFalse(holds(operator, List.of("1"), MISSING));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "StringNotEquals",
                "StringNotLike",
                "NumericNotEquals",
                "DateNotEquals",
                "NotIpAddress",
                "ArnNotLike"
            })
    void missingKeySatisfiesNegatedOperator(String operator) {
        assertTrue(holds(operator, List.of("1"), MISSING));
    }

    @Test
    void ifExistsIgnoresMissingKey() {
        assertTrue(holds("BoolIfExists", List.of("true"), MISSING));
        assertTrue(holds("BoolIfExists", List.of("true"), List.of("true")));
        assertFalse(holds("BoolIfExists", List.of("true"), List.of("false")));
        assertTrue(holds("StringNotEqualsIfExists", List.of("spot"), MISSING));
        assertFalse(holds("StringNotEqualsIfExists", List.of("spot"), List.of("spot")));
    }

    @Test
    void nullChecksForMissingKey() {
        assertTrue(holds("Null", List.of("true"), MISSING));
        assertFalse(holds("Null", List.of("true"), List.of("x")));
        assertTrue(holds("Null", List.of("false"), List.of("x")));
        assertFalse(holds("Null", List.of("false"), MISSING));
    }

    @Test
    void forAllValuesChecksEveryRequestValue() {
        List<String> wanted = List.of("Name", "spotspec:*");

        assertTrue(holds("ForAllValues:StringLike", wanted, List.of("Name", "spotspec:lease")));
        assertFalse(holds("ForAllValues:StringLike", wanted, List.of("Name", "Owner")));
        assertTrue(holds("ForAllValues:StringNotEquals", List.of("a", "b"), List.of("c", "d")));
        assertFalse(holds("ForAllValues:StringNotEquals", List.of("a", "b"), List.of("c", "b")));
    }

    @Test
    void forAllValuesHoldsWithoutKey() {
        assertTrue(holds("ForAllValues:StringEquals", List.of("a"), MISSING));
        assertTrue(holds("ForAllValues:StringNotEquals", List.of("a"), MISSING));
    }

    @Test
    void forAnyValueNeedsOneRequestValue() {
        assertTrue(holds("ForAnyValue:StringEquals", List.of("a", "b"), List.of("c", "b")));
        assertFalse(holds("ForAnyValue:StringEquals", List.of("a", "b"), List.of("c", "d")));
        assertTrue(holds("ForAnyValue:StringNotEquals", List.of("a", "b"), List.of("c", "b")));
        assertFalse(holds("ForAnyValue:StringNotEquals", List.of("a", "b"), List.of("a", "b")));
    }

    @Test
    void forAnyValueNeedsKeyUnlessIfExists() {
        assertFalse(holds("ForAnyValue:StringEquals", List.of("a"), MISSING));
        assertFalse(holds("ForAnyValue:StringNotEquals", List.of("a"), MISSING));
        assertTrue(holds("ForAnyValue:StringEqualsIfExists", List.of("a"), MISSING));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "StringMatches",
                "stringequals",
                "Equals",
                "NullIfExists",
                "ForAllValues:Null",
                "ForSomeValues:StringEquals",
                "Any:StringEquals",
                "StringEqualsIfPresent",
                "BoolNot",
                ""
            })
    void rejectsUnknownOperator(String operator) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> ConditionOperators.validate(operator));

        assertTrue(String.valueOf(error.getMessage()).contains(operator), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Null",
                "Bool",
                "ForAnyValue:StringLike",
                "ForAllValues:ArnNotEqualsIfExists",
                "DateGreaterThanEqualsIfExists",
                "NotIpAddress"
            })
    void acceptsKnownOperator(String operator) {
        assertDoesNotThrow(() -> ConditionOperators.validate(operator));
    }

    @Test
    void ignoresCaseOfKeyNames() {
        Map<String, List<String>> context = Map.of("aws:RequestTag/Team", List.of("blue"));

        assertEquals(List.of("blue"), ConditionOperators.values(context, "AWS:requesttag/team"));
        assertEquals(List.of(), ConditionOperators.values(context, "aws:RequestTag/Teams"));
    }

    @Test
    void tagsThatDifferInCaseMatchNothing() {
        Map<String, List<String>> context =
                Map.of("aws:ResourceTag/team", List.of("blue"), "aws:ResourceTag/Team", List.of("blue"));

        assertEquals(List.of(), ConditionOperators.values(context, "aws:ResourceTag/team"));
        assertEquals(List.of(), ConditionOperators.values(context, "aws:ResourceTag/Team"));
    }

    @Test
    void comparesTagKeysWithCase() {
        for (String operator : List.of("ForAnyValue:StringEquals", "ForAnyValue:StringLike")) {
            assertTrue(ConditionOperators.holds(operator, List.of("team"), List.of("Team", "team")), operator);
            assertFalse(ConditionOperators.holds(operator, List.of("team"), List.of("Team")), operator);
        }
    }
}
