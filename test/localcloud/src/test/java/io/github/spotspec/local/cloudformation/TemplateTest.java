package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests templates and the order of their resources. */
final class TemplateTest {
    private static List<String> order(String resources) {
        return Template.parse("{\"Resources\": " + resources + "}").inOrder().stream()
                .map(Template.Resource::id)
                .toList();
    }

    private static AwsError errorOf(String template) {
        return assertThrows(AwsError.class, () -> Template.parse(template).inOrder());
    }

    private static Template.Resource resource(String json) {
        return Objects.requireNonNull(Template.parse("{\"Resources\": {\"A\": " + json + "}}")
                .resources()
                .get("A"));
    }

    @Test
    void keepsOrderOfIndependentResources() {
        assertEquals(List.of("C", "A", "B"), order("""
                {"C": {"Type": "T"}, "A": {"Type": "T"}, "B": {"Type": "T"}}"""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Properties\": {\"p\": {\"Ref\": \"B\"}}",
                "\"Properties\": {\"p\": [{\"q\": {\"Fn::Join\": [\"\", [\"x\", {\"Ref\": \"B\"}]]}}]}",
                "\"Properties\": {\"p\": {\"Fn::GetAtt\": [\"B\", \"Arn\"]}}",
                "\"Properties\": {\"p\": {\"Fn::GetAtt\": \"B.Arn\"}}",
                "\"Properties\": {\"p\": {\"Fn::Sub\": \"a ${AWS::Region} ${B}\"}}",
                "\"Properties\": {\"p\": {\"Fn::Sub\": \"${B.Arn}:live\"}}",
                "\"Properties\": {\"p\": {\"Fn::Sub\": [\"${x}\", {\"x\": {\"Ref\": \"B\"}}]}}",
                "\"Properties\": {\"p\": {\"Fn::If\": [\"Never\", {\"Ref\": \"B\"}, \"\"]}}",
                "\"DependsOn\": \"B\"",
                "\"DependsOn\": [\"B\"]"
            })
    void ordersReferencedResourceFirst(String reference) {
        assertEquals(
                List.of("B", "A"), order("{\"A\": {\"Type\": \"T\", " + reference + "}, \"B\": {\"Type\": \"T\"}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Fn::Sub\": \"${!B}\"}",
                "{\"Fn::Sub\": [\"${B}\", {\"B\": \"its own\"}]}",
                "\"B\"",
                "{\"Name\": \"B\"}"
            })
    void ignoresTextThatResemblesReference(String property) {
        assertEquals(List.of("A", "B"), order("""
                {"A": {"Type": "T", "Properties": {"p": %s}}, "B": {"Type": "T"}}""".formatted(property)));
    }

    @Test
    void ordersLongChain() {
        assertEquals(List.of("D", "C", "B", "A"), order("""
                {"A": {"Type": "T", "DependsOn": ["B", "D"]},
                 "B": {"Type": "T", "Properties": {"p": {"Ref": "C"}}},
                 "C": {"Type": "T", "Properties": {"p": {"Fn::GetAtt": ["D", "Arn"]}}},
                 "D": {"Type": "T"}}"""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"DependsOn\": \"A\"", "\"DependsOn\": \"B\"", "\"Properties\": {\"p\": {\"Ref\": \"B\"}}"})
    void rejectsCycle(String reference) {
        AwsError error = errorOf("""
                {"Resources": {"A": {"Type": "T", %s}, "B": {"Type": "T", "Properties": {"p": {"Ref": "A"}}}}}
                """.formatted(reference));

        assertEquals("ValidationError", error.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Properties\": {\"p\": {\"Ref\": \"Nobody\"}}",
                "\"Properties\": {\"p\": {\"Fn::GetAtt\": \"Nobody.Arn\"}}",
                "\"Properties\": {\"p\": {\"Fn::Sub\": \"${Nobody.Arn}\"}}",
                "\"DependsOn\": \"Nobody\""
            })
    void rejectsUnknownReference(String reference) {
        AwsError error = errorOf("{\"Resources\": {\"A\": {\"Type\": \"T\", " + reference + "}}}");

        assertEquals("ValidationError", error.code());
        assertTrue(error.message().contains("Nobody"), error.message());
    }

    @Test
    void rejectsOutputOfUnknownResource() {
        AwsError error = errorOf("{\"Outputs\": {\"O\": {\"Value\": {\"Ref\": \"Nobody\"}}}}");

        assertTrue(error.message().contains("Nobody"), error.message());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"Mappings": {}}                                                      | Mappings
            {"Transform": "AWS::Serverless"}                                      | Transform
            {"Resources": {"A": {"Type": "T", "CreationPolicy": {}}}}             | CreationPolicy
            {"Resources": {"A": {"Type": "T", "properties": {}}}}                 | properties
            {"Resources": {"A": {"Type": "T", "DeletionPolicy": "Snapshot"}}}     | DeletionPolicy
            {"Resources": {"A": {"Type": "T", "UpdateReplacePolicy": "Snapshot"}}}| UpdateReplacePolicy
            {"Outputs": {"O": {"Value": "v", "Name": "x"}}}                       | Name
            """)
    void rejectsUnsupportedElements(String template, String name) {
        AwsError error = errorOf(template);

        assertEquals("NotInLocalCloud", error.code());
        assertTrue(error.message().contains(name), error.message());
    }

    @Test
    void rejectsInvalidJson() {
        assertEquals("ValidationError", errorOf("Resources:\n  A:\n    Type: T").code());
        assertEquals("ValidationError", errorOf("[]").code());
    }

    @Test
    void readsParameterDefault() {
        Template template = Template.parse("""
                {"Parameters": {"A": {"Type": "Number", "Default": 5}, "B": {"Type": "String"}}}""");

        assertEquals(
                new Template.Parameter("Number", "5"), template.parameters().get("A"));
        assertNull(Objects.requireNonNull(template.parameters().get("B")).defaultValue());
    }

    @Test
    void readsRetentionPolicies() {
        Template.Resource plain = resource("{\"Type\": \"T\"}");
        Template.Resource kept = resource("{\"Type\": \"T\", \"DeletionPolicy\": \"Retain\"}");
        Template.Resource keptWhenReplaced = resource("{\"Type\": \"T\", \"UpdateReplacePolicy\": \"Retain\"}");

        assertEquals(List.of(false, false), List.of(plain.retain(), plain.retainReplaced()));
        assertEquals(List.of(true, false), List.of(kept.retain(), kept.retainReplaced()));
        assertEquals(List.of(false, true), List.of(keptWhenReplaced.retain(), keptWhenReplaced.retainReplaced()));
    }

    @Test
    void keepsOriginalBody() {
        String body = "{ \"Resources\":\n{} }";

        assertEquals(body, Template.parse(body).body());
    }
}
