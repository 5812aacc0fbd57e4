package io.github.spotspec.local;

import io.github.spotspec.local.cloudformation.ResourceTypes;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.iam.Access;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Policies;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.lambda.FunctionUrl;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.service.Calls;
import io.github.spotspec.local.service.Endpoint;
import io.github.spotspec.local.service.Services;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Objects;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An AWS account on loopback, bootstrapped for the CDK, with an administrator and a caller who may do nothing yet. It
 * answers over HTTP and over TLS; {@code aws:SecureTransport} says which, as on AWS. Thread-safe.
 */
public final class LocalCloud implements AutoCloseable {
    /** The account's id, one that AWS reserves for examples. */
    public static final String ACCOUNT = "111122223333";

    /** The bootstrap version that the CDK looks for; 21 and later are current. */
    private static final String BOOTSTRAP_VERSION = "28";

    private static final Object ANYTHING = Map.of(
            "Version", "2012-10-17", "Statement", List.of(Map.of("Effect", "Allow", "Action", "*", "Resource", "*")));

    private final Identities identities;
    private final Secrets secrets = new Secrets();
    private final Logs logs = new Logs();
    private final Functions functions = new Functions();
    private final Calls calls = new Calls();
    private final Stacks stacks;
    private final Server http;
    private final Server https;
    private final Tls tls;
    private final LambdaHost host;
    private final ResourceTypes types;
    private final Identities.AccessKey admin;
    private final Identities.AccessKey caller;

    /**
     * Starts a cloud.
     *
     * @param folder where it may write: its certificate, and the functions' code
     * @param seed of the spot market
     */
    public static LocalCloud start(Path folder, long seed) throws IOException {
        return new LocalCloud(Files.createDirectories(folder), seed);
    }

    private LocalCloud(Path folder, long seed) throws IOException {
        InstantSource clock = InstantSource.system();
        Objects objects = new Objects();
        Parameters parameters = new Parameters();
        parameters.put("/cdk-bootstrap/hnb659fds/version", BOOTSTRAP_VERSION);
        identities = new Identities(ACCOUNT, clock);
        bootstrap();
        admin = user("admin");
        identities.putUserPolicy("admin", "everything", PolicyDocument.parse(ANYTHING));
        caller = user("caller");

        tls = Tls.in(folder);
        // The servers come first, since the host tells functions where they are; what answers comes with the first
        // request.
        Endpoint[] endpoint = new Endpoint[1];
        http = Server.start(null, request -> endpoint[0].answer(request));
        https = Server.start(tls.context(), request -> endpoint[0].answer(request));
        host = new LambdaHost(identities, logs, folder, https.url(), tls.store());
        FunctionUrl.Guard guard = guard();
        types = new ResourceTypes(
                identities,
                secrets,
                logs,
                objects,
                functions,
                host,
                (arn, qualifier) -> new FunctionUrl(functions, host, guard, clock, ACCOUNT, arn, qualifier));
        stacks = new Stacks(ACCOUNT, clock, types.all(), parameters::get);
        endpoint[0] = new Endpoint(
                identities,
                clock,
                calls,
                Services.all(
                        identities,
                        secrets,
                        objects,
                        parameters,
                        functions,
                        host,
                        stacks,
                        new SpotMarket(seed),
                        clock));
    }

    /** Returns the endpoint over HTTP. */
    public String url() {
        return http.url();
    }

    /** Returns the endpoint over TLS. */
    public String secureUrl() {
        return https.url();
    }

    /** Returns the certificate of the endpoint over TLS. */
    public Tls tls() {
        return tls;
    }

    /** Returns the key of a user who may do everything. */
    public Identities.AccessKey admin() {
        return admin;
    }

    /** Returns the key of a user who may do what others grant, and nothing else. */
    public Identities.AccessKey caller() {
        return caller;
    }

    public Identities identities() {
        return identities;
    }

    public Secrets secrets() {
        return secrets;
    }

    public Logs logs() {
        return logs;
    }

    public Stacks stacks() {
        return stacks;
    }

    public Calls calls() {
        return calls;
    }

    /** Returns how many execution environments were started so far. */
    public int environmentsStarted() {
        return host.started();
    }

    /** Returns how many events reached a function so far. */
    public int invocations() {
        return host.invocations();
    }

    /** Ends every execution environment of every function, as AWS does when it pleases. */
    public void endFunctions() {
        host.endAll();
    }

    /** Returns what exists beside the stacks themselves, for tests that look for what is left behind. */
    public List<String> everything() {
        List<String> everything = new ArrayList<>(identities.everything());
        everything.addAll(secrets.everything());
        everything.addAll(logs.everything());
        everything.addAll(functions.everything());
        return everything;
    }

    /** Ends every function and closes every port. */
    @Override
    public void close() {
        types.close();
        host.close();
        http.close();
        https.close();
    }

    private Identities.AccessKey user(String name) {
        identities.createUser(name);
        return identities.createAccessKey(name);
    }

    /** What {@code cdk bootstrap} leaves: roles that the CLI assumes. Here they may do everything. */
    private void bootstrap() {
        Object trust = Map.of(
                "Version",
                "2012-10-17",
                "Statement",
                List.of(Map.of(
                        "Effect",
                        "Allow",
                        "Action",
                        "sts:AssumeRole",
                        "Principal",
                        Map.of("AWS", "arn:aws:iam::" + ACCOUNT + ":root"))));
        for (String region : io.github.spotspec.local.market.Geography.regions()) {
            for (String role : List.of("deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec")) {
                String name = "cdk-hnb659fds-" + role + "-role-" + ACCOUNT + "-" + region;
                identities.createRole(name, PolicyDocument.parse(trust));
                identities.putRolePolicy(name, "everything", PolicyDocument.parse(ANYTHING));
            }
        }
    }

    private FunctionUrl.Guard guard() {
        return new FunctionUrl.Guard() {
            @Override
            public SigV4.@Nullable Key key(String accessKeyId) {
                return identities.key(accessKeyId);
            }

            @Override
            public Principal principal(String accessKeyId) {
                return identities.principal(accessKeyId);
            }

            @Override
            public boolean allows(
                    Principal principal,
                    String action,
                    String resource,
                    Map<String, List<String>> context,
                    List<PolicyDocument> policies) {
                return Policies.allow(
                        principal, identities.policies(principal), policies, new Access(action, resource, context));
            }
        };
    }
}
