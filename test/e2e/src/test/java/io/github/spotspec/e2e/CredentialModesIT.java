package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.Identities;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests operators other than a user of the stack. */
@ExtendWith(SharedDeployment.class)
final class CredentialModesIT {
    private static final String ROBOT = "robot";
    private static final String KEYS = "team/robot-keys";
    private static final String KEYS_ARN =
            "arn:aws:secretsmanager:" + LocalDeployment.HOME + ":111122223333:secret:" + KEYS + "-AbCdEf";

    private final LocalDeployment service;

    CredentialModesIT(LocalDeployment service) throws Exception {
        this.service = service;
        if (service.cloud().stacks().find(LocalDeployment.HOME, CredentialModesApp.BY_ROLE) == null) {
            Identities identities = service.cloud().state().identities();
            identities.createUser(ROBOT);
            service.cloud()
                    .state()
                    .secrets()
                    .create(KEYS_ARN, KEYS, OperatorSecretFormat.toJson(identities.createAccessKey(ROBOT)));
            service.deployOther(CredentialModesApp::stacks, service.callerArn(), ROBOT, KEYS);
        }
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    private SpotUrl.Answer ask(String stack, RequestBody ask) throws Exception {
        return new SpotUrl(service.output(stack, "Url"), LocalDeployment.HOME).post(ask.toString(), service.caller());
    }

    private Set<String> principalsThatCalledEc2() {
        return service.cloud().state().authorizer().auditTrail().decisions().stream()
                .filter(decision -> decision.action().startsWith("ec2:"))
                .map(decision -> decision.principalArn().replaceFirst("^.*:", ""))
                .collect(Collectors.toSet());
    }

    @Test
    void functionRoleLaunchesWithoutKeyOrCode() throws Exception {
        SpotUrl.Answer launched = ask(CredentialModesApp.BY_ROLE, RequestBody.launch("m7g.large"));
        assertEquals(200, launched.status(), launched.text());
        assertEquals(1, service.alive().size());
        assertTrue(
                principalsThatCalledEc2().stream()
                        .anyMatch(principal -> principal.startsWith("assumed-role/ByRole-SpotFunctionRole")),
                principalsThatCalledEc2().toString());

        SpotUrl.Answer ended = ask(
                CredentialModesApp.BY_ROLE,
                RequestBody.to("end")
                        .with("instanceIds", service.alive().getFirst().id()));
        assertEquals(200, ended.status(), ended.text());
        assertEquals(List.of(), service.alive().stream().map(Instance::id).toList());
        String template = service.stack(CredentialModesApp.BY_ROLE).templateBody();
        for (String type : List.of("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::SecretsManager::Secret")) {
            assertFalse(template.contains(type), type);
        }
    }

    @Test
    void existingSecretUserNeedsCodeToLaunch() throws Exception {
        SpotUrl.Answer priced =
                ask(CredentialModesApp.BY_SECRET, RequestBody.to("price").with("types", "m7g.large"));
        assertEquals(200, priced.status(), priced.text());
        assertTrue(
                principalsThatCalledEc2().contains("user/" + ROBOT),
                principalsThatCalledEc2().toString());

        assertEquals(
                "MfaRequired",
                ask(CredentialModesApp.BY_SECRET, RequestBody.launch("m7g.large"))
                        .error());
        assertEquals(List.of(), service.alive().stream().map(Instance::id).toList());
        String template = service.stack(CredentialModesApp.BY_SECRET).templateBody();
        for (String type : List.of("AWS::IAM::User\"", "AWS::IAM::AccessKey")) {
            assertFalse(template.contains(type), type);
        }
    }
}
