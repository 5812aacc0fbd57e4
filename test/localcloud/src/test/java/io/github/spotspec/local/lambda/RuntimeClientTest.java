package io.github.spotspec.local.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuntimeClientTest {
    @ParameterizedTest
    @CsvSource({
        ", Linux, AWS",
        "'', Linux, AWS",
        "java, Linux, JAVA",
        "aws, Linux, AWS",
        ", Mac OS X, JAVA",
        "java, Mac OS X, JAVA",
        ", FreeBSD, JAVA"
    })
    void usesNativeCodeOnLinuxUnlessJavaIsSelected(@Nullable String selected, String system, RuntimeClient client) {
        assertEquals(client, RuntimeClient.of(selected, system));
    }

    @Test
    void rejectsUnknownClient() {
        IllegalArgumentException rejected =
                assertThrows(IllegalArgumentException.class, () -> RuntimeClient.of("Java", "Linux"));

        assertTrue(String.valueOf(rejected.getMessage()).contains(RuntimeClient.VARIABLE), rejected.getMessage());
        assertTrue(String.valueOf(rejected.getMessage()).contains("'Java'"), rejected.getMessage());
    }
}
