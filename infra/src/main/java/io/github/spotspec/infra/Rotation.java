package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.IUser;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.CfnPermission;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.secretsmanager.CfnRotationSchedule;
import software.amazon.awscdk.services.secretsmanager.CfnRotationSchedule.RotationRulesProperty;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * The rotation of the service's secrets: a function with its own role that Secrets Manager calls. It can change only
 * those secrets and the operator's access keys.
 *
 * <p>The first rotation runs with the deployment. This shows that rotation works, and it replaces the key that passed
 * through CloudFormation. Secrets Manager therefore rotates whenever a schedule is created or changed, because it has
 * no option to do so only the first time. Other deployments do not change a rotated secret, because CloudFormation
 * writes a secret only if the template's value changes.
 */
final class Rotation extends Construct {
    private static final Duration TIMEOUT = Duration.minutes(5);
    private static final Size MEMORY = Size.mebibytes(512);

    private final Function function;
    private final List<CfnRotationSchedule> schedules;

    /**
     * The secrets to rotate, and the values shared with the service.
     *
     * @param generated the secrets other than the operator's
     */
    record RotationProps(
            String service,
            IUser operator,
            ISecret secret,
            List<Secret> generated,
            Duration every,
            Code code,
            ILogGroup logGroup,
            SpotServiceProps props) {
        private List<ISecret> secrets() {
            return Stream.concat(Stream.of(secret), generated.stream()).toList();
        }
    }

    Rotation(Construct scope, String id, RotationProps parts) {
        super(scope, id);
        SpotServiceProps props = parts.props();
        function = Function.Builder.create(this, "Function")
                .description("Rotates the spot service's secrets.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.architecture)
                .handler("io.github.spotspec.function.rotation.RotationHandler")
                .code(parts.code())
                .memorySize(MEMORY.toMebibytes())
                .timeout(TIMEOUT)
                .environment(Map.of(
                        FunctionSettings.VARIABLE,
                        FunctionSettings.rotation(
                                Stack.of(this),
                                parts.service(),
                                parts.secret().getSecretArn(),
                                parts.operator().getUserName(),
                                parts.generated().stream()
                                        .map(Secret::getSecretArn)
                                        .toList())))
                .environmentEncryption(props.encryptionKey)
                .logGroup(parts.logGroup())
                .role(role(parts))
                .build();
        // Allows Secrets Manager of this account only, as its user guide recommends.
        CfnPermission permission = CfnPermission.Builder.create(this, "Permission")
                .action("lambda:InvokeFunction")
                .functionName(function.getFunctionArn())
                .principal("secretsmanager.amazonaws.com")
                .sourceAccount(Stack.of(this).getAccount())
                .build();
        schedules = parts.secrets().stream()
                .map(secret -> schedule(secret, parts.every()))
                .toList();
        schedules.forEach(schedule -> schedule.getNode().addDependency(permission));
    }

    /**
     * Makes the first rotation run after all other resources of the service exist. CloudFormation does not know the key
     * that a rotation creates. If anything failed later, IAM could not delete the user because of that key.
     */
    void startAfter(List<IConstruct> parts) {
        IConstruct[] others = parts.stream()
                .filter(part -> !part.getNode().getPath().equals(getNode().getPath()))
                .toArray(IConstruct[]::new);
        schedules.forEach(schedule -> schedule.getNode().addDependency(others));
    }

    Function function() {
        return function;
    }

    private CfnRotationSchedule schedule(ISecret secret, Duration every) {
        return CfnRotationSchedule.Builder.create(this, secret.getNode().getId())
                .secretId(secret.getSecretArn())
                .rotationLambdaArn(function.getFunctionArn())
                // Not AutomaticallyAfterDays, because it counts from the last time that a value was stored, manually or
                // by a rotation.
                .rotationRules(RotationRulesProperty.builder()
                        .scheduleExpression("rate(" + every.toDays() + " days)")
                        .build())
                .build();
    }

    private Role role(RotationProps parts) {
        Role role = Role.Builder.create(this, "Role")
                .description("Rotates the spot service's secrets and the operator's access key. No EC2 permissions.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        parts.logGroup().grantWrite(role);
        role.addToPolicy(allow(
                "RotateSecrets",
                List.of(
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage"),
                parts.secrets().stream().map(ISecret::getSecretArn).toList()));
        role.addToPolicy(allow(
                "RotateKey",
                List.of("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"),
                List.of(parts.operator().getUserArn())));
        IKey key = parts.props().encryptionKey;
        if (key != null) {
            role.addToPolicy(KmsGrants.use(this, key, "secretsmanager", List.of("kms:Decrypt", "kms:GenerateDataKey")));
        }
        return role;
    }

    private static PolicyStatement allow(String sid, List<String> actions, List<String> resources) {
        return PolicyStatement.Builder.create()
                .sid(sid)
                .effect(Effect.ALLOW)
                .actions(actions)
                .resources(resources)
                .build();
    }
}
