package io.github.spotspec.function.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MinterSettingsTest {
    private static String document(long longestLife) {
        return "{\"service\":\"s\",\"regions\":[\"us-west-2\"],\"tasks\":[\"price\"],\"signingSecretArn\":\"arn:t\","
                + "\"revocationsSecretArn\":\"arn:r\",\"url\":\"https://abc/\",\"longestLife\":" + longestLife + "}";
    }

    @Test
    void readsDocumentOfTheConstruct() {
        assertEquals(
                new MinterSettings(
                        "s",
                        List.of("us-west-2"),
                        List.of("price"),
                        "arn:t",
                        "arn:r",
                        "https://abc/",
                        Duration.ofDays(7),
                        List.of()),
                MinterSettings.parse(document(604_800)));
        assertEquals(
                List.of("builder"),
                MinterSettings.parse(document(60).replace("}", ",\"osUsers\":[\"builder\"]}"))
                        .osUsers());
    }

    @Test
    void rejectsTokensThatOutliveRevocations() {
        assertThrows(IllegalArgumentException.class, () -> MinterSettings.parse(document(604_801)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"service", "regions", "tasks", "signingSecretArn", "revocationsSecretArn", "url", "longestLife"})
    void rejectsIncompleteDocument(String key) {
        String without = document(60).replace("\"" + key + "\"", "\"other\"");

        assertThrows(IllegalArgumentException.class, () -> MinterSettings.parse(without));
    }
}
