package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeeperSettingsTest {
    private static final String LEAST =
            "\"service\":\"Test/Spot@us-west-2\",\"regions\":[\"us-west-2\",\"us-east-1\"],\"maxLease\":3600,"
                    + "\"topicArn\":\"arn:t\"";

    @Test
    void readsDocumentOfTheConstruct() {
        assertEquals(
                new KeeperSettings(
                        "Test/Spot@us-west-2",
                        List.of("us-west-2", "us-east-1"),
                        Duration.ofHours(1),
                        "arn:t",
                        Duration.ZERO,
                        false,
                        false,
                        false,
                        List.of()),
                KeeperSettings.parse("{" + LEAST + "}"));
        assertEquals(
                new KeeperSettings(
                        "Test/Spot@us-west-2",
                        List.of("us-west-2", "us-east-1"),
                        Duration.ofHours(1),
                        "arn:t",
                        Duration.ofMinutes(15),
                        true,
                        true,
                        true,
                        List.of("m7g.large")),
                KeeperSettings.parse("{" + LEAST
                        + ",\"leaseWarning\":900,\"endWhenIdle\":true,\"allowOnDemand\":true,\"fleets\":true,"
                        + "\"watchedTypes\":[\"m7g.large\"]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"service", "regions", "maxLease", "topicArn"})
    void rejectsIncompleteDocument(String key) {
        String without = LEAST.replace("\"" + key + "\"", "\"watchedTypes\"");

        assertThrows(IllegalArgumentException.class, () -> KeeperSettings.parse("{" + without + "}"));
    }
}
