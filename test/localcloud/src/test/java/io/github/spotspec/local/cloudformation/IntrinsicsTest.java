package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.Json;
import io.github.spotspec.local.wire.AwsError;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests references and intrinsic functions. */
final class IntrinsicsTest {
    private static final Map<String, Object> REFERENCES = Map.of(
            "AWS::Region", "eu-west-1", "AWS::Partition", "aws", "Stage", "prod", "Function", "spot-function-X1");
    private static final String CONDITIONS = """
            {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]}}""";
    private static final Map<String, String> ATTRIBUTES =
            Map.of("Function.Arn", "arn:function", "Function.Url.Host", "example.com");

    private static Object resolve(String json) {
        Intrinsics intrinsics = new Intrinsics(
                REFERENCES::get,
                (id, attribute) -> ATTRIBUTES.get(id + "." + attribute),
                Template.object(Json.object(CONDITIONS)));
        return intrinsics.properties(Template.object(Json.object("{\"x\": " + json + "}")));
    }

    private static void assertResolves(String expected, String json) {
        assertEquals(Json.object("{\"x\": " + expected + "}"), resolve(json));
    }

    private static AwsError errorOf(String json) {
        return assertThrows(AwsError.class, () -> resolve(json));
    }

    @Test
    void keepsPlainValues() {
        String plain = """
                {"a": [1, true, "text", {"b": null}], "Ref": "two keys are no function", "c": 1.5}""";

        assertResolves(plain, plain);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"Ref": "Stage"}                                                   | "prod"
            {"Ref": "AWS::Region"}                                             | "eu-west-1"
            {"Ref": "Function"}                                                | "spot-function-X1"
            {"Fn::GetAtt": ["Function", "Arn"]}                                | "arn:function"
            {"Fn::GetAtt": "Function.Arn"}                                     | "arn:function"
            {"Fn::GetAtt": ["Function", "Url.Host"]}                           | "example.com"
            {"Fn::GetAtt": "Function.Url.Host"}                                | "example.com"
            {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::b"]]} | "arn:aws:s3:::b"
            {"Fn::Join": [", ", []]}                                           | ""
            {"Fn::Split": ["/", "a/b//c/"]}                                    | ["a", "b", "", "c", ""]
            {"Fn::Split": [".", "a.b"]}                                        | ["a", "b"]
            {"Fn::Select": [1, ["a", {"Ref": "Stage"}]]}                       | "prod"
            {"Fn::Select": ["2", {"Fn::Split": ["-", {"Ref": "Function"}]}]}   | "X1"
            {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}                         | true
            {"Fn::Not": [{"Fn::Equals": ["a", "a"]}]}                          | false
            {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]}    | false
            {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]}     | true
            {"Fn::If": ["IsProd", {"Ref": "Stage"}, "other"]}                  | "prod"
            {"Fn::If": ["IsTest", {"Ref": "Stage"}, ["other"]]}                | ["other"]
            """)
    void resolvesFunctions(String function, String value) {
        assertResolves(value, function);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"Fn::Sub": "${Function}.${AWS::Region}"}                          | "spot-function-X1.eu-west-1"
            {"Fn::Sub": "${Function.Arn}:live"}                                | "arn:function:live"
            {"Fn::Sub": "${!Literal} $5 \\\\1"}                                | "${Literal} $5 \\\\1"
            {"Fn::Sub": ["${Mine}/${Stage}", {"Mine": {"Ref": "Function"}}]}   | "spot-function-X1/prod"
            {"Fn::Sub": ["${Stage}", {"Stage": "its own comes first"}]}        | "its own comes first"
            """)
    void subReplacesVariables(String function, String value) {
        assertResolves(value, function);
    }

    @Test
    void resolvesNestedFunctions() {
        assertResolves("""
                {"a": [{"b": {"c": "prod"}}, ["prod"]]}""", """
                {"a": [{"b": {"c": {"Ref": "Stage"}}}, [{"Ref": "Stage"}]]}""");
    }

    @Test
    void noValueRemovesProperty() {
        assertResolves("""
                {"list": ["a"], "kept": null}""", """
                {"gone": {"Ref": "AWS::NoValue"},
                 "list": [{"Fn::If": ["IsTest", "b", {"Ref": "AWS::NoValue"}]}, "a"],
                 "kept": null}""");
    }

    @Test
    void evaluatesOnlySelectedBranch() {
        assertResolves("\"prod\"", """
                {"Fn::If": ["IsProd", {"Ref": "Stage"}, {"Fn::ImportValue": "unknown"}]}""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"Fn::ImportValue": "x"}                        | Fn::ImportValue
            {"Fn::FindInMap": ["a", "b", "c"]}              | Fn::FindInMap
            {"Fn::GetAZs": ""}                              | Fn::GetAZs
            {"Fn::GetAtt": ["Function", "Name"]}            | Name
            {"Fn::GetAtt": "Nobody.Arn"}                    | Nobody
            {"Fn::Sub": "${Function.Name}"}                 | Name
            {"Ref": "Nobody"}                               | Nobody
            {"Fn::Sub": "${Nobody}"}                        | Nobody
            {"Fn::If": ["IsNothing", "a", "b"]}             | IsNothing
            {"Fn::Select": [2, ["a", "b"]]}                 | 2
            """)
    void namesUnknownFunctionsAndReferences(String function, String name) {
        assertTrue(errorOf(function).message().contains(name), errorOf(function).message());
    }

    @Test
    void rejectsUnknownCondition() {
        Intrinsics none = new Intrinsics(REFERENCES::get, (id, attribute) -> null, Map.of("No", false, "Yes", true));

        assertTrue(none.holds("Yes"));
        assertFalse(none.holds("No"));
        assertEquals(
                "ValidationError",
                assertThrows(AwsError.class, () -> none.holds("Maybe")).code());
    }
}
