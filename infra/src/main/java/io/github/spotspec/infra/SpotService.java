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
 * An EC2 Spot service behind one URL, with least-privilege permissions.
 *
 * <p>Creates an IAM user, the operator, whose policy allows only what the service does, and stores the operator's
 * access key in a secret. Creates a function that alone may read the secret. Only principals with {@link #grantInvoke}
 * can call the function's URL, or callers with a token if you choose that ({@link UrlAuth}). The function's own role
 * has no permissions on EC2. A second function, the keeper, terminates instances that are past their lease.
 * {@link SpotCredentials} offers other operators.
 *
 * <pre>{@code
 * SpotService spot = new SpotService(this, "Spot", SpotServiceProps.builder().regions("us-west-2").build());
 * spot.grantInvoke(role);
 * }</pre>
 *
 * <p>Not thread-safe, like every construct.
 */
public final class SpotService extends Construct implements ISpotService {
    private final String serviceName;
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

    /** Creates a service with the default of every prop. */
    public SpotService(Construct scope, String id) {
        this(scope, id, SpotServiceProps.builder().build());
    }

    /**
     * Creates a service.
     *
     * @throws IllegalArgumentException if the stack's region is known and belongs to a partition other than
     *     {@code aws}, or if the props hold more values known only at deployment than Lambda can tell apart
     */
    public SpotService(Construct scope, String id, SpotServiceProps props) {
        super(CdkVersion.checked(scope), id);
        serviceName = ServiceName.of(this);
        Validate.argumentNotNull("props", props);
        Stack stack = Stack.of(this);
        RegionNames.checkHome(stack.getRegion());
        FunctionUrlRegions.check(this);
        regions = props.regions == null ? List.of(stack.getRegion()) : props.regions;
        RegionNames.warnOfUnknown(this, regions);
        SpotPolicy statements = new SpotPolicy(stack, serviceName, regions, props);

        logGroup = ServiceFunction.logGroup(this, props);
        Role role = createRole(props.credentials);
        operator = new Operator(this, statements, role, props);
        generated = new GeneratedSecrets(this, props);
        grantRead(role, props.encryptionKey);
        Code code = FunctionCode.of(this, props.userData);
        function = ServiceFunction.of(
                this,
                new ServiceFunction.ServiceFunctionProps(
                        serviceName, regions, operator, generated, code, role, logGroup, props));
        // SnapStart needs a published version. The alias below points at one.
        Annotations.of(function).acknowledgeWarning("@aws-cdk/aws-lambda:snapStartRequirePublish");
        alias = function.addAlias("live");
        functionUrl = alias.addFunctionUrl(FunctionUrlOptions.builder()
                .authType(generated.signing() == null ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE)
                .build());
        // Lambda makes a function inactive if nobody calls it for 14 days. Calls then fail with SnapStartNotReady until
        // Lambda restores the function. Recycling an environment occasionally has the same effect, and no schedule
        // prevents that (Lambda developer guide, "Troubleshooting SnapStart errors").
        Rule.Builder.create(this, "StayActive")
                .description("Calls the function every week, so that Lambda keeps its snapshot.")
                .schedule(Schedule.rate(Duration.days(7)))
                .targets(List.of(new LambdaFunction(alias)))
                .build();
        minter = createMinter(code, props);
        if (props.parameterName != null) {
            ServiceParameter.create(this, props.parameterName, this);
        }
        rotation = createRotation(code, props);
        keeper = props.tasks.contains(SpotTask.LAUNCH)
                ? new Keeper(
                        this, "Keeper", new Keeper.KeeperProps(serviceName, regions, statements, code, logGroup, props))
                : null;
        Function keeperFunction = getKeeper().orElse(null);
        new SavedQueries(this, "Queries", serviceName, logGroup, keeperFunction != null);
        dashboard = props.dashboard
                ? ServiceDashboard.of(this, function, keeperFunction, !props.watchedTypes.isEmpty())
                : null;
        if (props.alarmTopic != null) {
            new ServiceAlarms(
                    this,
                    "Alarms",
                    new ServiceAlarms.ServiceAlarmsProps(
                            this, function, keeperFunction, getRotation().orElse(null), props.keeperSchedule),
                    props.alarmTopic);
        }
        if (rotation != null) {
            rotation.startAfter(getNode().getChildren());
        }
    }

    /**
     * Imports a service that another stack or app deploys. Its stack may be in another region or account.
     *
     * @throws IllegalStateException if the app's {@code aws-cdk-lib} is older than the version that this library is
     *     built with
     */
    public static ISpotService fromSpotServiceAttributes(Construct scope, String id, SpotServiceAttributes attributes) {
        return ImportedService.of(CdkVersion.checked(scope), id, Validate.argumentNotNull("attributes", attributes));
    }

    /**
     * Imports a service of the same account and region that was deployed with
     * {@link SpotServiceProps.Builder#parameterName}. CloudFormation reads the parameter at each deployment of the
     * importing stack, which fails if the parameter does not exist. The service's values are therefore tokens.
     *
     * @param parameterName the name of the parameter, known at synthesis
     * @throws IllegalArgumentException if it is not the name of a parameter
     * @throws IllegalStateException if the app's {@code aws-cdk-lib} is older than the version that this library is
     *     built with
     */
    public static ISpotService fromParameterName(Construct scope, String id, String parameterName) {
        return ImportedService.ofParameter(
                CdkVersion.checked(scope), id, ServiceParameter.checkName("parameterName", parameterName));
    }

    @Override
    public Grant grantInvoke(IGrantable grantee) {
        if (minter != null) {
            throw GrantErrors.invokeWithTokens();
        }
        return functionUrl.grantInvokeUrl(Validate.argumentNotNull("grantee", grantee));
    }

    @Override
    public Grant grantMint(IGrantable grantee) {
        if (minter == null) {
            throw GrantErrors.mintWithoutTokens();
        }
        return minter.function().grantInvokeLatestVersion(Validate.argumentNotNull("grantee", grantee));
    }

    @Override
    public String getUrl() {
        return functionUrl.getUrl();
    }

    @Override
    public String getServiceName() {
        return serviceName;
    }

    @Override
    public String getHomeRegion() {
        return Stack.of(this).getRegion();
    }

    @Override
    public String getHomeAccount() {
        return Stack.of(this).getAccount();
    }

    /** Returns the Function URL, which belongs to the alias. */
    public FunctionUrl getFunctionUrl() {
        return functionUrl;
    }

    /**
     * Returns the function behind the URL. To add an option to its environment variable {@code JAVA_TOOL_OPTIONS},
     * repeat {@code -XX:TieredStopAtLevel=1}, because a new value replaces the whole variable.
     */
    public Function getFunction() {
        return function;
    }

    /** Returns the alias {@code live}, which callers reach through the URL. */
    public Alias getAlias() {
        return alias;
    }

    /** Returns the secret with the operator's access key. Empty if the function's role is the operator. */
    public Optional<ISecret> getSecret() {
        return Optional.ofNullable(operator.secret());
    }

    /** Returns the IAM user that calls EC2. Empty unless the stack creates this user. */
    public Optional<User> getOperator() {
        return Optional.ofNullable(operator.user());
    }

    /**
     * Returns the serial number of the operator's MFA device, which the function reads from the secret. It is the
     * serial number that a virtual device gets if its name is the operator's user name. The stack does not create the
     * device, because CloudFormation would show its seed to everyone who may read the stack. To enroll the device, run
     *
     * <pre>{@code
     * aws iam create-virtual-mfa-device --virtual-mfa-device-name USER --bootstrap-method QRCodePNG --outfile mfa.png
     * aws iam enable-mfa-device --user-name USER --serial-number SERIAL \
     *     --authentication-code1 … --authentication-code2 …
     * }</pre>
     *
     * <p>IAM does not delete a user that has a device. Before you delete the stack, run {@code aws iam
     * deactivate-mfa-device} and {@code aws iam delete-virtual-mfa-device}. Empty unless the stack creates the
     * operator.
     */
    public Optional<String> getMfaSerialNumber() {
        return Optional.ofNullable(operator.serialNumber());
    }

    /**
     * Returns the operator's policies. The stack attaches them to the operator, unless an existing secret holds the
     * operator's access key. In that case, attach all of them to the key's owner yourself, and attach no other policy.
     */
    public List<ManagedPolicy> getPolicies() {
        return operator.policies();
    }

    /** Returns the log group that the functions write to. */
    public ILogGroup getLogGroup() {
        return logGroup;
    }

    /** Returns the keeper's function. Empty if the deployment does not have the task {@code launch}. */
    @Beta
    public Optional<Function> getKeeper() {
        return Optional.ofNullable(keeper).map(Keeper::function);
    }

    /** Returns the minter's function. Empty unless the URL takes tokens. */
    public Optional<Function> getMinter() {
        return Optional.ofNullable(minter).map(Minter::function);
    }

    @Override
    public String getMinterName() {
        return getMinter().orElseThrow(GrantErrors::noMinter).getFunctionName();
    }

    /**
     * Returns the function that rotates the operator's access key and the other secrets. Empty unless they are rotated.
     */
    @Beta
    public Optional<Function> getRotation() {
        return Optional.ofNullable(rotation).map(Rotation::function);
    }

    /** Returns the topic for interruptions. Empty if the deployment does not have the task {@code launch}. */
    public Optional<ITopic> getInterruptionTopic() {
        return Optional.ofNullable(keeper).map(Keeper::topic);
    }

    /** Returns the dashboard. Empty if there is none. */
    public Optional<Dashboard> getDashboard() {
        return Optional.ofNullable(dashboard);
    }

    private @Nullable Minter createMinter(Code code, SpotServiceProps props) {
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

    private @Nullable Rotation createRotation(Code code, SpotServiceProps props) {
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

    /** Creates the function's role, because the CDK's default role may write to every log group of the account. */
    private Role createRole(SpotCredentials credentials) {
        Role role = Role.Builder.create(this, "FunctionRole")
                .description(
                        credentials.isFunctionRole()
                                ? "Acts on EC2 for the spot service, and writes its log."
                                : "Reads the operator's secret and writes the log of the spot service. No right on"
                                        + " EC2.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        logGroup.grantWrite(role);
        return role;
    }

    /** Grants the function permission to read its secrets, if it has any. */
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

    /**
     * Returns the ARN to use in a policy. Secrets Manager ends ARNs with a hyphen and six characters, which are unknown
     * if a secret was imported by its name.
     */
    private static String arnForPolicies(ISecret secret) {
        String full = secret.getSecretFullArn();
        return full == null ? secret.getSecretArn() + "-??????" : full;
    }
}
