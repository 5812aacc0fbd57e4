package io.github.spotspec.infra;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
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
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * A secured EC2 Spot service behind one URL.
 *
 * <p>It makes an IAM user, the operator, with a policy that allows what the service does and nothing else; puts the
 * operator's access key into a secret; and makes a function that alone may read it, with a URL that only principals
 * given {@link #grantInvoke} can call, or by choice whoever bears a token ({@link UrlAuth}). The function's own role has no
 * right on EC2. A second function, the keeper, ends what is past its lease. {@link SpotCredentials} has other operators.
 *
 * <pre>{@code
 * SpotService spot = new SpotService(this, "Spot", SpotServiceProps.builder().regions("us-west-2").build());
 * spot.grantInvoke(role);
 * }</pre>
 *
 * <p>Not thread-safe, as no construct is.
 */
public final class SpotService extends ServiceMetrics {
    private final List<String> regions;
    private final Operator operator;
    private final GeneratedSecrets generated;
    private final ILogGroup logGroup;
    private final Function function;
    private final Alias alias;
    private final FunctionUrl functionUrl;
    private final @Nullable Rotation rotation;
    private final @Nullable Keeper keeper;
    private final @Nullable Minter minter;
    private final @Nullable Dashboard dashboard;

    /** Makes a service with every default. */
    public SpotService(Construct scope, String id) {
        this(scope, id, SpotServiceProps.builder().build());
    }

    /**
     * Makes a service.
     *
     * @throws IllegalArgumentException if the stack's region is known, and in another partition than {@code aws}; or if the props
     *     hold more values that only a deployment knows than Lambda can tell apart
     */
    public SpotService(Construct scope, String id, SpotServiceProps props) {
        super(scope, id);
        Validate.given("props", props);
        Stack stack = Stack.of(this);
        Regions.checkHome(stack.getRegion());
        FunctionUrlRegions.check(this);
        regions = props.regions == null ? List.of(stack.getRegion()) : props.regions;
        Regions.warnOfUnknown(this, regions);
        String serviceName = getServiceName();
        SpotPolicy statements = new SpotPolicy(stack, serviceName, regions, props);

        logGroup = ServiceFunction.logGroup(this, props);
        Role role = role(props.credentials);
        operator = new Operator(this, statements, role, props);
        generated = new GeneratedSecrets(this, props);
        grantRead(role, props.encryptionKey);
        Code code = FunctionCode.of(this, props.userData);
        function = ServiceFunction.of(
                this,
                new ServiceFunction.Parts(serviceName, regions, operator, generated, code, role, logGroup, props));
        // SnapStart needs a published version; the alias below points at one.
        Annotations.of(function).acknowledgeWarning("@aws-cdk/aws-lambda:snapStartRequirePublish");
        alias = function.addAlias("live");
        functionUrl = alias.addFunctionUrl(FunctionUrlOptions.builder()
                .authType(generated.signing() == null ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE)
                .build());
        // Lambda makes a function inactive that nobody calls for 14 days, and refuses callers with SnapStartNotReady
        // until it
        // is restored. Recycling an environment has the same effect now and then, and no schedule prevents that (Lambda
        // developer guide, "Troubleshooting SnapStart errors").
        Rule.Builder.create(this, "StayActive")
                .description("Has the service be asked every week, so that Lambda keeps its snapshot.")
                .schedule(Schedule.rate(Duration.days(7)))
                .targets(List.of(new LambdaFunction(alias)))
                .build();
        minter = minter(code, props);
        rotation = rotation(code, props);
        keeper = props.tasks.contains(SpotTask.LAUNCH)
                ? new Keeper(
                        this, "Keeper", new Keeper.KeeperProps(serviceName, regions, statements, code, logGroup, props))
                : null;
        Function keeping = getKeeper().orElse(null);
        new SavedQueries(this, "Queries", serviceName, logGroup, keeping != null);
        dashboard =
                props.dashboard ? ServiceDashboard.of(this, function, keeping, !props.watchedTypes.isEmpty()) : null;
        if (props.alarmTopic != null) {
            new ServiceAlarms(
                    this,
                    "Alarms",
                    new ServiceAlarms.ServiceAlarmsProps(
                            this, function, keeping, getRotation().orElse(null), props.keeperSchedule),
                    props.alarmTopic);
        }
        if (rotation != null) {
            rotation.beginAfter(getNode().getChildren());
        }
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
        return functionUrl.grantInvokeUrl(Validate.given("grantee", grantee));
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
        return minter.function().grantInvokeLatestVersion(Validate.given("grantee", grantee));
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

    /** Returns the secret with the operator's access key; there is none if the function's role is the operator. */
    public Optional<ISecret> getSecret() {
        return Optional.ofNullable(operator.secret());
    }

    /** Returns the IAM user that acts on EC2, if it is the stack's own. */
    public Optional<User> getOperator() {
        return Optional.ofNullable(operator.user());
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
     * iam delete-virtual-mfa-device}. There is none if the operator is not the stack's own.
     */
    public Optional<String> getMfaSerialNumber() {
        return Optional.ofNullable(operator.serialNumber());
    }

    /**
     * Returns the operator's policies. They are attached to the operator, unless it is whomever the key in an existing secret
     * belongs to: then it is for the importer to attach all of them, and it is worth to attach no other.
     */
    public List<ManagedPolicy> getPolicies() {
        return operator.policies();
    }

    /** Returns where the functions write their log. */
    public ILogGroup getLogGroup() {
        return logGroup;
    }

    /** Returns the keeper's function; there is none in a deployment that launches nothing. */
    @Beta
    public Optional<Function> getKeeper() {
        return Optional.ofNullable(keeper).map(Keeper::function);
    }

    /** Returns the minter's function; there is none unless the URL takes tokens. */
    public Optional<Function> getMinter() {
        return Optional.ofNullable(minter).map(Minter::function);
    }

    /** Returns the function that rotates the operator's access key and the other secrets, if they are rotated. */
    @Beta
    public Optional<Function> getRotation() {
        return Optional.ofNullable(rotation).map(Rotation::function);
    }

    /** Returns the topic that interruptions are published to; there is none in a deployment that launches nothing. */
    public Optional<ITopic> getInterruptionTopic() {
        return Optional.ofNullable(keeper).map(Keeper::topic);
    }

    /** Returns the dashboard, if there is one. */
    public Optional<Dashboard> getDashboard() {
        return Optional.ofNullable(dashboard);
    }

    private @Nullable Minter minter(Code code, SpotServiceProps props) {
        Secret signedWith = generated.signing();
        Secret revocations = generated.revocations();
        Duration longestLife = props.urlAuth.longestLife();
        if (signedWith == null || revocations == null || longestLife == null) {
            return null;
        }
        String settings = FunctionSettings.minter(
                Stack.of(this),
                getServiceName(),
                regions,
                signedWith.getSecretArn(),
                revocations.getSecretArn(),
                getUrl(),
                longestLife,
                props);
        return new Minter(
                this, "Minter", new Minter.MinterProps(settings, signedWith, revocations, code, logGroup, props));
    }

    private @Nullable Rotation rotation(Code code, SpotServiceProps props) {
        User user = operator.user();
        ISecret secret = operator.secret();
        return props.rotateKeyEvery == null || user == null || secret == null
                ? null
                : new Rotation(
                        this,
                        "Rotation",
                        new Rotation.RotationProps(
                                getServiceName(),
                                user,
                                secret,
                                generated.keys(),
                                props.rotateKeyEvery,
                                code,
                                logGroup,
                                props));
    }

    /** Without a role of its own, the function would get one that may write to every log group of the account. */
    private Role role(SpotCredentials credentials) {
        Role role = Role.Builder.create(this, "FunctionRole")
                .description(
                        credentials.isFunctionRole()
                                ? "Acts on EC2 for the spot service, and writes its log."
                                : "Reads the operator's secret and writes the log of the spot service. No right on EC2.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        logGroup.grantWrite(role);
        return role;
    }

    /** Lets the function read its secrets, if it has any. */
    private void grantRead(Role role, @Nullable IKey ownKey) {
        ISecret secret = operator.secret();
        List<String> secrets = Stream.concat(Stream.ofNullable(secret), generated.all().stream())
                .map(SpotService::arnForPolicies)
                .toList();
        if (!secrets.isEmpty()) {
            role.addToPolicy(PolicyStatement.Builder.create()
                    .sid("ReadSecret")
                    .effect(Effect.ALLOW)
                    .actions(List.of("secretsmanager:GetSecretValue"))
                    .resources(secrets)
                    .build());
            Stream.of(ownKey, secret == null ? null : secret.getEncryptionKey())
                    .filter(Objects::nonNull)
                    .distinct()
                    .map(key -> KmsGrants.use(this, key, "secretsmanager", List.of("kms:Decrypt")))
                    .forEach(role::addToPolicy);
        }
    }

    /** Secrets Manager ends ARNs with a hyphen and six characters, which whoever knows but a secret's name does not know. */
    private static String arnForPolicies(ISecret secret) {
        String full = secret.getSecretFullArn();
        return full == null ? secret.getSecretArn() + "-??????" : full;
    }
}
