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
 * The rotation of the service's secrets: a function of its own, with a role of its own, that Secrets Manager calls. It may
 * change those secrets and the operator's access keys, and nothing else.
 *
 * <p>The first rotation comes with the deployment, so that one knows that it works, and that the key which passed through
 * CloudFormation goes. For that, Secrets Manager is told to rotate whenever a schedule is made or changed, and cannot be told
 * to do so for the first time only. Other deployments leave a rotated secret alone, since CloudFormation writes a secret only
 * when the template's value changes.
 */
final class Rotation extends Construct {
    private static final Duration TIMEOUT = Duration.minutes(5);
    private static final Size MEMORY = Size.mebibytes(512);

    private final Function function;
    private final List<CfnRotationSchedule> schedules;

    /**
     * What it rotates, and what it shares with the service.
     *
     * @param generated the secrets beside the operator's
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
        // Secrets Manager of this account only, as its user guide has it.
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
     * Has the first rotation come after whatever else there is of the service. The key that it makes is none that
     * CloudFormation knows of, and would keep IAM from deleting the user if anything failed later.
     */
    void beginAfter(List<IConstruct> parts) {
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
                // Not AutomaticallyAfterDays: it counts from whenever a value was last put, by hand or by a rotation.
                .rotationRules(RotationRulesProperty.builder()
                        .scheduleExpression("rate(" + every.toDays() + " days)")
                        .build())
                .build();
    }

    private Role role(RotationProps parts) {
        Role role = Role.Builder.create(this, "Role")
                .description("Rotates the spot service's secrets and the operator's access key. No right on EC2.")
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
