package io.github.spotspec.infra;

import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;

/** A customer managed key of the same stack, of another stack, or imported: what it encrypts, and who may use it. */
@ParameterizedClass
@MethodSource("origins")
final class EncryptionKeyTest {
    private static final String IMPORTED = "arn:aws:kms:us-west-2:111122223333:key/0123";
    private static final Map<Origin, Synthesized> SYNTHESES = new HashMap<>();

    private final Origin origin;
    private final Synthesized synthesized;

    EncryptionKeyTest(Origin origin) {
        this.origin = origin;
        this.synthesized = SYNTHESES.computeIfAbsent(origin, Origin::synthesize);
    }

    /** A service synthesized with a key. There are no keys in the templates if the key is imported. */
    record Synthesized(Synthesis service, List<Resource> keys) {}

    /** The origin of the key, and the app's feature flags, which affect references between stacks. */
    record Origin(String key, Map<String, Object> flags) {
        Synthesized synthesize() {
            App app = Synthesis.app(flags);
            Stack stack = new Stack(app, "Test");
            IKey encryptionKey = switch (key) {
                case "of the same stack" -> new Key(stack, "Key");
                case "of another stack" -> new Key(new Stack(app, "Keys"), "Key");
                default -> Key.fromKeyArn(stack, "Key", IMPORTED);
            };
            new SpotService(
                    stack,
                    "Spot",
                    SpotServiceProps.builder()
                            .encryptionKey(encryptionKey)
                            .urlAuth(UrlAuth.token())
                            .rotateKeyEvery(Duration.days(90))
                            .build());
            // A dependency cycle between the stacks would fail here.
            return new Synthesized(
                    Synthesis.of(stack), Synthesis.of(Stack.of(encryptionKey)).all("AWS::KMS::Key"));
        }

        @Override
        public String toString() {
            return key + (flags.isEmpty() ? "" : ", with the recommended flags");
        }
    }

    static Stream<Origin> origins() {
        return Stream.of("of the same stack", "of another stack", "imported")
                .flatMap(key -> Stream.of(new Origin(key, Map.of()), new Origin(key, Synthesis.recommendedFlags())));
    }

    @Test
    void encryptsSecretsLogTopicAndEnvironments() {
        String arn = keyArn();

        for (Resource secret : synthesized.service().all("AWS::SecretsManager::Secret")) {
            assertEquals(arn, secret.get("KmsKeyId"), secret.id());
        }
        assertEquals(arn, synthesized.service().only("AWS::Logs::LogGroup").get("KmsKeyId"));
        for (Resource function : synthesized.service().all("AWS::Lambda::Function")) {
            assertEquals(arn, function.get("KmsKeyArn"), function.id());
        }
        if (origin.key().equals("imported")) {
            assertEquals(IMPORTED, arn);
        }
    }

    @Test
    void functionMayDecryptOnlyThroughSecretsManager() {
        assertEquals(
                List.of(allow("", "kms:Decrypt")
                        .on(keyArn())
                        .when("StringEquals kms:ViaService", "secretsmanager.us-west-2.amazonaws.com")),
                onKeys(synthesized.service().policyOfRole("SpotFunctionRole")));
    }

    @Test
    void secretWritersMayUseKeyOnlyThroughSecretsManager() {
        for (String role : List.of("SpotMinterRole", "SpotRotationRole")) {
            assertEquals(
                    List.of(allow("", "kms:Decrypt", "kms:GenerateDataKey")
                            .on(keyArn())
                            .when("StringEquals kms:ViaService", "secretsmanager.us-west-2.amazonaws.com")),
                    onKeys(synthesized.service().policyOfRole(role)),
                    role);
        }
    }

    @Test
    void keeperMayUseKeyOnlyThroughSns() {
        assertEquals(
                List.of(allow("", "kms:Decrypt", "kms:GenerateDataKey")
                        .on(keyArn())
                        .when("StringEquals kms:ViaService", "sns.us-west-2.amazonaws.com")),
                onKeys(synthesized.service().policyOfRole("SpotKeeperRole")));
    }

    @Test
    void keyOfTheAppAllowsLogsOfThisAccount() {
        assertEquals(origin.key().equals("imported") ? 0 : 1, synthesized.keys().size());
        for (Resource key : synthesized.keys()) {
            Statement logs = Policy.of(List.of(key.get("KeyPolicy"))).get("LogsOfThisAccount");
            assertEquals(Set.of("Service logs.us-west-2.amazonaws.com"), logs.principals());
            assertTrue(
                    logs.actions().containsAll(Set.of("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")),
                    logs.toString());
            assertEquals(
                    Map.of(
                            "ArnLike kms:EncryptionContext:aws:logs:arn",
                            Set.of("arn:aws:logs:us-west-2:111122223333:log-group:*")),
                    logs.conditions());
        }
    }

    @Test
    void keyOfTheAppDelegatesToIam() {
        for (Resource key : synthesized.keys()) {
            assertTrue(
                    Policy.of(List.of(key.get("KeyPolicy"))).statements().stream()
                            .anyMatch(statement ->
                                    statement.principals().equals(Set.of("AWS arn:aws:iam::111122223333:root"))
                                            && statement.actions().equals(Set.of("kms:*"))
                                            && statement.conditions().isEmpty()),
                    "without it, the roles' statements have no effect");
        }
    }

    private static List<Statement> onKeys(Policy policy) {
        return policy.statements().stream()
                .filter(statement -> statement.actions().stream().anyMatch(action -> action.startsWith("kms:")))
                .toList();
    }

    private String keyArn() {
        return (String) synthesized.service().only("AWS::SNS::Topic").get("KmsMasterKeyId");
    }
}
