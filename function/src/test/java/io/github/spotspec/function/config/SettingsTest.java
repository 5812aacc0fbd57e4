package io.github.spotspec.function.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static final String MINIMAL =
            "\"service\":\"s\",\"regions\":[\"us-west-2\",\"us-east-1\"],\"secretArn\":\"arn:s\",\"tasks\":[\"price\"],"
                    + "\"maxInstances\":10,\"defaultLease\":28800,\"maxLease\":604800";

    @Test
    void readsTheMinimalDocumentOfTheConstruct() {
        Settings settings = Settings.parse("{" + MINIMAL + "}");

        assertEquals("s", settings.service());
        assertEquals(List.of("us-west-2", "us-east-1"), settings.regions());
        assertEquals("arn:s", settings.secretArns().operator());
        assertEquals(Set.of("price"), settings.tasks());
        assertEquals(Set.of(), settings.mfaTasks());
        assertNull(settings.secretArns().sessions());
        assertEquals(10, settings.guardRails().maxInstances());
        assertEquals(Duration.ofHours(8), settings.guardRails().leases().defaultLease());
        assertEquals(Duration.ofDays(7), settings.guardRails().leases().maxLease());
        assertEquals(List.of(), settings.guardRails().allowLists().instanceTypes());
        assertEquals("al2023", settings.guardRails().allowLists().defaultImage());
        assertNull(settings.guardRails().maxPrice());
        assertEquals(VolumeLimits.NONE, settings.guardRails().volumes());
        assertEquals(InstanceLimits.NONE, settings.guardRails().instanceLimits());
        assertFalse(settings.guardRails().allowOnDemand());
    }

    @Test
    void readsEveryLimit() {
        GuardRails limits = Settings.parse("{" + MINIMAL
                        + ",\"instanceTypes\":[\"m7g.*\"],\"images\":[\"ami-1\"],\"imageOwners\":[\"amazon\"],\"subnets\":[\"subnet-1\"],"
                        + "\"securityGroups\":[\"sg-1\"],\"keyPairs\":[\"dev\"],\"instanceProfile\":\"arn:p\",\"maxPrice\":\"0.10\","
                        + "\"maxVolumeSize\":100,\"volumeTypes\":[\"gp3\"],\"maxVolumeIops\":4000,\"maxVolumeThroughput\":250,\"maxMetadataHopLimit\":1,"
                        + "\"allowOnDemand\":true,\"userData\":[\"setup\"]}")
                .guardRails();

        assertEquals(List.of("m7g.*"), limits.allowLists().instanceTypes());
        assertEquals(List.of("ami-1"), limits.allowLists().images());
        assertEquals(List.of("amazon"), limits.allowLists().imageOwners());
        assertEquals(List.of("subnet-1"), limits.allowLists().subnets());
        assertEquals(List.of("sg-1"), limits.allowLists().securityGroups());
        assertEquals(List.of("dev"), limits.allowLists().keyPairs());
        assertEquals(new InstanceLimits("arn:p", 1, InstanceLimits.NONE.osUsers()), limits.instanceLimits());
        assertEquals(new BigDecimal("0.10"), limits.maxPrice());
        assertEquals(new VolumeLimits(100, List.of("gp3"), 4_000, 250), limits.volumes());
        assertTrue(limits.allowOnDemand());
        assertEquals(List.of("setup"), limits.userData());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            nullValues = "none",
            delimiter = '|',
            value = {
                "\"defaultImage\":\"debian-12\" | debian-12",
                "\"images\":[\"ami-1\"] | ami-1",
                "\"images\":[\"ami-1\",\"ami-2\"] | none",
                "\"images\":[\"ami-1\",\"ami-2\"],\"defaultImage\":\"ami-2\" | ami-2",
                "\"imageOwners\":[\"111122223333\"] | al2023"
            })
    void defaultImageIsAmongAllowedOnes(String more, @Nullable String image) {
        assertEquals(
                image,
                Settings.parse("{" + MINIMAL + "," + more + "}")
                        .guardRails()
                        .allowLists()
                        .defaultImage());
    }

    @Test
    void readsWhichTasksNeedMfa() {
        Settings settings = Settings.parse(
                "{" + MINIMAL + ",\"mfaTasks\":[\"launch\",\"end\"],\"sessionSecretArn\":\"arn:sessions\"}");

        assertEquals(Set.of("launch", "end"), settings.mfaTasks());
        assertEquals("arn:sessions", settings.secretArns().sessions());
    }

    @Test
    void acceptsMissingSecret() {
        assertNull(Settings.parse("{" + MINIMAL.replace("\"secretArn\":\"arn:s\",", "") + "}")
                .secretArns()
                .operator());
    }

    @Test
    void rejectsMfaWithoutSecret() {
        String document = "{" + MINIMAL.replace("\"secretArn\":\"arn:s\",", "")
                + ",\"mfaTasks\":[\"price\"],\"sessionSecretArn\":\"arn:sessions\"}";

        assertThrows(IllegalArgumentException.class, () -> Settings.parse(document));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{" + MINIMAL + ",\"new\":1}",
                "{" + MINIMAL + ",\"instanceTypes\":\"m7g.*\"}",
                "{" + MINIMAL + ",\"maxVolumeSize\":\"100\"}",
                "{" + MINIMAL + ",\"defaultImage\":[\"al2023\"]}",
                "{" + MINIMAL + ",\"mfaTasks\":[\"end\"]}",
                "{" + MINIMAL + ",\"signingSecretArn\":\"arn:t\"}",
                "{" + MINIMAL + ",\"revocationsSecretArn\":\"arn:r\"}",
                "{" + MINIMAL + ",\"mfaTasks\":\"end\",\"sessionSecretArn\":\"arn:s\"}",
                "{\"service\":\"s\",\"regions\":[],\"secretArn\":\"arn:s\",\"tasks\":[],\"maxInstances\":1,\"defaultLease\":1,\"maxLease\":1}"
            })
    void rejectsAnythingElseAtStartup(String document) {
        assertThrows(IllegalArgumentException.class, () -> Settings.parse(document));
    }
}
