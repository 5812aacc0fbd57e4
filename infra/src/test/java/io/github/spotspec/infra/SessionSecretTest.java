package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The secret that seals MFA sessions. */
final class SessionSecretTest {
    private static final String SERVICE = "SpotServiceOfThePlatformTeam";

    @Test
    void secretsManagerGeneratesTheSecret() {
        Resource secret = Deployments.withMfa().only("AWS::SecretsManager::Secret", SERVICE + "SessionSecret");

        assertEquals(Map.of("PasswordLength", 64, "ExcludePunctuation", true), secret.get("GenerateSecretString"));
        assertFalse(secret.properties().containsKey("SecretString"));
        assertEquals("Delete", secret.deletionPolicy());
    }

    @Test
    void onlyTheFunctionBehindTheUrlMayReadIt() {
        Synthesis synthesis = Deployments.withMfa();
        String secret = "${"
                + synthesis
                        .only("AWS::SecretsManager::Secret", SERVICE + "SessionSecret")
                        .id() + "}";

        assertEquals(secret, synthesis.settings(SERVICE + "Function").get("sessionSecretArn"));
        assertTrue(synthesis
                .policyOfRole(SERVICE + "FunctionRole")
                .get("ReadSecret")
                .resources()
                .contains(secret));
        assertFalse(synthesis.operatorPolicy().toString().contains("SessionSecret"));
        assertFalse(synthesis.policyOfRole(SERVICE + "KeeperRole").toString().contains("SessionSecret"));
    }

    @Test
    void doesNotExistWithoutMfa() {
        Synthesis synthesis = Deployments.byDefault();

        assertEquals(1, synthesis.all("AWS::SecretsManager::Secret").size());
        assertFalse(synthesis.settings("SpotFunction").containsKey("sessionSecretArn"));
        assertEquals(
                Set.of("${SpotOperatorSecret1E978AC1}"),
                synthesis.policyOfRole("SpotFunctionRole").get("ReadSecret").resources());
    }
}
