package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;

/** Which values of props are rejected. */
final class SpotServicePropsValidationTest {
    @Test
    void rejectsEmptyRegions() {
        assertRejected(() -> builder().regions(List.of()), "'regions'");
    }

    @Test
    void rejectsInvalidRegionNames() {
        for (String wrong : List.of("evil.example.com", "", "US-EAST-1-", "*")) {
            assertRejected(() -> builder().regions(wrong), "'regions'", "\"" + wrong + "\"");
        }
        assertDoesNotThrow(() -> builder().regions("ap-southeast-4", "mx-central-1", "zz-north-9", Aws.REGION));
    }

    @Test
    void suggestsRegionForTypo() {
        for (String wrong : List.of("us-wset-2", "us-west-2a", "us_west-2", "us-west2")) {
            assertRejected(() -> builder().regions(wrong), "'regions'", "\"" + wrong + "\"", "us-west-2?");
        }
    }

    @Test
    void rejectsRegionsOfOtherPartitions() {
        for (String wrong : List.of(
                "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "cn-north-1", "eusc-de-east-1")) {
            assertRejected(() -> builder().regions("us-west-2", wrong), "'regions'", wrong, "partition");
        }
    }

    @Test
    void rejectsRepeatedRegions() {
        assertRejected(() -> builder().regions("us-west-2", "eu-west-1", "us-west-2"), "'regions'", "us-west-2");
    }

    @Test
    void rejectsEmptyTasks() {
        assertRejected(() -> builder().tasks(List.of()), "'tasks'");
    }

    @Test
    void rejectsCheckAsOnlyTask() {
        assertRejected(() -> builder().tasks(SpotTask.CHECK), "'tasks'", "CHECK");
    }

    @Test
    void rejectsInvalidWatchedTypes() {
        for (String wrong : List.of("m7g", "m7g.*", "", "M7G.large")) {
            assertRejected(() -> builder().watchedTypes(wrong), "'watchedTypes'", "\"" + wrong + "\"");
        }
        assertRejected(() -> builder().watchedTypes("m7g.large", "m7g.large"), "'watchedTypes'", "m7g.large");
    }

    @Test
    void requiresOneToTenWatchedTypes() {
        List<String> eleven =
                IntStream.range(0, 11).mapToObj(i -> "m" + i + "g.large").toList();

        assertRejected(() -> builder().watchedTypes(List.of()), "'watchedTypes'", "10");
        assertRejected(() -> builder().watchedTypes(eleven), "'watchedTypes'", "10");
        assertDoesNotThrow(() -> builder().watchedTypes(eleven.subList(0, 10)));
    }

    @Test
    void rejectsWatchedTypesWithoutKeeper() {
        assertRejected(
                () -> builder().tasks(SpotTask.PRICE).watchedTypes("m7g.large").build(),
                "'watchedTypes'",
                "'tasks'",
                "LAUNCH");
    }

    @Test
    void rejectsEndsOfIdleInstancesWithoutKeeper() {
        assertRejected(
                () -> builder().tasks(SpotTask.PRICE).allowEndWhenIdle(true).build(),
                "'allowEndWhenIdle'",
                "'tasks'",
                "LAUNCH");
    }

    @Test
    void rejectsMfaForTasksThatAreNotDeployed() {
        assertRejected(
                () -> builder()
                        .tasks(SpotTask.PRICE)
                        .mfaTasks(SpotTask.CANCEL, SpotTask.LAUNCH)
                        .build(),
                "'mfaTasks'",
                "'tasks'",
                "LAUNCH, CANCEL");
    }

    @Test
    void tasksThatShareActionsMustAgreeOnMfa() {
        for (SpotTask part : List.of(SpotTask.CANCEL, SpotTask.TERMINATE)) {
            SpotServiceProps.Builder both = builder().tasks(SpotTask.END, part);

            assertRejected(() -> both.mfaTasks(part).build(), "'mfaTasks'", part + " without END");
            assertRejected(() -> both.mfaTasks(SpotTask.END).build(), "'mfaTasks'", "END without " + part);
            assertDoesNotThrow(() -> both.mfaTasks(SpotTask.END, part).build());
            assertDoesNotThrow(() -> both.mfaTasks().build());
        }
        assertRejected(
                () -> builder().mfaTasks(SpotTask.LAUNCH, SpotTask.END).build(),
                "'mfaTasks'",
                "END without CANCEL, TERMINATE");
        assertDoesNotThrow(() -> builder()
                .tasks(SpotTask.CANCEL, SpotTask.TERMINATE)
                .mfaTasks(SpotTask.CANCEL)
                .build());
    }

    @Test
    void rejectsInvalidInstanceTypePatterns() {
        for (String wrong : List.of("m7g.large,c7g.large", "", "M7G.LARGE", "${aws:username}")) {
            assertRejected(() -> builder().instanceTypes(wrong), "'instanceTypes'", "\"" + wrong + "\"");
        }
    }

    @Test
    void rejectsNegativeReservedConcurrency() {
        assertRejected(() -> builder().reservedConcurrency(-1), "'reservedConcurrency'", "-1");
        assertDoesNotThrow(() -> builder().reservedConcurrency(0));
    }

    @Test
    void rejectsInvalidImageIds() {
        for (String wrong : List.of("ami-*", "ami-0123456789ABCDEF0", "resolve:ssm:/aws/service/x")) {
            assertRejected(() -> builder().images(List.of(wrong)), "'images'", "\"" + wrong + "\"");
        }
        assertDoesNotThrow(() -> builder().images(List.of("ami-01234567", Token.asString(Map.of("Ref", "Image")))));
    }

    @Test
    void rejectsShortNamesAmongAllowedImages() {
        assertRejected(() -> builder().images("ami-01234567", "al2023"), "'images'", "\"al2023\"");
    }

    @Test
    void rejectsInvalidDefaultImage() {
        for (String wrong : List.of(
                "",
                "al2024",
                "AL2023",
                "ami-*",
                "resolve:ssm:",
                "resolve:ssm:/my/image",
                "resolve:ssm:/aws/service/a b")) {
            assertRejected(
                    () -> builder().defaultImage(wrong), "'defaultImage'", "al2023-minimal", "\"" + wrong + "\"");
        }
        for (String right : List.of(
                "windows-2025",
                "ami-01234567",
                "resolve:ssm:/aws/service/debian/release/13/latest/arm64",
                Token.asString(Map.of("Ref", "Image")))) {
            assertDoesNotThrow(() -> builder().defaultImage(right).build());
        }
    }

    @Test
    void rejectsDefaultImageThatIsNotAllowed() {
        for (String other : List.of("al2023", "ami-01234568", "resolve:ssm:/aws/service/x")) {
            assertRejected(
                    () -> builder().images("ami-01234567").defaultImage(other).build(),
                    "'defaultImage'",
                    "'images'",
                    "\"" + other + "\"");
        }
        String token = Token.asString(Map.of("Ref", "Image"));
        assertDoesNotThrow(() ->
                builder().defaultImage(token).images("ami-01234567", token).build());
    }

    @Test
    void rejectsInvalidImageOwners() {
        for (String wrong : List.of("self", "12345", "*")) {
            assertRejected(() -> builder().imageOwners(List.of(wrong)), "'imageOwners'", "\"" + wrong + "\"");
        }
        assertDoesNotThrow(() -> builder().imageOwners(List.of("111122223333", Aws.ACCOUNT_ID)));
    }

    @Test
    void rejectsEmptyGuardRails() {
        for (var setter : Map.<String, Executable>of(
                        "instanceTypes", () -> builder().instanceTypes(),
                        "images", () -> builder().images(List.of()),
                        "imageOwners", () -> builder().imageOwners(List.of()),
                        "subnets", () -> builder().subnets(List.of()),
                        "securityGroups", () -> builder().securityGroups(List.of()),
                        "keyPairs", () -> builder().keyPairs(List.of()))
                .entrySet()) {
            assertRejected(setter.getValue(), "'" + setter.getKey() + "'");
        }
    }

    @Test
    void rejectsTokensAsInstanceTypes() {
        String token = Token.asString(Map.of("Ref", "Parameter"));

        assertRejected(() -> builder().instanceTypes(token), "'instanceTypes'", "token");
        assertRejected(() -> builder().watchedTypes(token), "'watchedTypes'", "token");
    }

    @Test
    void rejectsListsOfUnknownLength() {
        List<String> token = Token.asList(Map.of("Ref", "Parameter"));
        for (var setter : Map.<String, Executable>of(
                        "regions", () -> builder().regions(token),
                        "images", () -> builder().images(token),
                        "imageOwners", () -> builder().imageOwners(token))
                .entrySet()) {
            assertRejected(setter.getValue(), "'" + setter.getKey() + "'", "token");
        }
    }

    @Test
    void rejectsInstanceProfileWithoutKnownRole() {
        Stack stack = new Stack();

        assertRejected(
                () -> builder()
                        .instanceProfile(InstanceProfile.fromInstanceProfileName(stack, "Profile", "some-profile")),
                "'instanceProfile'",
                "role");
    }

    @Test
    void rejectsMaxPriceAtOrBelowMinimumOfEc2() {
        for (String wrong : List.of("0.001", "0", "-1")) {
            assertRejected(() -> builder().maxPrice(new BigDecimal(wrong)), "'maxPrice'", "got " + wrong);
        }
        assertDoesNotThrow(() -> builder().maxPrice(new BigDecimal("0.0011")));
    }

    @Test
    void rejectsMaxCommittedOutOfRangeOrInPartsOfCents() {
        for (String wrong : List.of("-1", "0", "0.00", "0.001", "0.009", "1.005", "1E-9", "1000000.01", "1E+9")) {
            assertRejected(() -> builder().maxCommitted(new BigDecimal(wrong)), "'maxCommitted'", "got ");
        }
        for (String right : List.of("0.01", "1", "1.500", "1E+3", "1000000")) {
            assertDoesNotThrow(() -> builder().maxCommitted(new BigDecimal(right)));
        }
    }

    @Test
    void rejectsMaxInstancesOutOfRange() {
        for (int wrong : List.of(0, -1, 1_001)) {
            assertRejected(() -> builder().maxInstances(wrong), "'maxInstances'", "got " + wrong);
        }
        assertDoesNotThrow(() -> builder().maxInstances(1).maxInstances(1_000));
    }

    @Test
    void rejectsInvalidVolumeTypes() {
        assertRejected(() -> builder().volumeTypes("gp3", "gp4"), "'volumeTypes'", "\"gp4\"");
        assertRejected(() -> builder().volumeTypes("gp3", "gp3"), "'volumeTypes'", "gp3, gp3");
        assertRejected(() -> builder().volumeTypes(), "'volumeTypes'");
    }

    @Test
    void rejectsVolumePerformanceOutOfRange() {
        for (int wrong : List.of(2_999, 256_001)) {
            assertRejected(() -> builder().maxVolumeIops(wrong), "'maxVolumeIops'", "got " + wrong);
        }
        for (int wrong : List.of(124, 2_001)) {
            assertRejected(() -> builder().maxVolumeThroughput(wrong), "'maxVolumeThroughput'", "got " + wrong);
        }
        assertDoesNotThrow(() -> builder().maxVolumeIops(3_000).maxVolumeIops(256_000));
        assertDoesNotThrow(() -> builder().maxVolumeThroughput(125).maxVolumeThroughput(2_000));
    }

    @Test
    void rejectsMetadataHopLimitOutOfRange() {
        for (int wrong : List.of(0, 65)) {
            assertRejected(() -> builder().maxMetadataHopLimit(wrong), "'maxMetadataHopLimit'", "got " + wrong);
        }
        assertDoesNotThrow(() -> builder().maxMetadataHopLimit(1).maxMetadataHopLimit(64));
    }

    @Test
    void rejectsInvalidMaxVolumeSize() {
        for (var wrong : Map.of(
                        "0 GiB",
                        Size.gibibytes(0),
                        "65537 GiB",
                        Size.gibibytes(65_537),
                        "536870912",
                        Size.mebibytes(512))
                .entrySet()) {
            assertRejected(() -> builder().maxVolumeSize(wrong.getValue()), "'maxVolumeSize'", "got " + wrong.getKey());
        }
        assertRejected(() -> builder().maxVolumeSize(Size.gibibytes(number())), "'maxVolumeSize'", "token");
        assertDoesNotThrow(() -> builder().maxVolumeSize(Size.gibibytes(1)).maxVolumeSize(Size.tebibytes(64)));
    }

    @Test
    void rejectsInvalidMemorySize() {
        for (var wrong : Map.of(
                        "128 MiB",
                        Size.mebibytes(128),
                        "11264 MiB",
                        Size.gibibytes(11),
                        "1049600",
                        Size.kibibytes(1_025))
                .entrySet()) {
            assertRejected(() -> builder().memorySize(wrong.getValue()), "'memorySize'", "got " + wrong.getKey());
        }
        assertRejected(() -> builder().memorySize(Size.mebibytes(number())), "'memorySize'", "token");
        assertDoesNotThrow(() -> builder().memorySize(Size.mebibytes(512)).memorySize(Size.gibibytes(10)));
    }

    @Test
    void rejectsInvalidTimeout() {
        rejectsDurations("timeout", props -> props::timeout, Duration.minutes(20), Duration.seconds(19));
        assertRejected(() -> builder().timeout(Duration.millis(20_500)), "'timeout'", "20500");
        assertDoesNotThrow(() -> builder().timeout(Duration.seconds(20)).timeout(Duration.minutes(15)));
    }

    @Test
    void rejectsInvalidDefaultLease() {
        rejectsDurations("defaultLease", props -> props::defaultLease, Duration.seconds(59), Duration.days(366));
        assertRejected(() -> builder().defaultLease(Duration.millis(60_001)), "'defaultLease'", "60001");
        assertDoesNotThrow(() -> builder().defaultLease(Duration.minutes(1)).defaultLease(Duration.days(365)));
    }

    @Test
    void rejectsInvalidMaxLease() {
        rejectsDurations("maxLease", props -> props::maxLease, Duration.seconds(0), Duration.days(366));
        assertDoesNotThrow(() -> builder().maxLease(Duration.minutes(1)).maxLease(Duration.days(365)));
    }

    @Test
    void rejectsDefaultLeaseLongerThanMaxLease() {
        assertRejected(
                () -> builder().defaultLease(Duration.days(8)).build(),
                "'defaultLease'",
                "'maxLease'",
                "8 days",
                "7 days");
        assertRejected(
                () -> builder()
                        .defaultLease(Duration.hours(2))
                        .maxLease(Duration.hours(1))
                        .build(),
                "'defaultLease'",
                "'maxLease'",
                "2 hours",
                "1 hour");
        assertDoesNotThrow(() -> builder()
                .defaultLease(Duration.minutes(60))
                .maxLease(Duration.hours(1))
                .build());
    }

    @Test
    void rejectsInvalidKeeperSchedule() {
        rejectsDurations(
                "keeperSchedule",
                props -> props::keeperSchedule,
                Duration.seconds(30),
                Duration.hours(25),
                Duration.seconds(90));
        assertDoesNotThrow(() -> builder().keeperSchedule(Duration.minutes(1)).keeperSchedule(Duration.hours(24)));
    }

    @Test
    void rejectsInvalidLeaseWarning() {
        rejectsDurations("leaseWarning", props -> props::leaseWarning, Duration.seconds(90), Duration.hours(25));
        assertDoesNotThrow(() -> builder().leaseWarning(Duration.minutes(0)).leaseWarning(Duration.hours(24)));
        assertRejected(() -> builder().leaseWarning(Duration.minutes(4)).build(), "'leaseWarning'", "'keeperSchedule'");
        assertDoesNotThrow(() -> builder().leaseWarning(Duration.minutes(5)).build());
        assertDoesNotThrow(() -> builder().leaseWarning(Duration.minutes(0)).build());
    }

    @Test
    void rejectsInvalidUserDataNames() {
        for (String wrong : List.of("", "a/b", "..", "a b", "é", "x".repeat(65))) {
            assertRejected(() -> builder().userData(Map.of(wrong, "#!/bin/sh")), "'userData'", "\"" + wrong + "\"");
        }
    }

    @Test
    void rejectsEmptyOrTooLargeUserData() {
        assertRejected(() -> builder().userData(Map.of("empty", "")), "'userData'", "got 0", "'empty'");
        assertRejected(
                () -> builder().userData(Map.of("large", "é".repeat(8_193))), "'userData'", "got 16386", "'large'");
        assertDoesNotThrow(() -> builder().userData(Map.of("large", "é".repeat(8_192))));
    }

    @Test
    void rejectsTokensInUserData() {
        assertRejected(
                () -> builder().userData(Map.of("script", "#!/bin/sh\necho " + Aws.REGION)),
                "'userData'",
                "token",
                "'script'");
    }

    @Test
    void rejectsLogOptionsWithExistingLogGroup() {
        ILogGroup existing = LogGroup.fromLogGroupName(new Stack(), "Shared", "shared");

        assertRejected(
                () -> builder()
                        .logGroup(existing)
                        .logRetention(RetentionDays.ONE_DAY)
                        .build(),
                "'logRetention'",
                "'logGroup'");
        assertRejected(
                () -> builder()
                        .logGroup(existing)
                        .logRemovalPolicy(RemovalPolicy.RETAIN)
                        .build(),
                "'logRemovalPolicy'",
                "'logGroup'");
    }

    private static SpotServiceProps.Builder builder() {
        return SpotServiceProps.builder();
    }

    /** Returns a number that only CloudFormation knows. */
    private static Number number() {
        return Token.asNumber(Map.of("Ref", "Parameter"));
    }

    /** Asserts that a setter rejects these durations, and a token. */
    private static void rejectsDurations(
            String prop, Function<SpotServiceProps.Builder, Consumer<Duration>> setter, Duration... wrong) {
        for (Duration duration : wrong) {
            assertRejected(
                    () -> setter.apply(builder()).accept(duration),
                    "'" + prop + "'",
                    "got " + duration.toHumanString());
        }
        assertRejected(() -> setter.apply(builder()).accept(Duration.minutes(number())), "'" + prop + "'", "token");
    }
}
