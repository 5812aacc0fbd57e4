package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretAttributes;

/** Operators that the stack does not create. */
final class CredentialsTest {
    private static final String ARN = "arn:aws:secretsmanager:us-west-2:111122223333:secret:keys-AbCdEf";

    private static Synthesis byRole() {
        return Synthesis.of(SpotServiceProps.builder().credentials(SpotCredentials.functionRole()));
    }

    private static Synthesis bySecret(java.util.function.Function<Stack, ISecret> secret) {
        return Synthesis.of(stack -> new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .credentials(SpotCredentials.secret(secret.apply(stack)))
                        .build()));
    }

    private static void assertNoUserInStack(Synthesis synthesis) {
        assertEquals(List.of(), synthesis.all("AWS::IAM::User"));
        assertEquals(List.of(), synthesis.all("AWS::IAM::AccessKey"));
    }

    @Test
    void functionRoleGetsPoliciesAndReadsNoSecret() {
        Synthesis synthesis = byRole();

        assertNoUserInStack(synthesis);
        assertEquals(List.of(), synthesis.all("AWS::SecretsManager::Secret"));
        assertEquals(3, synthesis.all("AWS::IAM::ManagedPolicy").size());
        for (Resource policy : synthesis.all("AWS::IAM::ManagedPolicy")) {
            String roles = policy.get("Roles").toString();
            assertTrue(roles.startsWith("[${SpotFunctionRole") && !roles.contains(","), roles);
            assertFalse(policy.properties().containsKey("Users"), policy.id());
        }
        assertEquals(
                Set.of("logs:CreateLogStream", "logs:PutLogEvents"),
                synthesis.policyOfRole("SpotFunctionRole").actions());
        assertEquals(
                Deployments.byDefault().operatorPolicy(), synthesis.operatorPolicy(), "the same as a user's policy");
    }

    @Test
    void functionRoleSettingsHaveNoSecretAndNoMfa() {
        Map<String, Object> settings = byRole().settings("SpotFunction");

        for (String key : List.of("secretArn", "sessionSecretArn", "mfaTasks")) {
            assertFalse(settings.containsKey(key), key);
        }
    }

    @Test
    void rejectsMfaWithFunctionRole() {
        SpotServiceProps.Builder props = SpotServiceProps.builder()
                .credentials(SpotCredentials.functionRole())
                .mfaTasks(SpotTask.LAUNCH);

        assertRejected(props::build, "'mfaTasks'", "functionRole()", "LAUNCH");
        props.mfaTasks().build();
    }

    @Test
    void existingSecretAttachesNoPolicies() {
        Synthesis synthesis = bySecret(stack -> Secret.fromSecretCompleteArn(stack, "Keys", ARN));

        assertNoUserInStack(synthesis);
        for (Resource policy : synthesis.all("AWS::IAM::ManagedPolicy")) {
            for (String owners : List.of("Users", "Roles", "Groups")) {
                assertFalse(policy.properties().containsKey(owners), policy.id());
            }
        }
        assertEquals(ARN, synthesis.settings("SpotFunction").get("secretArn"));
        Set<String> read =
                synthesis.policyOfRole("SpotFunctionRole").get("ReadSecret").resources();
        assertTrue(read.contains(ARN), read.toString());
        assertEquals(2, read.size(), "also the secret that seals sessions");
        assertEquals(
                List.of("cancel", "connect", "console", "end", "extend", "launch", "terminate"),
                synthesis.settings("SpotFunction").get("mfaTasks"),
                "the same tasks need MFA as with a user");
    }

    @Test
    void secretImportedByNameIsReadWithAnyArnSuffix() {
        Synthesis synthesis = bySecret(stack -> Secret.fromSecretNameV2(stack, "Keys", "team/keys"));
        String arn = "arn:aws:secretsmanager:us-west-2:111122223333:secret:team/keys";

        assertEquals(arn, synthesis.settings("SpotFunction").get("secretArn"));
        assertTrue(synthesis
                .policyOfRole("SpotFunctionRole")
                .get("ReadSecret")
                .resources()
                .contains(arn + "-??????"));
    }

    @Test
    void functionMayDecryptExistingSecret() {
        String key = "arn:aws:kms:us-west-2:111122223333:key/0123abcd";
        Synthesis synthesis = bySecret(stack -> Secret.fromSecretAttributes(
                stack,
                "Keys",
                SecretAttributes.builder()
                        .secretCompleteArn(ARN)
                        .encryptionKey(Key.fromKeyArn(stack, "Key", key))
                        .build()));

        assertTrue(synthesis.policyOfRole("SpotFunctionRole").statements().stream()
                .anyMatch(statement -> statement.actions().equals(Set.of("kms:Decrypt"))
                        && statement.resources().equals(Set.of(key))
                        && statement.keys().contains("kms:ViaService")));
    }

    @Test
    void policiesCanBeAttachedToAnExistingUser() {
        Stack stack = new Stack(Synthesis.app(Map.of()), "Test");
        SpotService service = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .credentials(SpotCredentials.secret(Secret.fromSecretCompleteArn(stack, "Keys", ARN)))
                        .build());
        service.getPolicies()
                .forEach(policy -> policy.attachToUser(
                        User.fromUserName(stack, policy.getNode().getId(), "robot")));
        Synthesis synthesis = Synthesis.of(stack);

        assertEquals(3, service.getPolicies().size());
        for (Resource policy : synthesis.all("AWS::IAM::ManagedPolicy")) {
            assertEquals(List.of("robot"), policy.get("Users"), policy.id());
        }
        assertTrue(
                service.getOperator().isEmpty() && service.getMfaSerialNumber().isEmpty());
        assertTrue(service.getSecret().isPresent());
    }

    @Test
    void rejectsSecretRemovalPolicyWithoutGeneratedSecrets() {
        for (SpotCredentials credentials : List.of(
                SpotCredentials.functionRole(),
                SpotCredentials.secret(Secret.fromSecretCompleteArn(new Stack(), "Keys", ARN)))) {
            SpotServiceProps.Builder props = SpotServiceProps.builder()
                    .credentials(credentials)
                    .mfaTasks()
                    .secretRemovalPolicy(RemovalPolicy.RETAIN);

            assertRejected(props::build, "'secretRemovalPolicy'");
            props.urlAuth(UrlAuth.token()).build();
        }
    }
}
