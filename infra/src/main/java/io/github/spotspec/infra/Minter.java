package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * The minter: a function with its own role that creates and revokes tokens. It reads the signing secret, and reads and
 * writes the list of revoked tokens. It has no URL.
 */
final class Minter extends Construct {
    private static final Duration TIMEOUT = Duration.seconds(15);
    private static final Size MEMORY = Size.mebibytes(512);

    private final Function function;

    /**
     * The values that the minter shares with the service.
     *
     * @param settings the minter's settings as JSON
     */
    record MinterProps(
            String settings,
            Secret signingSecret,
            Secret revocations,
            Code code,
            ILogGroup logGroup,
            SpotServiceProps props) {}

    Minter(Construct scope, String id, MinterProps parts) {
        super(scope, id);
        SpotServiceProps props = parts.props();
        function = Function.Builder.create(this, "Function")
                .description("Makes and revokes tokens for the spot service's URL.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.architecture)
                .handler("io.github.spotspec.function.token.MinterHandler")
                .code(parts.code())
                .memorySize(MEMORY.toMebibytes())
                .timeout(TIMEOUT)
                .environment(Map.of(FunctionSettings.VARIABLE, parts.settings()))
                .environmentEncryption(props.encryptionKey)
                .logGroup(parts.logGroup())
                .role(role(parts))
                .build();
    }

    Function function() {
        return function;
    }

    private Role role(MinterProps parts) {
        Role role = Role.Builder.create(this, "Role")
                .description("Signs tokens for the spot service and records which are revoked. No EC2 permissions.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        parts.logGroup().grantWrite(role);
        role.addToPolicy(allow("Sign", parts.signingSecret(), "secretsmanager:GetSecretValue"));
        role.addToPolicy(
                allow("Revoke", parts.revocations(), "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"));
        IKey key = parts.props().encryptionKey;
        if (key != null) {
            role.addToPolicy(KmsGrants.use(this, key, "secretsmanager", List.of("kms:Decrypt", "kms:GenerateDataKey")));
        }
        return role;
    }

    private static PolicyStatement allow(String sid, Secret secret, String... actions) {
        return PolicyStatement.Builder.create()
                .sid(sid)
                .effect(Effect.ALLOW)
                .actions(List.of(actions))
                .resources(List.of(secret.getSecretArn()))
                .build();
    }
}
