package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;

/** Each prop: what it changes, and which values it refuses. */
final class SpotServicePropsTest {
    @Test
    void withoutRegionsTheServiceActsInTheStacksOwn() {
        Synthesis synthesis = Synthesis.of(Map.of(), stack -> new SpotService(stack, "Spot"));

        assertEquals(
                Map.of("aws:RequestedRegion", List.of(Map.of("Ref", "AWS::Region"))),
                Synthesis.statements(synthesis.only("AWS::IAM::ManagedPolicy"))
                        .get(0)
                        .conditions()
                        .get("StringEquals"));
        assertTrue(synthesis.text().contains("{\"Ref\":\"AWS::Region\"}"), synthesis.text());
    }

    @Test
    void regionsMustBeNamesEachOnce() {
        refused(
                "'regions' must name at least one region; leave it out for the stack's own",
                () -> builder().regions(List.of()));
        refused(
                "'regions' must be names of regions such as us-west-2, got \"us-west-2a\"",
                () -> builder().regions("us-west-2a"));
        refused(
                "'regions' must be names of regions such as us-west-2, got \"evil.example.com\"",
                () -> builder().regions("evil.example.com"));
        refused(
                "'regions' must name each region once, got us-west-2 twice",
                () -> builder().regions("us-west-2", "us-west-2"));
    }

    @Test
    void memorySizeIsTheFunctionsMemory() {
        assertEquals(1769, number(function(builder().memorySize(Size.mebibytes(1769))), "MemorySize"));
        refused(
                "'memorySize' must be 512 to 10240 MiB, got 128 MiB",
                () -> builder().memorySize(Size.mebibytes(128)));
        refused(
                "'memorySize' must be 512 to 10240 MiB, got 11264 MiB",
                () -> builder().memorySize(Size.gibibytes(11)));
    }

    @Test
    void timeoutIsTheFunctionsTimeout() {
        assertEquals(120, number(function(builder().timeout(Duration.minutes(2))), "Timeout"));
        refused(
                "'timeout' must be 3 seconds to 15 minutes, got 1200 seconds",
                () -> builder().timeout(Duration.minutes(20)));
        refused(
                "'timeout' must be 3 seconds to 15 minutes, got 1 seconds",
                () -> builder().timeout(Duration.seconds(1)));
    }

    @Test
    void architectureIsTheFunctionsArchitecture() {
        assertEquals(
                List.of("x86_64"),
                function(builder().architecture(Architecture.X86_64)).get("Architectures"));
    }

    @Test
    void theEncryptionKeyEncryptsSecretLogAndEnvironment() {
        Synthesis synthesis = Synthesis.of(
                Map.of(),
                stack -> new SpotService(
                        stack,
                        "Spot",
                        builder()
                                .encryptionKey(Key.Builder.create(stack, "Key").build())
                                .build()));
        Object arn = Map.of("Fn::GetAtt", List.of("Key961B73FD", "Arn"));

        assertEquals(arn, synthesis.only("AWS::SecretsManager::Secret").get("KmsKeyId"));
        assertEquals(arn, synthesis.only("AWS::Logs::LogGroup").get("KmsKeyId"));
        assertEquals(arn, synthesis.only("AWS::Lambda::Function").get("KmsKeyArn"));
        String keyPolicy = String.valueOf(synthesis.only("AWS::KMS::Key").get("KeyPolicy"));
        assertTrue(
                keyPolicy.contains("Action=kms:Decrypt, Condition={StringEquals={kms:ViaService="),
                "the function may decrypt, through Secrets Manager only: " + keyPolicy);
        assertTrue(
                keyPolicy.contains("kms:EncryptionContext:aws:logs:arn"),
                "CloudWatch Logs may use the key, for logs only: " + keyPolicy);
    }

    @Test
    void anotherLogGroupTakesThePlaceOfTheOwn() {
        Synthesis synthesis = Synthesis.of(
                Map.of(),
                stack -> new SpotService(
                        stack,
                        "Spot",
                        builder()
                                .logGroup(LogGroup.fromLogGroupName(stack, "Shared", "shared"))
                                .build()));

        assertEquals(List.of(), synthesis.all("AWS::Logs::LogGroup"));
        assertEquals(
                Map.of("LogGroup", "shared"),
                synthesis.only("AWS::Lambda::Function").get("LoggingConfig"));
        Stack stack = new Stack();
        refused(
                "'logRetention' and 'logRemovalPolicy' are of the service's own log group; leave them out with 'logGroup'",
                () -> builder()
                        .logGroup(LogGroup.fromLogGroupName(stack, "Shared", "shared"))
                        .logRetention(RetentionDays.ONE_DAY)
                        .build());
    }

    @Test
    void theLogIsKeptAsLongAsAsked() {
        Synthesis synthesis = Synthesis.of(
                Map.of(),
                stack -> new SpotService(
                        stack,
                        "Spot",
                        builder()
                                .logRetention(RetentionDays.ONE_YEAR)
                                .logRemovalPolicy(RemovalPolicy.RETAIN)
                                .build()));

        assertEquals(365, number(synthesis.only("AWS::Logs::LogGroup"), "RetentionInDays"));
        assertEquals(
                1,
                synthesis
                        .template()
                        .findResources("AWS::Logs::LogGroup", Map.of("DeletionPolicy", "Retain"))
                        .size());
    }

    @Test
    void theSecretIsRetainedIfAsked() {
        Synthesis synthesis = Synthesis.of(
                Map.of(),
                stack -> new SpotService(
                        stack,
                        "Spot",
                        builder().secretRemovalPolicy(RemovalPolicy.RETAIN).build()));

        assertEquals(
                1,
                synthesis
                        .template()
                        .findResources("AWS::SecretsManager::Secret", Map.of("DeletionPolicy", "Retain"))
                        .size());
    }

    private static SpotServiceProps.Builder builder() {
        return SpotServiceProps.builder();
    }

    private static Map<?, ?> function(SpotServiceProps.Builder props) {
        return Synthesis.of(Map.of(), stack -> new SpotService(stack, "Spot", props.build()))
                .only("AWS::Lambda::Function");
    }

    private static int number(Map<?, ?> properties, String name) {
        return ((Number) Objects.requireNonNull(properties.get(name))).intValue();
    }

    private static void refused(String message, Executable building) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, building).getMessage());
    }
}
