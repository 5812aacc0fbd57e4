package io.github.spotspec.function.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RotationSettingsTest {
    @Test
    void readsDocumentOfTheConstruct() {
        assertEquals(
                new RotationSettings("Test/Spot@us-west-2", "arn:s", "operator", List.of("arn:a", "arn:b")),
                RotationSettings.parse(
                        "{\"service\":\"Test/Spot@us-west-2\",\"secretArn\":\"arn:s\",\"user\":\"operator\","
                                + "\"generatedSecretArns\":[\"arn:a\",\"arn:b\"]}"));
        assertEquals(
                List.of(),
                RotationSettings.parse("{\"service\":\"s\",\"secretArn\":\"arn:s\",\"user\":\"operator\"}")
                        .generatedSecretArns());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"service\":\"s\",\"secretArn\":\"arn:s\"}",
                "{\"service\":\"s\",\"user\":\"operator\"}",
                "{\"secretArn\":\"arn:s\",\"user\":\"operator\"}",
                "{\"service\":\"s\",\"secretArn\":\"arn:s\",\"user\":\"operator\",\"new\":1}"
            })
    void rejectsOtherDocuments(String document) {
        assertThrows(IllegalArgumentException.class, () -> RotationSettings.parse(document));
    }
}
