package io.github.spotspec.local.lambda;

import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyEvaluator;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.lambda.ExecutionEnvironment.InitFailed;
import io.github.spotspec.local.lambda.ExecutionEnvironment.Outcome;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.wire.AwsError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Runs functions, each invocation in an execution environment of its version. Thread-safe. */
public final class LambdaHost implements AutoCloseable {
    private static final Duration ROLE_SESSION = Duration.ofHours(12);

    /**
     * The result of an invocation.
     *
     * @param payload the handler's response, or a description of the error
     * @param errorType the kind of error, or empty if the invocation succeeded
     */
    public record Result(byte[] payload, String errorType) {
        public boolean failed() {
            return !errorType.isEmpty();
        }
    }

    /**
     * The limits beyond which Lambda answers with status 429.
     *
     * @param concurrentExecutions the account's quota in each region
     * @param longestWait how long an invocation waits for an environment before it is rejected, if no environment is
     *     starting for it
     */
    public record Limits(int concurrentExecutions, Duration longestWait) {
        /** AWS's default quota, and a wait that rejects no invocation that AWS would serve. */
        public static final Limits DEFAULT = new Limits(Concurrency.DEFAULT_QUOTA, Duration.ofMinutes(1));

        /** The capacity of two processors: the quota of a new AWS account, and an answer within ten seconds. */
        public static final Limits SMALL = new Limits(10, Duration.ofSeconds(8));
    }

    /** The property without which the runtime client does not see the hooks that functions register. */
    private static final String CRAC_HOOKS = "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac";

    private final Identities identities;
    private final Logs logs;
    private final RuntimeFiles files;
    private final String endpoint;
    private final Path trustStore;
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger invocations = new AtomicInteger();
    private final Map<Functions.Version, EnvironmentPool<ExecutionEnvironment>> pools = new HashMap<>();
    private final Concurrency concurrency = new Concurrency();
    private volatile Limits limits = Limits.DEFAULT;
    private volatile boolean snapshotHooks = true;
    private volatile RuntimeClient runtimeClient = RuntimeClient.ofThisComputer();
    private boolean closed;

    /**
     * Creates a host.
     *
     * @param folder the folder for the functions' code
     * @param endpoint the AWS endpoint that functions call
     * @param trustStore the certificate of that endpoint, in a store without a password
     */
    public LambdaHost(Identities identities, Logs logs, Path folder, String endpoint, Path trustStore) {
        this.identities = identities;
        this.logs = logs;
        this.files = new RuntimeFiles(folder);
        this.endpoint = endpoint;
        this.trustStore = trustStore;
    }

    /**
     * Puts a newly published version into service. With SnapStart, this runs the version's init, and the hooks before
     * its snapshot. As on AWS, publishing the version fails if the init fails.
     */
    public void publish(Functions.Version version) {
        if (version.snapStart()) {
            UnaryOperator<List<String>> command = snapshotHooks ? UnaryOperator.identity() : LambdaHost::withoutHooks;
            try {
                pool(version).initialize(() -> startProcess(version, command));
            } catch (InitFailed e) {
                throw new AwsError(
                        400, "InvalidParameterValueException", "The version's init failed: " + e.getMessage());
            }
        }
    }

    /** Ends every environment of a version. */
    public void retire(Functions.Version version) {
        EnvironmentPool<ExecutionEnvironment> retired;
        synchronized (this) {
            retired = pools.remove(version);
        }
        if (retired != null) {
            retired.close();
        }
    }

    /**
     * Sets whether publishing a version runs the hooks before its snapshot, as on AWS. They do seconds of work, which
     * only the first environment of the version uses here. Without them, publishing runs only the init.
     */
    public void runSnapshotHooks(boolean run) {
        snapshotHooks = run;
    }

    /**
     * Sets the runtime client of new environments. The default is the one that the environment variable
     * {@link RuntimeClient#VARIABLE} names; without it, AWS's own on Linux, and the one in Java elsewhere.
     */
    public void runtimeClient(RuntimeClient client) {
        runtimeClient = client;
    }

    /** Sets the limits. */
    public void limit(Limits given) {
        concurrency.quota(given.concurrentExecutions());
        limits = given;
    }

    /** Returns the concurrency limits. */
    public Concurrency concurrency() {
        return concurrency;
    }

    /** Invokes a version and waits for its response. */
    public Result invoke(Functions.Version version, byte[] event) {
        String function = version.configuration().arn();
        concurrency.enter(function);
        try {
            return run(version, event);
        } finally {
            concurrency.leave(function);
        }
    }

