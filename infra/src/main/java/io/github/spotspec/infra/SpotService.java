package io.github.spotspec.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccessKey;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.FunctionUrl;
import software.amazon.awscdk.services.lambda.FunctionUrlAuthType;
import software.amazon.awscdk.services.lambda.FunctionUrlOptions;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * A secured EC2 Spot service behind one URL.
 *
 * <p>It makes an IAM user, the operator, with a policy that allows what the service does and nothing else; puts the
 * operator's access key into a secret; and makes a function that alone may read it, with a URL that only principals
 * given {@link #grantInvoke} can call, or by choice whoever bears a token ({@link UrlAuth}). The function's own role has no right on EC2. A second function, the keeper, ends
 * what is past its lease.
 *
 * <pre>{@code
 * SpotService spot = new SpotService(this, "Spot", SpotServiceProps.builder().regions("us-west-2").build());
 * spot.grantInvoke(role);
 * }</pre>
 *
 * <p>Not thread-safe, as no construct is.
 */
public final class SpotService extends Construct {
    private final String serviceName;
    private final List<String> regions;
    private final User operator;
    private final ManagedPolicy policy;
    private final Secret secret;
    private final @Nullable Secret sessionSecret;
    private final @Nullable Secret signingSecret;
    private final ILogGroup logGroup;
    private final Function function;
    private final Alias alias;
    private final FunctionUrl functionUrl;
    private final @Nullable Keeper keeper;
    private final @Nullable Minter minter;

    /** Makes a service with every default. */
    public SpotService(Construct scope, String id) {
        this(scope, id, SpotServiceProps.builder().build());
    }

    /** Makes a service. */
    public SpotService(Construct scope, String id, SpotServiceProps props) {
        super(scope, id);
        Stack stack = Stack.of(this);
        regions = props.regions == null ? List.of(stack.getRegion()) : props.regions;
        serviceName = stack.getStackName() + "/" + pathInStack() + "@" + stack.getRegion();
        SpotPolicy statements = new SpotPolicy(stack, serviceName, regions, props);

        operator = User.Builder.create(this, "Operator").build();
        // Several policies, since all together would be longer than IAM allows.
        policy = operatorPolicy("OperatorPolicy", "What the spot service may read.", statements.reading());
        if (!statements.launching().isEmpty()) {
            operatorPolicy("OperatorLaunchPolicy", "What the spot service may launch.", statements.launching());
        }
        if (!statements.acting().isEmpty()) {
            operatorPolicy("OperatorActsPolicy", "What the spot service may do to its own.", statements.acting());
        }
        AccessKey key =
                AccessKey.Builder.create(this, "OperatorKey").user(operator).build();
        secret = secret(key, props);
        sessionSecret = props.mfaTasks.isEmpty() ? null : sessionSecret(props);
        Duration longestLife = props.urlAuth.longestLife();
        signingSecret = longestLife == null ? null : signingSecret(props);
        logGroup = props.logGroup == null ? logGroup(props) : props.logGroup;
        Code code = FunctionCode.of(this, props.userData);
        function = function(code, props);
        // SnapStart needs a published version; the alias below points at one.
        Annotations.of(function).acknowledgeWarning("@aws-cdk/aws-lambda:snapStartRequirePublish");
        alias = function.addAlias("live");
        functionUrl = alias.addFunctionUrl(FunctionUrlOptions.builder()
                .authType(longestLife == null ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE)
                .build());
        minter = longestLife == null || signingSecret == null ? null : minter(signingSecret, longestLife, code, props);
        keeper = props.tasks.contains(SpotTask.LAUNCH)
                ? new Keeper(this, "Keeper", new Keeper.Parts(serviceName, regions, statements, code, logGroup, props))
                : null;
    }

    /**
     * Lets a principal call the URL, and the function in no other way.
     *
     * @param grantee a role, a user, or any other principal
     * @throws IllegalStateException if the URL takes tokens, so that the right would mean nothing
     */
    public Grant grantInvoke(IGrantable grantee) {
        if (minter != null) {
            throw new IllegalStateException(
                    "'grantInvoke' means nothing with 'urlAuth' token, where nobody signs requests;"
                            + " let the principal make tokens, with 'grantMint'");
        }
        return functionUrl.grantInvokeUrl(grantee);
    }

    /**
     * Lets a principal make tokens for the URL, and revoke them: by invoking the minter.
     *
     * @param grantee a role, a user, or any other principal
     * @throws IllegalStateException if the URL takes no tokens
     */
    public Grant grantMint(IGrantable grantee) {
        if (minter == null) {
            throw new IllegalStateException(
                    "'grantMint' needs 'urlAuth' token; the URL takes signed requests, so let the"
                            + " principal call it, with 'grantInvoke'");
        }
        return minter.function().grantInvokeLatestVersion(grantee);
    }

    /** Returns the service's URL. */
    public String getUrl() {
        return functionUrl.getUrl();
    }

    /** Returns the Function URL, which is on the alias. */
    public FunctionUrl getFunctionUrl() {
        return functionUrl;
    }

    /**
     * Returns the name that the service's instances, volumes and spot requests carry in their tag {@code spotspec:service}:
     * the stack's name, the construct's path in it, and the home region.
     */
    public String getServiceName() {
        return serviceName;
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

    /**
     * Returns the serial number of the operator's MFA device, as the function knows it from the secret: the one that a
     * virtual device with the operator's own name gets. The stack does not make the device: CloudFormation would show its seed
     * to whoever may read the stack. It is enrolled by
     *
     * <pre>{@code
     * aws iam create-virtual-mfa-device --virtual-mfa-device-name USER --bootstrap-method QRCodePNG --outfile mfa.png
     * aws iam enable-mfa-device --user-name USER --serial-number SERIAL --authentication-code1 … --authentication-code2 …
     * }</pre>
     *
     * <p>A user with a device cannot be deleted: before the stack goes, {@code aws iam deactivate-mfa-device} and {@code aws
     * iam delete-virtual-mfa-device}.
     */
    public String getMfaSerialNumber() {
        return Stack.of(this)
                .formatArn(ArnComponents.builder()
                        .service("iam")
                        .region("")
                        .resource("mfa")
                        .resourceName(operator.getUserName())
                        .build());
    }

    /** Returns the operator's policy on what it reads. */
    public ManagedPolicy getPolicy() {
        return policy;
    }

    /** Returns where the functions write their log. */
    public ILogGroup getLogGroup() {
        return logGroup;
    }

    /** Returns the keeper's function; there is none in a deployment that launches nothing. */
    public Optional<Function> getKeeper() {
        return Optional.ofNullable(keeper).map(Keeper::function);
    }

    /** Returns the minter's function; there is none unless the URL takes tokens. */
    public Optional<Function> getMinter() {
        return Optional.ofNullable(minter).map(Minter::function);
    }

    /** Returns the topic that interruptions are published to; there is none in a deployment that launches nothing. */
    public Optional<ITopic> getTopic() {
        return Optional.ofNullable(keeper).map(Keeper::topic);
    }

    private String pathInStack() {
        String stackPath = Stack.of(this).getNode().getPath();
        String path = getNode().getPath();
        return stackPath.isEmpty() ? path : path.substring(stackPath.length() + 1);
    }

    private ManagedPolicy operatorPolicy(String id, String description, List<PolicyStatement> statements) {
        ManagedPolicy made = ManagedPolicy.Builder.create(this, id)
                .description(description)
                .users(List.of(operator))
                .statements(statements)
                .build();
        NagReasons.anyResource(
                made,
                "The ids of what is launched are not known beforehand, and reading knows no resources: region, tags and"
                        + " what the deployment limits are conditions instead.");
        return made;
    }

    private Secret secret(AccessKey key, SpotServiceProps props) {
        Map<String, SecretValue> value = new LinkedHashMap<>();
        // An access key's id is not secret by itself; CloudFormation fills in both, and the template holds neither.
        value.put("accessKeyId", SecretValue.unsafePlainText(key.getAccessKeyId()));
        value.put("secretAccessKey", key.getSecretAccessKey());
        // There even if no task needs MFA yet: were it added later, CloudFormation would write the whole secret anew.
        value.put("serialNumber", SecretValue.unsafePlainText(getMfaSerialNumber()));
        Secret made = Secret.Builder.create(this, "OperatorSecret")
                .description("The access key of the spot service's operator, and its MFA device's serial number.")
                .secretObjectValue(value)
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        NagReasons.noRotation(
                made,
                "It holds an access key, which Secrets Manager cannot rotate by itself. A key that is put into it is used"
                        + " without a redeploy.");
        return made;
    }

    /** A secret of its own: a session that only the operator's key could open would give that key MFA. */
    private Secret sessionSecret(SpotServiceProps props) {
        return generated(
                "SessionSecret",
                "What the spot service seals MFA sessions with.",
                "Sessions end within 36 hours. A value that is put into it is used without a redeploy, and opens what was"
                        + " sealed with the one before.",
                props);
    }

    private Secret signingSecret(SpotServiceProps props) {
        return generated(
                "SigningSecret",
                "What the spot service signs tokens with.",
                "Tokens end within seven days. A value that is put into it is used without a redeploy, and tokens of the one"
                        + " before stay good until they expire.",
                props);
    }

    private Secret generated(String id, String description, String whyNoRotation, SpotServiceProps props) {
        Secret made = Secret.Builder.create(this, id)
                .description(description)
                .generateSecretString(SecretStringGenerator.builder()
                        .passwordLength(64)
                        .excludePunctuation(true)
                        .build())
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        NagReasons.noRotation(made, whyNoRotation);
        return made;
    }

    private Minter minter(Secret signedWith, Duration longestLife, Code code, SpotServiceProps props) {
        String settings = FunctionSettings.minter(
                Stack.of(this), serviceName, regions, signedWith.getSecretArn(), getUrl(), longestLife, props);
        return new Minter(this, "Minter", new Minter.Parts(settings, signedWith, code, logGroup, props));
    }

    private ILogGroup logGroup(SpotServiceProps props) {
        if (props.encryptionKey != null) {
            Keys.letLogsUse(this, props.encryptionKey);
        }
        return LogGroup.Builder.create(this, "Log")
                .retention(props.logRetention)
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.logRemovalPolicy)
                .build();
    }

    private Function function(Code code, SpotServiceProps props) {
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
                .resources(Stream.of(secret, sessionSecret, signingSecret)
                        .filter(Objects::nonNull)
                        .map(Secret::getSecretArn)
                        .toList())
                .build());
        IKey key = props.encryptionKey;
        if (key != null) {
            role.addToPolicy(Keys.use(this, key, "secretsmanager", List.of("kms:Decrypt")));
        }
        return Function.Builder.create(this, "Function")
                .description("The spot service behind the URL.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.architecture)
                .handler("io.github.spotspec.function.SpotHandler")
                .code(code)
                .memorySize(props.memorySize.toMebibytes())
                .timeout(props.timeout)
                .reservedConcurrentExecutions(props.reservedConcurrency)
                .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
                .environment(Map.of(
                        FunctionSettings.VARIABLE,
                        FunctionSettings.service(
                                Stack.of(this),
                                serviceName,
                                regions,
                                secret.getSecretArn(),
                                sessionSecret == null ? null : sessionSecret.getSecretArn(),
                                signingSecret == null ? null : signingSecret.getSecretArn(),
                                props)))
                .environmentEncryption(key)
                .logGroup(logGroup)
                .role(role)
                .build();
    }
}
