package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;

/** The settings that the construct passes to its functions. Functions do not start with an unknown key. */
final class FunctionSettingsTest {
    /** Lambda's limit for all environment variables of a function. */
    private static final int MAX_BYTES = 4_096;

    @Test
    void defaultsSetOnlyCountLeaseAndVolumeLimits() {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("service", "Test/Spot@us-west-2");
        expected.put("regions", List.of("us-west-2"));
        expected.put("secretArn", "${SpotOperatorSecret1E978AC1}");
        expected.put(
                "tasks",
                List.of(
                        "cancel",
                        "check",
                        "connect",
                        "console",
                        "cost",
                        "end",
                        "extend",
                        "history",
                        "instances",
                        "launch",
                        "price",
                        "requests",
                        "score",
                        "terminate"));
        expected.put("osUsers", List.of("ec2-user", "ubuntu", "admin"));
        expected.put("maxInstances", 10);
        expected.put("defaultLease", 8 * 3_600);
        expected.put("maxLease", 7 * 24 * 3_600);
        expected.put("volumeTypes", List.of("gp3", "gp2", "st1", "sc1", "standard"));
        expected.put("maxVolumeIops", 16_000);
        expected.put("maxVolumeThroughput", 1_000);
        expected.put("maxMetadataHopLimit", 2);

        assertEquals(expected, Deployments.byDefault().settings("SpotFunction"));
    }

    @Test
    void containsEveryGuardRail() {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("service", "Test/SpotServiceOfThePlatformTeam@us-west-2");
        expected.put("regions", Deployments.REGIONS);
        expected.put("osUsers", List.of("builder"));
        expected.put("maxInstances", 3);
        expected.put("defaultLease", 3_600);
        expected.put("maxLease", 12 * 3_600);
        expected.put("instanceTypes", Deployments.TYPES);
        expected.put("images", Deployments.IMAGES);
        expected.put("imageOwners", List.of("amazon", "444455556666"));
        expected.put("defaultImage", Deployments.IMAGES.get(2));
        expected.put("subnets", Deployments.SUBNETS);
        expected.put("securityGroups", Deployments.SECURITY_GROUPS);
        expected.put("keyPairs", Deployments.KEY_PAIRS);
        expected.put("userData", List.of("builder", "worker"));
        expected.put("instanceProfile", Deployments.INSTANCE_PROFILE);
        expected.put("maxPrice", "0.250");
        expected.put("maxCommitted", "12.50");
        expected.put("maxVolumeSize", 64);
        expected.put("volumeTypes", List.of("gp3"));
        expected.put("maxVolumeIops", 6_000);
        expected.put("maxVolumeThroughput", 250);
        expected.put("maxMetadataHopLimit", 1);

        Synthesis synthesis = Deployments.lockedDown();
        expected.put(
                "secretArn",
                "${" + synthesis.only("AWS::SecretsManager::Secret").id() + "}");
        expected.put("tasks", Deployments.byDefault().settings("SpotFunction").get("tasks"));

        assertEquals(expected, synthesis.settings("SpotServiceOfThePlatformTeamFunction"));
    }

    @Test
    void containsTasks() {
        assertEquals(
                List.of("price"),
                Deployments.priceOnly().settings("SpotFunction").get("tasks"));
    }

    @Test
    void allowOnDemandReachesServiceAndKeeper() {
        Synthesis synthesis = Synthesis.of(SpotServiceProps.builder().allowOnDemand(true));

        assertEquals(true, synthesis.settings("SpotFunction").get("allowOnDemand"));
        assertEquals(true, synthesis.settings("SpotKeeper").get("allowOnDemand"));
    }

    @Test
    void keeperSettingsContainRegionsMaxLeaseAndTopic() {
        assertEquals(
                Map.of(
                        "service",
                        "Test/Spot@us-west-2",
                        "regions",
                        List.of("us-west-2"),
                        "maxLease",
                        7 * 24 * 3_600,
                        "topicArn",
                        "${SpotKeeperTopicEDD5F850}",
                        "leaseWarning",
                        15 * 60),
                Deployments.byDefault().settings("SpotKeeper"));
        Map<String, Object> lockedDown = Deployments.lockedDown().settings("SpotServiceOfThePlatformTeamKeeper");
        assertEquals(Deployments.REGIONS, lockedDown.get("regions"));
        assertEquals(12 * 3_600, lockedDown.get("maxLease"));
    }

    @Test
    void leaseWarningIsNeverShorterThanKeeperSchedule() {
        assertEquals(
                2 * 3_600,
                Synthesis.of(SpotServiceProps.builder().keeperSchedule(Duration.hours(2)))
                        .settings("SpotKeeper")
                        .get("leaseWarning"));
        assertEquals(
                30 * 60,
                Synthesis.of(SpotServiceProps.builder().leaseWarning(Duration.minutes(30)))
                        .settings("SpotKeeper")
                        .get("leaseWarning"));
        assertEquals(
                0,
                Synthesis.of(SpotServiceProps.builder().leaseWarning(Duration.minutes(0)))
                        .settings("SpotKeeper")
                        .get("leaseWarning"));
    }

    @Test
    void fitsLambdaQuota() {
        for (String function : List.of("SpotServiceOfThePlatformTeamFunction", "SpotServiceOfThePlatformTeamKeeper")) {
            int length = Deployments.lockedDown().settings(function).toString().length();
            assertTrue(length < MAX_BYTES * 3 / 4, function + " has " + length);
        }
    }
}