    private Result run(Functions.Version version, byte[] event) {
        EnvironmentPool<ExecutionEnvironment> pool = pool(version);
        ExecutionEnvironment instance;
        try {
            instance = pool.acquire();
        } catch (InitFailed e) {
            return new Result(
                    "{\"errorMessage\":\"init failed\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    "Runtime.InitError");
        }
        Outcome outcome;
        try {
            invocations.incrementAndGet();
            outcome = instance.invoke(UUID.randomUUID().toString(), event);
        } finally {
            pool.release(instance);
        }
        return switch (outcome) {
            case Outcome.Succeeded answered -> new Result(answered.payload(), "");
            case Outcome.Failed failed ->
                new Result(failed.message().getBytes(java.nio.charset.StandardCharsets.UTF_8), failed.type());
        };
    }

    /** Returns how many environments have been started. */
    public int started() {
        return started.get();
    }

    /** Returns how many events have reached a handler. */
    public int invocations() {
        return invocations.get();
    }

    /** Ends every environment. The next invocation of each version starts a new one. */
    public void endAll() {
        pools().forEach(EnvironmentPool::endAll);
    }

    /** Ends every environment permanently. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        pools().forEach(EnvironmentPool::close);
    }

    private synchronized List<EnvironmentPool<ExecutionEnvironment>> pools() {
        return List.copyOf(pools.values());
    }

    private synchronized EnvironmentPool<ExecutionEnvironment> pool(Functions.Version version) {
        EnvironmentPool<ExecutionEnvironment> pool = pools.computeIfAbsent(
                version,
                key -> new EnvironmentPool<>(
                        () -> startProcess(version, LambdaHost::withoutHooks),
                        EnvironmentPool.Size.OF_THIS_MACHINE,
                        () -> limits.longestWait()));
        if (closed) {
            pool.close();
        }
        return pool;
    }

    /**
     * Does not run the hooks before a snapshot, because Lambda runs them once for each version and not for each
     * environment that it restores. The environment does not have what the hooks left in memory, so its first
     * invocation is slower than on Lambda. Hooks after a restore do not run either; the function's does nothing.
     */
    private static List<String> withoutHooks(List<String> java) {
        List<String> command = new ArrayList<>(java);
        command.remove(CRAC_HOOKS);
        return command;
    }

    /**
     * Starts an environment that receives no invocations.
     *
     * @param command maps the managed runtime's command to the command to run, for runtimes other than Lambda's Java
     */
    ExecutionEnvironment start(Functions.Version version, UnaryOperator<List<String>> command) throws InitFailed {
        return pool(version).start(() -> startProcess(version, command));
    }

    private ExecutionEnvironment startProcess(Functions.Version version, UnaryOperator<List<String>> command) {
        try {
            Functions.Configuration function = version.configuration();
            Identities.Session session = session(function);
            Path code = files.taskRoot(function.code().zip());
            ExecutionEnvironment instance = new ExecutionEnvironment(new ExecutionEnvironment.Setup(
                    version,
                    command.apply(command(version)),
                    environment(version, session),
                    code,
                    () -> containerCredentials(session(function)),
                    line -> log(function, session.principal(), line)));
            started.incrementAndGet();
            return instance;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the managed runtime's command with its flags. Only under SnapStart does java25 compile beyond C1. */
    private List<String> command(Functions.Version version) throws IOException {
        RuntimeClient client = runtimeClient;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                CRAC_HOOKS,
                "-Xmx" + version.configuration().memoryMiB() * 8 / 10 + "m",
                "-Djavax.net.ssl.trustStore=" + trustStore));
        if (client == RuntimeClient.AWS) {
            command.add("-Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI="
                    + files.nativeLibrary());
        }
        if (!version.snapStart()) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                RuntimeFiles.classPath(client),
                client.program().getName(),
                version.configuration().code().handler()));
        return command;
    }

    private Map<String, String> environment(Functions.Version version, Identities.Session session) {
        Functions.Configuration function = version.configuration();
        Map<String, String> environment = new TreeMap<>(function.environment());
        environment.put("_HANDLER", function.code().handler());
        environment.put("AWS_REGION", function.region());
        environment.put("AWS_DEFAULT_REGION", function.region());
        environment.put("AWS_EXECUTION_ENV", "AWS_Lambda_" + function.code().runtime());
        environment.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
        environment.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memoryMiB()));
        environment.put("AWS_LAMBDA_FUNCTION_VERSION", version.number());
        environment.put("AWS_LAMBDA_LOG_GROUP_NAME", function.logGroup());
        environment.put("AWS_LAMBDA_LOG_STREAM_NAME", UUID.randomUUID().toString());
        environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", version.snapStart() ? "snap-start" : "on-demand");
        environment.put("LANG", "en_US.UTF-8");
        environment.put("TZ", ":UTC");
        // The only variable that AWS does not set: the AWS endpoint.
        environment.put("AWS_ENDPOINT_URL", endpoint);
        if (!version.snapStart()) {
            environment.put("AWS_ACCESS_KEY_ID", session.accessKeyId());
            environment.put("AWS_SECRET_ACCESS_KEY", session.secretAccessKey());
            environment.put("AWS_SESSION_TOKEN", session.token());
        }
        return environment;
    }

    private Identities.Session session(Functions.Configuration function) {
        return identities.assumeRole(
                function.roleArn(), function.name(), ROLE_SESSION, null, "lambda.amazonaws.com", Map.of());
    }

    private static String containerCredentials(Identities.Session session) {
        return "{\"AccessKeyId\":\"" + session.accessKeyId() + "\",\"SecretAccessKey\":\"" + session.secretAccessKey()
                + "\",\"Token\":\"" + session.token() + "\",\"Expiration\":\"" + session.expires() + "\"}";
    }

    /** Writes a log line with the function's role, as Lambda does. Without the permission, the function has no log. */
    private void log(Functions.Configuration function, Principal role, String line) {
        String group =
                "arn:aws:logs:" + function.region() + ":" + identities.account() + ":log-group:" + function.logGroup();
        AuthorizationRequest access =
                new AuthorizationRequest("logs:PutLogEvents", group + ":log-stream:" + function.name(), Map.of());
        if (PolicyEvaluator.allow(role, identities.policies(role), List.of(), access)) {
            logs.add(group, line);
        }
    }
}
