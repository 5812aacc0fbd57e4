package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.IKeyPair;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.Tracing;
import software.amazon.awscdk.services.lambda.VersionOptions;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/** The function behind the URL, and the log group that all functions of the service share. */
final class ServiceFunction {
    /**
     * Limits the JVM to the C1 compiler. With SnapStart, Lambda's Java 25 also runs C2, for computationally intensive
     * functions (Lambda developer guide, "Customize Java runtime startup behavior"). This one mostly waits for EC2, and
     * C2 took two fifths of the CPU of a first answer (docs/performance.md).
     */
    private static final Map<String, String> COMPILER = Map.of("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");

    private ServiceFunction() {}

    /** The values that the function shares with the service. */
    record ServiceFunctionProps(
            String service,
            List<String> regions,
            Operator operator,
            GeneratedSecrets generated,
            Code code,
            Role role,
            ILogGroup logGroup,
            SpotServiceProps props) {}

    static Function of(Construct scope, ServiceFunctionProps parts) {
        SpotServiceProps props = parts.props();
        Stack stack = Stack.of(scope);
        ISecret secret = parts.operator().secret();
        String settings = FunctionSettings.service(
                stack,
                parts.service(),
                parts.regions(),
                secret == null ? null : secret.getSecretArn(),
                GeneratedSecrets.arn(parts.generated().session()),
                GeneratedSecrets.arn(parts.generated().signing()),
                GeneratedSecrets.arn(parts.generated().revocations()),
                props);
        Map<String, String> environment = new TreeMap<>(COMPILER);
        environment.put(FunctionSettings.VARIABLE, settings);
        Function function = Function.Builder.create(scope, "Function")
                .description("Serves the spot service's URL.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.architecture)
                .handler("io.github.spotspec.function.SpotHandler")
                .code(parts.code())
                .memorySize(props.memorySize.toMebibytes())
                .timeout(props.timeout)
                .reservedConcurrentExecutions(props.reservedConcurrency)
                .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
                .environment(environment)
                .environmentEncryption(props.encryptionKey)
                .logGroup(parts.logGroup())
                .role(parts.role())
                .tracing(props.tracing ? Tracing.ACTIVE : null)
                .currentVersionOptions(VersionOptions.builder()
                        .description(versionDescription(stack, parts))
                        .build())
                .build();
        QuotaValidation.of(function, environment);
        if (props.tracing) {
            NagSuppressions.anyResource(
                    parts.role(), "X-Ray has no resources to which the permission to write traces could be limited.");
        }
        return function;
    }

    /** Returns the log group of the props, or creates one. */
    static ILogGroup logGroup(Construct scope, SpotServiceProps props) {
        if (props.logGroup != null) {
            return props.logGroup;
        }
        if (props.encryptionKey != null) {
            KmsGrants.grantLogs(scope, props.encryptionKey);
        }
        return LogGroup.Builder.create(scope, "Log")
                .retention(props.logRetention)
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.logRemovalPolicy)
                .build();
    }

    /**
     * Only this function needs a description. The other functions run their latest version, which always has the latest
     * values.
     */
    private static @Nullable String versionDescription(Stack stack, ServiceFunctionProps parts) {
        SpotServiceProps props = parts.props();
        VersionDescription description = new VersionDescription(stack);
        description.add("regions", parts.regions(), "us-west-2".length());
        description.addIds("images", props.images, "ami-");
        description.addIds(
                "defaultImage", props.defaultImage == null ? List.of() : List.of(props.defaultImage), "ami-");
        description.add("imageOwners", props.imageOwners, "111122223333".length());
        description.addIds(
                "subnets", props.subnets.stream().map(ISubnet::getSubnetId).toList(), "subnet-");
        description.addIds(
                "securityGroups",
                props.securityGroups.stream()
                        .map(ISecurityGroup::getSecurityGroupId)
                        .toList(),
                "sg-");
        description.add(
                "keyPairs",
                props.keyPairs.stream().map(IKeyPair::getKeyPairName).toList(),
                20);
        description.addArn(
                "instanceProfile",
                props.instanceProfile == null ? null : props.instanceProfile.getInstanceProfileArn(),
                VersionDescription.RESOURCE,
                "instance-profile/",
                50);
        ISecret existing = props.credentials.existing();
        description.addArn(
                "credentials",
                existing == null ? null : existing.getSecretArn(),
                VersionDescription.SECRET_NAME,
                "",
                50);
        description.addArn(
                "encryptionKey",
                props.encryptionKey == null ? null : props.encryptionKey.getKeyArn(),
                VersionDescription.RESOURCE,
                "key/",
                36);
        description.add("logGroup", props.logGroup == null ? List.of() : List.of(props.logGroup.getLogGroupName()), 50);
        description.addGeneratedSecrets(Stream.concat(
                        parts.operator().secret() instanceof Secret own ? Stream.of(own) : Stream.empty(),
                        parts.generated().all().stream())
                .toList());
        return description.text();
    }
}
