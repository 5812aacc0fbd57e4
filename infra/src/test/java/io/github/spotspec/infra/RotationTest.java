package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.ArnPrincipal;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.Topic;

/** The rotation of the operator's key and the generated secrets, and its permissions. */
final class RotationTest {
    private static final Synthesis ROTATING =
            Synthesis.of(SpotServiceProps.builder().urlAuth(UrlAuth.token()).rotateKeyEvery(Duration.days(90)));

    /** Returns the secrets that hold a credential. The list of revoked tokens does not. */
    private static Set<String> secrets() {
        return ROTATING.all("AWS::SecretsManager::Secret").stream()
                .filter(secret -> !secret.id().startsWith("SpotRevocationsSecret"))
                .map(secret -> "${" + secret.id() + "}")
                .collect(Collectors.toSet());
    }

    @Test
    void secretsManagerRotatesEverySecretOnSchedule() {
        Resource function = ROTATING.only("AWS::Lambda::Function", "SpotRotation");
        List<Resource> schedules = ROTATING.all("AWS::SecretsManager::RotationSchedule");

        assertEquals(
                secrets(),
                schedules.stream().map(schedule -> schedule.get("SecretId")).collect(Collectors.toSet()));
        assertEquals(3, schedules.size());
        for (Resource schedule : schedules) {
            assertEquals(Map.of("ScheduleExpression", "rate(90 days)"), schedule.get("RotationRules"));
            assertTrue(schedule.get("RotationLambdaARN").toString().contains(function.id()), schedule.toString());
        }
        assertEquals("io.github.spotspec.function.rotation.RotationHandler", function.get("Handler"));
        Resource permission = ROTATING.only("AWS::Lambda::Permission", "SpotRotation");
        assertEquals("secretsmanager.amazonaws.com", permission.get("Principal"));
        assertEquals("111122223333", permission.get("SourceAccount"));
        assertEquals("lambda:InvokeFunction", permission.get("Action"));
    }

    @Test
    void functionMayOnlyRotateSecretsAndOperatorKey() {
        Policy policy = ROTATING.policyOfRole("SpotRotationRole");
        Set<String> secrets = secrets();
        String user = "${" + ROTATING.only("AWS::IAM::User").id() + ".Arn}";

        assertEquals(
                Set.of("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"),
                policy.get("RotateKey").actions());
        assertEquals(Set.of(user), policy.get("RotateKey").resources());
        assertEquals(secrets, policy.get("RotateSecrets").resources());
        Set<String> others = new HashSet<>(policy.actions());
        others.removeAll(policy.get("RotateKey").actions());
        assertEquals(
                Set.of(
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage",
                        "logs:CreateLogStream",
                        "logs:PutLogEvents"),
                others);
    }

    @Test
    void firstRotationRunsAfterAllOtherResources() {
        Synthesis whole = Synthesis.of(stack -> {
            SpotService service = new SpotService(
                    stack,
                    "Spot",
                    SpotServiceProps.builder()
                            .rotateKeyEvery(Duration.days(90))
                            .alarmTopic(new Topic(stack, "Alarms"))
                            .build());
            service.grantInvoke(new ArnPrincipal("arn:aws:iam::111122223333:role/mistyped"));
        });
        Set<String> others = whole.logicalIds().stream()
                .map(resource -> resource.substring(0, resource.indexOf(' ')))
                .filter(id -> id.startsWith("Spot") && !id.startsWith("SpotRotation"))
                .collect(Collectors.toSet());

        assertTrue(others.size() > 30, others::toString);
        for (Resource schedule : whole.all("AWS::SecretsManager::RotationSchedule")) {
            Set<String> missing = new HashSet<>(others);
            missing.removeAll(whole.dependencies(schedule.id()));
            assertEquals(Set.of(), missing, schedule.id());
        }
    }

    @Test
    void rotationDoesNotChangeOtherPermissions() {
        Synthesis without = Synthesis.of(SpotServiceProps.builder().urlAuth(UrlAuth.token()));

        for (String role : List.of("SpotFunctionRole", "SpotKeeperRole", "SpotMinterRole")) {
            assertEquals(without.policyOfRole(role), ROTATING.policyOfRole(role));
        }
        assertEquals(without.operatorPolicy(), ROTATING.operatorPolicy());
    }

    @Test
    void settingsContainSecretsToRotate() {
        Map<String, Object> settings = ROTATING.settings("SpotRotation");

        Map<String, Object> ofFunction = ROTATING.settings("SpotFunction");
        assertEquals(Set.of("service", "secretArn", "user", "generatedSecretArns"), settings.keySet());
        assertEquals("${" + ROTATING.only("AWS::IAM::User").id() + "}", settings.get("user"));
        assertEquals(ofFunction.get("secretArn"), settings.get("secretArn"));
        assertEquals(
                List.of(ofFunction.get("sessionSecretArn"), ofFunction.get("signingSecretArn")),
                settings.get("generatedSecretArns"));
    }

    @Test
    void operatorSecretIsTheSameWithAndWithoutRotation() {
        // Otherwise the deployment that turns rotation on or off would overwrite the secret with a deleted key.
        assertEquals(
                Synthesis.of(SpotServiceProps.builder())
                        .only("AWS::SecretsManager::Secret", "SpotOperatorSecret")
                        .get("SecretString"),
                ROTATING.only("AWS::SecretsManager::Secret", "SpotOperatorSecret")
                        .get("SecretString"));
    }

    @Test
    void rotatesOnlyOperatorSecretWithoutMfaAndTokens() {
        Synthesis synthesis = Synthesis.of(SpotServiceProps.builder().mfaTasks().rotateKeyEvery(Duration.days(3)));

        assertEquals(1, synthesis.all("AWS::SecretsManager::RotationSchedule").size());
        assertFalse(synthesis.settings("SpotRotation").containsKey("generatedSecretArns"));
    }

    @Test
    void doesNotRotateByDefault() {
        Synthesis synthesis = Synthesis.of(SpotServiceProps.builder());

        assertEquals(List.of(), synthesis.all("AWS::SecretsManager::RotationSchedule"));
        assertTrue(synthesis.all("AWS::Lambda::Function").stream()
                .noneMatch(function -> function.get("Handler").toString().contains("otation")));
    }

    @Test
    void rejectsRotationOfOtherCredentials() {
        for (SpotCredentials credentials : List.of(
                SpotCredentials.functionRole(),
                SpotCredentials.secret(Secret.fromSecretNameV2(new Stack(), "Keys", "keys")))) {
            SpotServiceProps.Builder props =
                    SpotServiceProps.builder().credentials(credentials).rotateKeyEvery(Duration.days(90));
            assertRejected(props::build, "'rotateKeyEvery'", "'credentials'");
        }
    }

    @Test
    void rejectsRotationPeriodShorterThanTokenLifetime() {
        SpotServiceProps.Builder props = SpotServiceProps.builder()
                .urlAuth(UrlAuth.token(Duration.days(7)))
                .rotateKeyEvery(Duration.days(7));

        assertRejected(props::build, "'rotateKeyEvery'", "7 days");
        props.rotateKeyEvery(Duration.days(8)).build();
    }

    @Test
    void rejectsRotationPeriodOutOfRange() {
        for (Duration wrong : List.of(Duration.hours(1), Duration.days(2), Duration.hours(73), Duration.days(1_000))) {
            assertRejected(
                    () -> SpotServiceProps.builder().rotateKeyEvery(wrong),
                    "'rotateKeyEvery'",
                    "got " + wrong.toHumanString());
        }
    }
}
