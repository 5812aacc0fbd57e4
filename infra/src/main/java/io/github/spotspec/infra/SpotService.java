package io.github.spotspec.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccessKey;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.IPrincipal;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.ViaServicePrincipal;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.FunctionUrl;
import software.amazon.awscdk.services.lambda.FunctionUrlAuthType;
import software.amazon.awscdk.services.lambda.FunctionUrlOptions;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * A secured EC2 Spot service behind one URL.
 *
 * <p>It makes an IAM user, the operator, with a policy that allows what the service does and nothing else; puts the
 * operator's access key into a secret; and makes a function that alone may read it, with a URL that only principals
 * given {@link #grantInvoke} can call. The function's own role has no right on EC2.
 *
 * <pre>{@code
 * SpotService spot = new SpotService(this, "Spot", SpotServiceProps.builder().regions("us-west-2").build());
 * spot.grantInvoke(role);
 * }</pre>
 *
 * <p>Not thread-safe, as no construct is.
 */
public final class SpotService extends Construct {
    private final User operator;
    private final ManagedPolicy policy;
    private final Secret secret;
    private final ILogGroup logGroup;
    private final Function function;
    private final Alias alias;
    private final FunctionUrl functionUrl;

    /** Makes a service with every default. */
    public SpotService(Construct scope, String id) {
        this(scope, id, SpotServiceProps.builder().build());
    }

    /** Makes a service. */
    public SpotService(Construct scope, String id, SpotServiceProps props) {
        super(scope, id);
        List<String> regions =
                props.getRegions() == null ? List.of(Stack.of(this).getRegion()) : props.getRegions();

        operator = User.Builder.create(this, "Operator").build();
        policy = ManagedPolicy.Builder.create(this, "OperatorPolicy")
                .description("What the spot service behind the URL may do.")
                .users(List.of(operator))
                .statements(SpotPolicy.statements(regions))
                .build();
        AccessKey key =
                AccessKey.Builder.create(this, "OperatorKey").user(operator).build();
        secret = secret(key, props);
        logGroup = props.getLogGroup() == null ? logGroup(props) : props.getLogGroup();
        function = function(regions, props);
        // SnapStart needs a published version; the alias below points at one.
        Annotations.of(function).acknowledgeWarning("@aws-cdk/aws-lambda:snapStartRequirePublish");
        alias = function.addAlias("live");
        functionUrl = alias.addFunctionUrl(FunctionUrlOptions.builder()
                .authType(FunctionUrlAuthType.AWS_IAM)
                .build());
    }

    /**
     * Lets a principal call the URL, and the function in no other way.
     *
     * @param grantee a role, a user, or any other principal
     */
    public Grant grantInvoke(IGrantable grantee) {
        return functionUrl.grantInvokeUrl(grantee);
    }

    /** Returns the service's URL. */
    public String getUrl() {
        return functionUrl.getUrl();
    }

    /** Returns the Function URL, which is on the alias. */
    public FunctionUrl getFunctionUrl() {
        return functionUrl;
    }

    /** Returns the function. */
    public Function getFunction() {
        return function;
    }

    /** Returns the alias {@code live}, which callers reach through the URL. */
    public Alias getAlias() {
        return alias;
    }

    /** Returns the secret with the operator's access key. */
    public Secret getSecret() {
        return secret;
    }

    /** Returns the IAM user that acts on EC2. */
    public User getOperator() {
        return operator;
    }

    /** Returns the operator's policy. */
    public ManagedPolicy getPolicy() {
        return policy;
    }

    /** Returns where the function writes its log. */
    public ILogGroup getLogGroup() {
        return logGroup;
    }

    private Secret secret(AccessKey key, SpotServiceProps props) {
        Map<String, SecretValue> value = new LinkedHashMap<>();
        // An access key's id is not secret by itself; CloudFormation fills in both, and the template holds neither.
        value.put("accessKeyId", SecretValue.unsafePlainText(key.getAccessKeyId()));
        value.put("secretAccessKey", key.getSecretAccessKey());
        return Secret.Builder.create(this, "OperatorSecret")
                .description("The access key of the spot service's operator.")
                .secretObjectValue(value)
                .encryptionKey(props.getEncryptionKey())
                .removalPolicy(props.getSecretRemovalPolicy())
                .build();
    }

    private ILogGroup logGroup(SpotServiceProps props) {
        if (props.getEncryptionKey() != null) {
            letLogsUse(props.getEncryptionKey());
        }
        return LogGroup.Builder.create(this, "Log")
                .retention(props.getLogRetention())
                .encryptionKey(props.getEncryptionKey())
                .removalPolicy(props.getLogRemovalPolicy())
                .build();
    }

    private Function function(List<String> regions, SpotServiceProps props) {
        // Without a role of its own, the function would get one that may write to every log group of the account.
        Role role = Role.Builder.create(this, "FunctionRole")
                .description("Reads the operator's secret and writes the log of the spot service. No right on EC2.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        logGroup.grantWrite(role);
        role.addToPolicy(PolicyStatement.Builder.create()
                .sid("ReadSecret")
                .effect(Effect.ALLOW)
                .actions(List.of("secretsmanager:GetSecretValue"))
                .resources(List.of(secret.getSecretArn()))
                .build());
        IKey key = props.getEncryptionKey();
        if (key != null) {
            key.grantDecrypt(viaSecretsManager(role));
        }
        return Function.Builder.create(this, "Function")
                .description("The spot service behind the URL.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.getArchitecture())
                .handler("io.github.spotspec.function.SpotHandler")
                .code(FunctionCode.of(this))
                .memorySize(props.getMemorySize().toMebibytes())
                .timeout(props.getTimeout())
                .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
                .environment(Map.of(
                        FunctionSettings.VARIABLE,
                        FunctionSettings.json(Stack.of(this), regions, secret.getSecretArn())))
                .environmentEncryption(key)
                .logGroup(logGroup)
                .role(role)
                .build();
    }

    /**
     * CloudWatch Logs refuses a key that its policy does not let it use (CloudWatch Logs user guide, "Encrypt log data").
     * The statement names no log group, since the log group names the key.
     */
    private void letLogsUse(IKey key) {
        Stack stack = Stack.of(this);
        String logs = stack.formatArn(ArnComponents.builder()
                .service("logs")
                .resource("log-group")
                .resourceName("*")
                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                .build());
        key.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("LogsOfThisAccount")
                .principals(List.of(new ServicePrincipal("logs." + stack.getRegion() + ".amazonaws.com")))
                .actions(List.of(
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:GenerateDataKey",
                        "kms:ReEncryptFrom",
                        "kms:ReEncryptTo",
                        "kms:DescribeKey"))
                .resources(List.of("*"))
                .conditions(Map.of("ArnLike", Map.of("kms:EncryptionContext:aws:logs:arn", logs)))
                .build());
    }

    private IPrincipal viaSecretsManager(Role role) {
        return new ViaServicePrincipal("secretsmanager." + Stack.of(this).getRegion() + ".amazonaws.com", role);
    }
}
