package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertFails;
import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** A URL that takes tokens: which callers the function accepts, and what the minter may do. */
final class TokenTest {
    private static final Synthesis SYNTHESIS = Synthesis.of(stack -> {
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions("us-west-2", "us-east-1")
                        .tasks(SpotTask.PRICE, SpotTask.LAUNCH)
                        .mfaTasks()
                        .urlAuth(UrlAuth.token(Duration.hours(8)))
                        .build());
        spot.grantMint(role(stack));
    });
    private static final String SIGNING_SECRET = "${"
            + SYNTHESIS.only("AWS::SecretsManager::Secret", "SpotSigningSecret").id() + "}";
    private static final String REVOCATIONS = "${"
            + SYNTHESIS
                    .only("AWS::SecretsManager::Secret", "SpotRevocationsSecret")
                    .id() + "}";

    private static Role role(Stack stack) {
        return Role.Builder.create(stack, "Caller")
                .assumedBy(new AccountRootPrincipal())
                .build();
    }

    @Test
    void urlIsPublicByTheTwoPermissionsThatLambdaRequires() {
        assertEquals("NONE", SYNTHESIS.only("AWS::Lambda::Url").get("AuthType"));
        List<Resource> publicPermissions = SYNTHESIS.all("AWS::Lambda::Permission").stream()
                .filter(permission -> permission.get("Principal").equals("*"))
                .toList();

        assertEquals(
                Set.of("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
                publicPermissions.stream()
                        .map(permission -> permission.get("Action"))
                        .collect(Collectors.toSet()));
        for (Resource permission : publicPermissions) {
            assertTrue(permission.get("FunctionName").toString().contains("SpotFunctionAliaslive"));
            assertTrue(
                    permission.get("Action").equals("lambda:InvokeFunctionUrl")
                            ? permission.get("FunctionUrlAuthType").equals("NONE")
                            : permission.get("InvokedViaFunctionUrl").equals(true),
                    "the function itself stays closed: " + permission);
        }
    }

    @Test
    void minterMayOnlySignRevokeAndLog() {
        Policy minter = SYNTHESIS.policyOfRole("SpotMinterRole");

        assertEquals(Set.of("secretsmanager:GetSecretValue"), minter.get("Sign").actions());
        assertEquals(Set.of(SIGNING_SECRET), minter.get("Sign").resources());
        assertEquals(
                Set.of("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
                minter.get("Revoke").actions());
        assertEquals(Set.of(REVOCATIONS), minter.get("Revoke").resources());
        assertEquals(
                Set.of(
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "logs:CreateLogStream",
                        "logs:PutLogEvents"),
                minter.actions());
    }

    @Test
    void functionMayReadButNotWriteTokenSecrets() {
        Policy function = SYNTHESIS.policyOfRole("SpotFunctionRole");

        assertTrue(function.get("ReadSecret").resources().containsAll(Set.of(SIGNING_SECRET, REVOCATIONS)));
        assertFalse(function.actions().contains("secretsmanager:PutSecretValue"));
        assertFalse(SYNTHESIS.operatorPolicy().toString().contains("SigningSecret"));
        assertFalse(SYNTHESIS.policyOfRole("SpotKeeperRole").toString().contains("SigningSecret"));
    }

    @Test
    void secretsManagerGeneratesSigningSecret() {
        Resource secret = SYNTHESIS.only("AWS::SecretsManager::Secret", "SpotSigningSecret");

        assertEquals(Map.of("PasswordLength", 64, "ExcludePunctuation", true), secret.get("GenerateSecretString"));
        assertFalse(secret.properties().containsKey("SecretString"));
    }

    @Test
    void revocationListStartsEmptyAndIsNotRotated() {
        Synthesis rotated =
                Synthesis.of(SpotServiceProps.builder().urlAuth(UrlAuth.token()).rotateKeyEvery(Duration.days(90)));
        Resource list = rotated.only("AWS::SecretsManager::Secret", "SpotRevocationsSecret");

        assertEquals("{\"ids\":{}}", list.get("SecretString"));
        assertFalse(list.properties().containsKey("GenerateSecretString"));
        assertTrue(rotated.all("AWS::SecretsManager::RotationSchedule").stream()
                .noneMatch(schedule -> schedule.get("SecretId").toString().contains(list.id())));
        assertFalse(rotated.policyOfRole("SpotRotationRole").toString().contains(list.id()));
    }

    @Test
    void settingsContainTokenSecrets() {
        assertEquals(SIGNING_SECRET, SYNTHESIS.settings("SpotFunction").get("signingSecretArn"));
        assertEquals(REVOCATIONS, SYNTHESIS.settings("SpotFunction").get("revocationsSecretArn"));
        Map<String, Object> minter = SYNTHESIS.settings("SpotMinterFunction");
        assertEquals(
                Set.of("service", "regions", "tasks", "signingSecretArn", "revocationsSecretArn", "url", "longestLife"),
                minter.keySet());
        assertEquals(SIGNING_SECRET, minter.get("signingSecretArn"));
        assertEquals(REVOCATIONS, minter.get("revocationsSecretArn"));
        assertEquals(List.of("us-west-2", "us-east-1"), minter.get("regions"));
        assertEquals(List.of("launch", "price"), minter.get("tasks"));
        assertEquals(28_800, minter.get("longestLife"));
        assertEquals(SYNTHESIS.settings("SpotFunction").get("service"), minter.get("service"));
    }

    @Test
    void minterKnowsUsersOfTaskConnect() {
        Synthesis connect = Synthesis.of(SpotServiceProps.builder()
                .urlAuth(UrlAuth.token())
                .tasks(SpotTask.CONNECT)
                .osUsers("builder"));

        assertEquals(List.of("builder"), connect.settings("SpotMinterFunction").get("osUsers"));
    }

    @Test
    void grantMintAllowsOnlyInvokingTheMinter() {
        List<Statement> statements = SYNTHESIS.policyOfRole("Caller").statements();

        assertEquals(1, statements.size());
        assertEquals(Set.of("lambda:InvokeFunction"), statements.get(0).actions());
        assertTrue(
                statements.get(0).resources().stream().allMatch(arn -> arn.contains("SpotMinterFunction")),
                statements.toString());
    }

    @Test
    void tokensLastAtMostOneDayByDefault() {
        assertEquals(
                86_400,
                Synthesis.of(SpotServiceProps.builder().urlAuth(UrlAuth.token()))
                        .settings("SpotMinterFunction")
                        .get("longestLife"));
    }

    @Test
    void signedUrlHasNoMinterAndNoTokenSecrets() {
        Synthesis iam = Deployments.byDefault();

        assertFalse(iam.text().contains("Minter"));
        assertFalse(iam.text().contains("SigningSecret"));
        assertFalse(iam.settings("SpotFunction").containsKey("signingSecretArn"));
        assertFalse(iam.text().contains("RevocationsSecret"));
    }

    @Test
    void rejectsGrantsThatDoNotMatchUrlAuth() {
        Stack stack = new Stack();
        SpotService tokens = new SpotService(
                stack,
                "Tokens",
                SpotServiceProps.builder().urlAuth(UrlAuth.token()).build());
        SpotService signed = new SpotService(stack, "Signed");
        Role role = role(stack);

        assertFails(IllegalStateException.class, () -> tokens.grantInvoke(role), "'grantInvoke'", "'grantMint'");
        assertFails(IllegalStateException.class, () -> signed.grantMint(role), "'grantMint'", "'grantInvoke'");
        assertTrue(tokens.getMinter().isPresent());
        assertTrue(signed.getMinter().isEmpty());
    }

    @Test
    void rejectsTokenLifetimeOutOfRange() {
        for (Duration wrong : List.of(Duration.seconds(59), Duration.days(8))) {
            assertRejected(() -> UrlAuth.token(wrong), "'longestLife'", "got " + wrong.toHumanString());
        }
        assertDoesNotThrow(() -> List.of(UrlAuth.token(Duration.minutes(1)), UrlAuth.token(Duration.days(7))));
    }
}
