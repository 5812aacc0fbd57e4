package io.github.spotspec.local;

import io.github.spotspec.local.account.AccountState;
import io.github.spotspec.local.cloudformation.ResourceTypes;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Fleets;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.events.Events;
import io.github.spotspec.local.events.Experiments;
import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.FunctionUrl;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.market.Capacity;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.service.Endpoint;
import io.github.spotspec.local.service.Faults;
import io.github.spotspec.local.service.Services;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Monitoring;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.state.Topics;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * An AWS account on loopback, bootstrapped for the CDK, with an administrator and a caller who has no permissions yet.
 * It answers over HTTP and over TLS. As on AWS, {@code aws:SecureTransport} says which of the two a request used.
 * Thread-safe.
 */
public final class LocalCloud implements AutoCloseable {
    /** The account's id, which AWS reserves for examples. */
    public static final String ACCOUNT = "111122223333";

    /** The bootstrap version that the CDK checks. Versions from 21 on are current. */
    private static final String BOOTSTRAP_VERSION = "28";

    private static final Object ANYTHING = Map.of(
            "Version", "2012-10-17", "Statement", List.of(Map.of("Effect", "Allow", "Action", "*", "Resource", "*")));

    private final AccountState state;
    private final Faults faults = new Faults();
    private final Stacks stacks;
    private final Server http;
    private final Server https;
    private final Tls tls;
    private final ResourceTypes types;
    private final Identities.AccessKey admin;
    private final Identities.AccessKey caller;

    /**
     * Starts a cloud.
     *
     * @param folder the folder for its certificate and the functions' code
     * @param seed the seed of the spot market
     */
    public static LocalCloud start(Path folder, long seed) throws IOException {
        return new LocalCloud(Files.createDirectories(folder), seed);
    }

    private LocalCloud(Path folder, long seed) throws IOException {
        InstantSource clock = InstantSource.system();
        Identities identities = new Identities(ACCOUNT, clock);
        bootstrap(identities);
        admin = user(identities, "admin");
        identities.putUserPolicy("admin", "everything", PolicyDocument.parse(ANYTHING));
        caller = user(identities, "caller");

        tls = Tls.in(folder);
        // The servers start first, because the host passes the endpoint to functions. The endpoint itself is needed
        // only from the first request on.
        Endpoint[] endpoint = new Endpoint[1];
        http = Server.start(null, request -> endpoint[0].answer(request));
        https = Server.start(tls.context(), request -> endpoint[0].answer(request));
        state = state(identities, clock, folder, seed);
        types = new ResourceTypes(
                state,
                (arn, qualifier, authType) -> new FunctionUrl(
                        state.functions(), state.host(), state.authorizer(), clock, arn, qualifier, authType));
        stacks = new Stacks(ACCOUNT, clock, types.all(), state.parameters()::get);
        endpoint[0] = new Endpoint(state.authorizer(), clock, faults, Services.all(state, stacks, faults));
    }

    private AccountState state(Identities identities, InstantSource clock, Path folder, long seed) {
        Authorizer authorizer = new Authorizer(identities, clock, new AuditTrail());
        Logs logs = new Logs();
        Functions functions = new Functions();
        LambdaHost host = new LambdaHost(identities, logs, folder, https.url(), tls.store());
        Secrets secrets = new Secrets();
        Images images = new Images(Geography.regions());
        Parameters parameters = new Parameters(images);
        parameters.put("/cdk-bootstrap/hnb659fds/version", BOOTSTRAP_VERSION);
        Events events = new Events(authorizer, functions, host, clock);
        Ec2State ec2 = ec2(images, clock, seed);
        return new AccountState(
                clock,
                authorizer,
                secrets,
                logs,
                new S3Objects(),
                parameters,
                new Topics(),
                new Monitoring(),
                functions,
                host,
                events,
                new Rotations(secrets, functions, host::invoke, ACCOUNT),
                new Experiments(authorizer, ec2.instances(), events, clock),
                ec2);
    }

    private Ec2State ec2(Images images, InstantSource clock, long seed) {
        return new Ec2State(
                new SpotMarket(seed),
                images,
                new Network(Geography.regions(), ACCOUNT),
                new InstanceStore(new Capacity(seed), clock, random(seed), faults::visibility),
                new LaunchTemplates(clock, random(seed + 1), faults::visibility),
                new Fleets(random(seed + 2)));
    }

    /** Returns a generator for one owner, because generators are not thread-safe. */
    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** Returns the HTTP endpoint. */
    public String url() {
        return http.url();
    }

    /** Returns the TLS endpoint. */
    public String secureUrl() {
        return https.url();
    }

    /** Returns the certificate of the TLS endpoint. */
    public Tls tls() {
        return tls;
    }

    /** Returns the access key of a user with all permissions. */
    public Identities.AccessKey admin() {
        return admin;
    }

    /** Returns the access key of a user who has only the permissions that others grant. */
    public Identities.AccessKey caller() {
        return caller;
    }

    /** Returns the state of the account. */
    public AccountState state() {
        return state;
    }

    /** Returns the stacks. */
    public Stacks stacks() {
        return stacks;
    }

    /** Returns the faults that can be switched on. */
    public Faults faults() {
        return faults;
    }

    /** Publishes an interruption notice for an instance, or a rebalance recommendation if {@code warning} is false. */
    public void notice(Instance instance, boolean warning) {
        state.events()
                .ec2(
                        instance.launchSpecification().region(),
                        warning ? "EC2 Spot Instance Interruption Warning" : "EC2 Instance Rebalance Recommendation",
                        instance.id(),
                        warning ? instance.launchSpecification().market().interruption() : null);
    }

    /**
     * Interrupts an instance. EC2 does so two minutes after the interruption notice, or at once if it hibernates the
     * instance.
     */
    public void reclaim(Instance instance) {
        if (instance.launchSpecification().market().interruption().equals("terminate")) {
            state.instanceStore().interrupt(instance);
        } else {
            state.instanceStore().stop(instance);
        }
    }

    /** Ends every function and closes every port. */
    @Override
    public void close() {
        types.close();
        state.host().close();
        http.close();
        https.close();
    }

    private static Identities.AccessKey user(Identities identities, String name) {
        identities.createUser(name);
        return identities.createAccessKey(name);
    }

    /** Creates what {@code cdk bootstrap} creates: the roles that the CLI assumes. Here they have all permissions. */
    private static void bootstrap(Identities identities) {
        PolicyDocument trust = PolicyDocument.trusting("AWS", "arn:aws:iam::" + ACCOUNT + ":root");
        for (String region : Geography.regions()) {
            for (String role : List.of("deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec")) {
                String name = "cdk-hnb659fds-" + role + "-role-" + ACCOUNT + "-" + region;
                identities.createRole(name, trust);
                identities.putRolePolicy(name, "everything", PolicyDocument.parse(ANYTHING));
            }
        }
    }
}
