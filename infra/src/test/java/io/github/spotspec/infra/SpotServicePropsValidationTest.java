package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
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

/** Which props are refused, and in which words. */
final class SpotServicePropsValidationTest {
    @Test
    void regionsMustBeAtLeastOne() {
        assertRejected(
                "'regions' must name at least one region; leave it out for the stack's own",
                () -> builder().regions(List.of()));
    }

    @Test
    void regionsMustBeNames() {
        for (String wrong : List.of("evil.example.com", "", "US-EAST-1-", "*")) {
            assertRejected(
                    "'regions' must be names of regions such as us-west-2, got \"" + wrong + "\"",
                    () -> builder().regions(wrong));
        }
        for (String wrong : List.of("us-wset-2", "us-west-2a", "us_west-2", "us-west2")) {
            assertRejected(
                    "'regions' must be names of regions such as us-west-2, got \"" + wrong
                            + "\"; did you mean us-west-2?",
                    () -> builder().regions(wrong));
        }
        assertDoesNotThrow(() -> builder().regions("ap-southeast-4", "mx-central-1", "zz-north-9", Aws.REGION));
    }

    @Test
    void rejectsRegionsOfOtherPartitions() {
        for (String wrong : List.of(
                "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "cn-north-1", "eusc-de-east-1")) {
            String message = String.valueOf(
                    assertThrows(IllegalArgumentException.class, () -> builder().regions("us-west-2", wrong))
                            .getMessage());
            assertTrue(message.startsWith("'regions' must be in the partition aws, got " + wrong + " in "), message);
        }
    }

    @Test
    void regionsMustBeNamedOnce() {
        assertRejected(
                "'regions' must name each region once, got us-west-2 twice",
                () -> builder().regions("us-west-2", "eu-west-1", "us-west-2"));
    }

    @Test
    void tasksMustBeAtLeastOne() {
        assertRejected(
                "'tasks' must name at least one task; leave it out for all",
                () -> builder().tasks(List.of()));
    }

    @Test
    void checkAloneHasNothingToRehearse() {
        assertRejected(
                "'tasks' must name at least one task besides CHECK, which rehearses the others",
                () -> builder().tasks(SpotTask.CHECK));
    }

    @Test
    void watchedTypesMustBeAFewNames() {
        for (String wrong : List.of("m7g", "m7g.*", "", "M7G.large")) {
            assertRejected(
                    "'watchedTypes' must be names of types such as m7g.large, got \"" + wrong + "\"",
                    () -> builder().watchedTypes(wrong));
        }
        assertRejected(
                "'watchedTypes' must be 1 to 10 types, each once, got [m7g.large, m7g.large]",
                () -> builder().watchedTypes("m7g.large", "m7g.large"));
        assertRejected(
                "'watchedTypes' must be 1 to 10 types, each once, got []",
                () -> builder().watchedTypes(List.of()));
    }

    @Test
    void withoutAKeeperNobodyWatchesPrices() {
        assertRejected(
                "'watchedTypes' are watched by the keeper, and a deployment whose 'tasks' are without LAUNCH has none",
                () -> builder().tasks(SpotTask.PRICE).watchedTypes("m7g.large").build());
    }

    @Test
    void mfaTasksMustBeAmongTheTasks() {
        assertRejected(
                "'mfaTasks' must be among 'tasks', got LAUNCH, CANCEL, which 'tasks' does not have",
                () -> builder()
                        .tasks(SpotTask.PRICE)
                        .mfaTasks(SpotTask.CANCEL, SpotTask.LAUNCH)
                        .build());
    }

    @Test
    void tasksThatShareAnActMustAgreeOnMfa() {
        for (SpotTask part : List.of(SpotTask.CANCEL, SpotTask.TERMINATE)) {
            String message = "'mfaTasks' must name all of " + part
                    + ", END or none, since those without MFA could do what the others do, got ";
            SpotServiceProps.Builder both = builder().tasks(SpotTask.END, part);

            assertRejected(
                    message + part + " without END", () -> both.mfaTasks(part).build());
            assertRejected(
                    message + "END without " + part,
                    () -> both.mfaTasks(SpotTask.END).build());
            assertDoesNotThrow(() -> both.mfaTasks(SpotTask.END, part).build());
            assertDoesNotThrow(() -> both.mfaTasks().build());
        }
        assertRejected(
                "'mfaTasks' must name all of CANCEL, TERMINATE, END or none, since those without MFA could do what the"
                        + " others do, got END without CANCEL, TERMINATE",
                () -> builder().mfaTasks(SpotTask.LAUNCH, SpotTask.END).build());
        assertDoesNotThrow(() -> builder()
                .tasks(SpotTask.CANCEL, SpotTask.TERMINATE)
                .mfaTasks(SpotTask.CANCEL)
                .build());
    }

    @Test
    void instanceTypesMustBePatterns() {
        for (String wrong : List.of("m7g.large,c7g.large", "", "M7G.LARGE", "${aws:username}")) {
            assertRejected(
                    "'instanceTypes' must be patterns such as m7g.* or c*.large, got \"" + wrong + "\"",
                    () -> builder().instanceTypes(wrong));
        }
    }

    @Test
    void reservedConcurrencyMustNotBeNegative() {
        assertRejected(
                "'reservedConcurrency' must be 0 or more, got -1",
                () -> builder().reservedConcurrency(-1));
        assertDoesNotThrow(() -> builder().reservedConcurrency(0));
    }

    @Test
    void imagesMustBeIds() {
        for (String wrong : List.of("ami-*", "ami-0123456789ABCDEF0", "resolve:ssm:/aws/service/x")) {
            assertRejected(
                    "'images' must be ids such as ami-0123456789abcdef0, got \"" + wrong + "\"",
                    () -> builder().images(List.of(wrong)));
        }
        assertDoesNotThrow(() -> builder().images(List.of("ami-01234567", Token.asString(Map.of("Ref", "Image")))));
    }

    @Test
    void imageOwnersMustBeAccountsOrEc2sAliases() {
        for (String wrong : List.of("self", "12345", "*")) {
            assertRejected(
                    "'imageOwners' must be account ids, amazon or aws-marketplace, got \"" + wrong + "\"",
                    () -> builder().imageOwners(List.of(wrong)));
        }
        assertDoesNotThrow(() -> builder().imageOwners(List.of("111122223333", Aws.ACCOUNT_ID)));
    }

    @Test
    void guardRailsThatAllowNothingAreNotTakenForNone() {
        for (var setter : Map.<String, Executable>of(
                        "instanceTypes", () -> builder().instanceTypes(),
                        "images", () -> builder().images(List.of()),
                        "imageOwners", () -> builder().imageOwners(List.of()),
                        "subnets", () -> builder().subnets(List.of()),
                        "securityGroups", () -> builder().securityGroups(List.of()),
                        "keyPairs", () -> builder().keyPairs(List.of()))
                .entrySet()) {
            assertRejected("'" + setter.getKey() + "' must name at least one; leave it out for any", setter.getValue());
        }
    }

    @Test
    void rejectsTypesThatOnlyADeploymentKnows() {
        String token = Token.asString(Map.of("Ref", "Parameter"));
        assertRejected(
                "'instanceTypes' must be known when the app is synthesized, got a token",
                () -> builder().instanceTypes(token));
        assertRejected(
                "'watchedTypes' must be known when the app is synthesized, got a token",
                () -> builder().watchedTypes(token));
    }

    @Test
    void rejectsListsOfUnknownLength() {
        List<String> token = Token.asList(Map.of("Ref", "Parameter"));
        for (var setter : Map.<String, Executable>of(
                        "regions", () -> builder().regions(token),
                        "images", () -> builder().images(token),
                        "imageOwners", () -> builder().imageOwners(token))
                .entrySet()) {
            String message = String.valueOf(assertThrows(IllegalArgumentException.class, setter.getValue())
                    .getMessage());
            assertTrue(message.startsWith("'" + setter.getKey() + "' must be a list whose length is known"), message);
        }
    }

    @Test
    void anInstanceProfileMustKnowItsRole() {
        Stack stack = new Stack();
        assertRejected(
                "'instanceProfile' must know its role, to let the operator pass that and no other; import it with its"
                        + " role",
                () -> builder()
                        .instanceProfile(InstanceProfile.fromInstanceProfileName(stack, "Profile", "some-profile")));
    }

    @Test
    void maxPriceMustBeAboveEc2sLeast() {
        for (String wrong : List.of("0.001", "0", "-1")) {
            assertRejected(
                    "'maxPrice' must be above 0.001 US dollars an hour, got " + wrong,
                    () -> builder().maxPrice(new BigDecimal(wrong)));
        }
    }

    @Test
    void maxInstancesMustBeOneToAThousand() {
        for (int wrong : List.of(0, -1, 1_001)) {
            assertRejected(
                    "'maxInstances' must be 1 to 1000, got " + wrong,
                    () -> builder().maxInstances(wrong));
        }
    }

    @Test
    void volumeLimitsMustBeWhatEbsHas() {
        assertRejected(
                "'volumeTypes' must be of gp2, gp3, io1, io2, st1, sc1, standard, got \"gp4\"",
                () -> builder().volumeTypes("gp3", "gp4"));
        assertRejected(
                "'volumeTypes' must name each type once, got gp3, gp3",
                () -> builder().volumeTypes("gp3", "gp3"));
        assertRejected(
                "'volumeTypes' must name at least one type; leave it out for the default",
                () -> builder().volumeTypes());
        assertRejected(
                "'maxVolumeIops' must be 3000 to 256000, got 2999",
                () -> builder().maxVolumeIops(2_999));
        assertRejected(
                "'maxVolumeIops' must be 3000 to 256000, got 256001",
                () -> builder().maxVolumeIops(256_001));
        assertRejected(
                "'maxVolumeThroughput' must be 125 to 2000 MiB a second, got 124",
                () -> builder().maxVolumeThroughput(124));
        assertRejected(
                "'maxVolumeThroughput' must be 125 to 2000 MiB a second, got 2001",
                () -> builder().maxVolumeThroughput(2_001));
    }

    @Test
    void maxVolumeSizeMustBeWholeGibibytesThatEbsHas() {
        assertRejected(
                "'maxVolumeSize' must be whole GiB from 1 to 65536, got 0 GiB",
                () -> builder().maxVolumeSize(Size.gibibytes(0)));
        assertRejected(
                "'maxVolumeSize' must be whole GiB from 1 to 65536, got 65537 GiB",
                () -> builder().maxVolumeSize(Size.gibibytes(65_537)));
        assertRejected(
                "'maxVolumeSize' must be whole GiB from 1 to 65536, got 536870912 bytes",
                () -> builder().maxVolumeSize(Size.mebibytes(512)));
        assertRejected(
                "'maxVolumeSize' must be known when the app is synthesized, got a token",
                () -> builder().maxVolumeSize(Size.gibibytes(number())));
    }

    @Test
    void memorySizeMustBeWholeMebibytesThatLambdaHasAndTheJvmNeeds() {
        assertRejected(
                "'memorySize' must be whole MiB from 512 to 10240, got 128 MiB",
                () -> builder().memorySize(Size.mebibytes(128)));
        assertRejected(
                "'memorySize' must be whole MiB from 512 to 10240, got 11264 MiB",
                () -> builder().memorySize(Size.gibibytes(11)));
        assertRejected(
                "'memorySize' must be whole MiB from 512 to 10240, got 1049600 bytes",
                () -> builder().memorySize(Size.kibibytes(1_025)));
        assertRejected(
                "'memorySize' must be known when the app is synthesized, got a token",
                () -> builder().memorySize(Size.mebibytes(number())));
    }

    @Test
    void timeoutMustBeWhatLambdaAllows() {
        assertRejected(
                "'timeout' must be whole seconds from 20 seconds to 15 minutes, got 20 minutes",
                () -> builder().timeout(Duration.minutes(20)));
        assertRejected(
                "'timeout' must be whole seconds from 20 seconds to 15 minutes, got 1 second",
                () -> builder().timeout(Duration.seconds(1)));
        assertRejected(
                "'timeout' must be whole seconds from 20 seconds to 15 minutes, got 3500 milliseconds",
                () -> builder().timeout(Duration.millis(3_500)));
        assertRejected(
                "'timeout' must be known when the app is synthesized, got a token",
                () -> builder().timeout(Duration.seconds(number())));
    }

    @Test
    void defaultLeaseMustBeAMinuteToAYear() {
        assertRejected(
                "'defaultLease' must be whole seconds from 1 minute to 365 days, got 59 seconds",
                () -> builder().defaultLease(Duration.seconds(59)));
        assertRejected(
                "'defaultLease' must be whole seconds from 1 minute to 365 days, got 366 days",
                () -> builder().defaultLease(Duration.days(366)));
        assertRejected(
                "'defaultLease' must be whole seconds from 1 minute to 365 days, got 60001 milliseconds",
                () -> builder().defaultLease(Duration.millis(60_001)));
        assertRejected(
                "'defaultLease' must be known when the app is synthesized, got a token",
                () -> builder().defaultLease(Duration.hours(number())));
    }

    @Test
    void maxLeaseMustBeAMinuteToAYear() {
        assertRejected(
                "'maxLease' must be whole seconds from 1 minute to 365 days, got 0 seconds",
                () -> builder().maxLease(Duration.seconds(0)));
        assertRejected(
                "'maxLease' must be whole seconds from 1 minute to 365 days, got 366 days",
                () -> builder().maxLease(Duration.days(366)));
        assertRejected(
                "'maxLease' must be known when the app is synthesized, got a token",
                () -> builder().maxLease(Duration.hours(number())));
    }

    @Test
    void theDefaultLeaseMustNotBeLongerThanTheLongest() {
        assertRejected(
                "'defaultLease' must be at most 'maxLease', got 8 days and 7 days",
                () -> builder().defaultLease(Duration.days(8)).build());
        assertRejected(
                "'defaultLease' must be at most 'maxLease', got 2 hours and 1 hour",
                () -> builder()
                        .defaultLease(Duration.hours(2))
                        .maxLease(Duration.hours(1))
                        .build());
        assertDoesNotThrow(() -> builder()
                .defaultLease(Duration.minutes(60))
                .maxLease(Duration.hours(1))
                .build());
    }

    @Test
    void keeperScheduleMustBeWholeMinutesUpToADay() {
        assertRejected(
                "'keeperSchedule' must be whole minutes from 1 minute to 1 day, got 30 seconds",
                () -> builder().keeperSchedule(Duration.seconds(30)));
        assertRejected(
                "'keeperSchedule' must be whole minutes from 1 minute to 1 day, got 1 day 1 hour",
                () -> builder().keeperSchedule(Duration.hours(25)));
        assertRejected(
                "'keeperSchedule' must be whole minutes from 1 minute to 1 day, got 1 minute 30 seconds",
                () -> builder().keeperSchedule(Duration.seconds(90)));
        assertRejected(
                "'keeperSchedule' must be known when the app is synthesized, got a token",
                () -> builder().keeperSchedule(Duration.minutes(number())));
    }

    @Test
    void userDataMustHavePlainNames() {
        for (String wrong : List.of("", "a/b", "..", "a b", "é", "x".repeat(65))) {
            assertRejected(
                    "'userData' must have names of letters, digits, hyphens and underscores, got \"" + wrong + "\"",
                    () -> builder().userData(Map.of(wrong, "#!/bin/sh")));
        }
    }

    @Test
    void userDataMustBeNoLargerThanEc2Takes() {
        assertRejected(
                "'userData' must have texts of 1 to 16384 bytes, got 0 for empty",
                () -> builder().userData(Map.of("empty", "")));
        assertRejected(
                "'userData' must have texts of 1 to 16384 bytes, got 16386 for large",
                () -> builder().userData(Map.of("large", "é".repeat(8_193))));
        assertDoesNotThrow(() -> builder().userData(Map.of("large", "é".repeat(8_192))));
    }

    @Test
    void userDataMustBeKnownAtSynthesis() {
        assertRejected(
                "'userData' must be known when the app is synthesized, and token holds a token",
                () -> builder().userData(Map.of("token", "#!/bin/sh\necho " + Aws.REGION)));
    }

    @Test
    void aGivenLogGroupKeepsItsOwnRetentionAndRemoval() {
        ILogGroup given = LogGroup.fromLogGroupName(new Stack(), "Shared", "shared");
        String message = "'logRetention' and 'logRemovalPolicy' are of the service's own log group; leave them out with"
                + " 'logGroup'";

        assertRejected(
                message,
                () -> builder()
                        .logGroup(given)
                        .logRetention(RetentionDays.ONE_DAY)
                        .build());
        assertRejected(
                message,
                () -> builder()
                        .logGroup(given)
                        .logRemovalPolicy(RemovalPolicy.RETAIN)
                        .build());
    }

    private static SpotServiceProps.Builder builder() {
        return SpotServiceProps.builder();
    }

    /** A number that only CloudFormation knows. */
    private static Number number() {
        return Token.asNumber(Map.of("Ref", "Parameter"));
    }

    private static void assertRejected(String message, Executable building) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, building).getMessage());
    }
}
