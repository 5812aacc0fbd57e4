package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    @Test
    void readsWhatTheConstructWrites() {
        Settings settings = Settings.parse("{\"regions\":[\"us-west-2\",\"us-east-1\"],\"secretArn\":\"arn:s\"}");

        assertEquals(List.of("us-west-2", "us-east-1"), settings.regions());
        assertEquals("arn:s", settings.secretArn());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"regions\":[],\"secretArn\":\"arn:s\"}",
                "{\"regions\":[\"us-west-2\"]}",
                "{\"regions\":\"us-west-2\",\"secretArn\":\"arn:s\"}",
                "{\"regions\":[\"us-west-2\"],\"secretArn\":\"arn:s\",\"new\":1}"
            })
    void refusesAnythingElseAtStartUp(String document) {
        assertThrows(IllegalArgumentException.class, () -> Settings.parse(document));
    }
}
