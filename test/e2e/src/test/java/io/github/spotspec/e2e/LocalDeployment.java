package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.AssemblyDeployer;
import io.github.spotspec.local.CdkCli;
import io.github.spotspec.local.ChildProcesses;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Instance.State;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.Functions;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.TrustManager;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** A local cloud to which a test deploys stacks, and whose services the test calls. */
final class LocalDeployment implements AutoCloseable {
    /** The action that the local cloud records for a request without one, such as the handshake during priming. */
    static final String HANDSHAKE = "none";

    static final String HOME = "us-west-2";
    static final List<String> REGIONS = List.of("us-west-2", "us-east-1", "eu-west-1");
    static final Path PROJECT = Path.of(System.getProperty("project"));
    /** The {@code java} of this process, for apps that were compiled with the same JDK. */
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    static final long SEED = 7;

    /** How long to wait before reading the log again. */
    private static final Duration PAUSE = Duration.ofMillis(10);

    private static final String ROLE = "ci";

    private final LocalCloud cloud;
    private final ChildProcesses children;
    private final CdkCli cdk;

    private LocalDeployment(LocalCloud cloud, ChildProcesses children, CdkCli cdk) {
        this.cloud = cloud;
        this.children = children;
        this.cdk = cdk;
    }

    /**
     * Starts a cloud with nothing deployed. It does not run the hooks before a snapshot, because few tests are about
     * them.
     */
    static LocalDeployment start() throws IOException {
        LocalDeployment service = startWithSnapshotHooks();
        service.cloud.state().host().runSnapshotHooks(false);
        return service;
    }

    /** Starts a cloud with nothing deployed, which runs the hooks before a snapshot, as AWS does. */
    static LocalDeployment startWithSnapshotHooks() throws IOException {
        Path folder = folder("cloud-");
        LocalCloud cloud = LocalCloud.start(folder, SEED);
        cloud.state()
                .identities()
                .createRole(
                        ROLE,
                        PolicyDocument.trusting(
                                "AWS", cloud.state().identities().account()));
        ChildProcesses children = new ChildProcesses();
        return new LocalDeployment(cloud, children, new CdkCli(cloud, children, PROJECT, folder, line -> {}));
    }

    /** Deploys the app of this project. */
    void deploy() throws IOException, InterruptedException {
        Map<String, String> context = Map.of(
                "regions",
                String.join(",", REGIONS),
                "mfaTasks",
                "none",
                "invokers",
                callerArn() + "," + callerRoleArn());
        new AssemblyDeployer(
                        cloud,
                        HOME,
                        CloudAssembly.of(PROJECT, folder("app-"), context).folder())
                .deployAll();
    }

    /** Adds stacks to an app. */
    @FunctionalInterface
    interface StackFactory {
        void in(App app, String... arguments);
    }

    /** Deploys stacks that import the construct. They are synthesized in this process, which loads the CDK once. */
    void deployOther(StackFactory stacks, String... arguments) throws IOException {
        new AssemblyDeployer(cloud, HOME, Path.of(assembly(stacks, arguments))).deployAll();
    }

    /** Synthesizes an app, and returns the folder of its cloud assembly, which can be deployed several times. */
    static String assembly(StackFactory stacks, String... arguments) throws IOException {
        Path assembly = folder("app-");
        App app = new App(AppProps.builder()
                .analyticsReporting(false)
                .outdir(assembly.toString())
                .build());
        stacks.in(app, arguments);
        app.synth();
        return assembly.toString();
    }

    /** Deletes a stack. */
    void destroy(String stack) {
        AssemblyDeployer.delete(cloud, HOME, stack);
    }

    /** Deploys all stacks of an app with the CDK CLI and further arguments of it. */
    void deployAll(String app, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("deploy", "--all", "--concurrency", "4", "--app", app, "--require-approval", "never"));
        arguments.addAll(List.of(more));
        cdk(folder("app-"), arguments.toArray(String[]::new));
    }

    private static Path folder(String prefix) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(PROJECT.resolve("test/e2e/target/e2e")), prefix);
    }

    /** Returns the class path of a project's app with absolute paths. */
    static String classPath(Path project) throws IOException {
        String file = Files.readString(project.resolve("infra/target/app.args"));
        return Arrays.stream(file.substring(file.indexOf('"') + 1, file.lastIndexOf('"'))
                        .split(File.pathSeparator))
                .map(jar -> project.resolve(jar).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Quotes a word for a shell. */
    static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** Runs the CDK CLI in a folder with the home region, and returns its output. */
    String cdk(Path folder, String... arguments) throws IOException, InterruptedException {
        return cdk.run(folder, HOME, arguments);
    }

    /** Returns a configuration for processes that use this cloud with an access key. */
    Consumer<ProcessBuilder> as(AccessKey key) {
        return builder -> {
            CdkCli.local(builder, cloud.url(), HOME, key.id(), key.secret());
            // Version 1 of the AWS CLI reads only this variable.
            builder.environment().put("AWS_DEFAULT_REGION", HOME);
        };
    }

    LocalCloud cloud() {
        return cloud;
    }

    String callerArn() {
        return cloud.state().identities().userArn(cloud.caller().user());
    }

    /** Returns the ARN of a role that may call the URL, and that all principals of the account may assume. */
    String callerRoleArn() {
        return "arn:aws:iam::" + cloud.state().identities().account() + ":role/" + ROLE;
    }

    AccessKey caller() {
        return cloud.caller();
    }

    /** Returns a stack by its name. */
    Stack stack(String name) {
        return Objects.requireNonNull(cloud.stacks().find(HOME, name), "no stack " + name);
    }

    /** Returns an output of a stack. */
    String output(String stack, String name) {
        return stack(stack).outputs().stream()
                .filter(output -> output.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no output " + name))
                .value();
    }

    /** Returns the service's URL. */
    SpotUrl url() {
        return new SpotUrl(output("Spotspec", "Url"), HOME);
    }

    /** Sends a request as the caller. */
    SpotUrl.Answer send(String body) throws IOException, InterruptedException {
        return url().post(body, caller());
    }

    /** Returns the instances and spot requests of EC2. */
    InstanceStore instanceStore() {
        return cloud.state().instanceStore();
    }

    /** Returns EC2's instances for the rows of an answer. */
    List<Instance> instances(SpotUrl.Answer answer) {
        List<Instance> shown = new ArrayList<>();
        answer.json()
                .path("data")
                .forEach(row -> instanceStore().all().stream()
                        .filter(instance ->
                                instance.id().equals(row.path("InstanceId").asText()))
                        .forEach(shown::add));
        return shown;
    }

    /** Returns the instances that can still cause costs. */
    List<Instance> alive() {
        Instant now = cloud.state().clock().instant();
        return instanceStore().all().stream()
                .filter(instance ->
                        List.of(State.PENDING, State.RUNNING, State.STOPPED).contains(instance.state(now)))
                .toList();
    }

    /** Waits until a function has logged a text. As on AWS, log lines arrive after the answer. */
    void awaitLogged(String text) {
        Instant until = Instant.now().plusSeconds(20);
        while (cloud.state().logs().lines().stream().noneMatch(line -> line.contains(text))) {
            if (Instant.now().isAfter(until)) {
                throw new AssertionError("no function logged " + text);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** Returns how often an action was called since the last {@link #clear}. */
    long calls(String action) {
        return cloud.state().authorizer().auditTrail().apiCalls().stream()
                .filter(call -> call.action().equals(action))
                .count();
    }

    /** Ends all instances without the service, removes faults, and gives every pool capacity. */
    void clear() {
        cloud.faults().clear();
        instanceStore().capacity().reset(true);
        instanceStore().keepFailedTokens(true);
        instanceStore().allRequests().forEach(instanceStore()::cancel);
        instanceStore().all().forEach(instanceStore()::terminate);
        cloud.state().authorizer().auditTrail().forgetRequests();
    }

    /** Returns the current operator's secret of this project's app. */
    String secret() {
        return secret("Spotspec");
    }

    /** Returns the operator's secret of a stack. */
    String secret(String stack) {
        try (SecretsManagerClient secrets =
                client(SecretsManagerClient.builder(), HOME, cloud.admin()).build()) {
            return secrets.getSecretValue(request -> request.secretId(output(stack, "SecretName")))
                    .secretString();
        }
    }

    /** Returns the ARN of a secret of a stack by the prefix of its logical id. */
    String secretArn(String stack, String prefix) throws IOException {
        for (Map.Entry<String, JsonNode> resource : new ObjectMapper()
                .readTree(stack(stack).templateBody())
                .path("Resources")
                .properties()) {
            if (resource.getKey().startsWith(prefix)
                    && resource.getValue().path("Type").asText().equals("AWS::SecretsManager::Secret")) {
                return stack(stack).physicalId(resource.getKey());
            }
        }
        throw new AssertionError("no secret " + prefix + " in " + stack);
    }

    /** Ends every environment, so that the next request starts a new one. */
    void endEnvironments() {
        cloud.state().host().endAll();
    }

    /** Starts another environment of the URL's function with its hooks, up to the point of the snapshot. */
    void startEnvironment() {
        String function = "arn:aws:lambda:" + HOME + ":" + cloud.state().account() + ":function:"
                + output("Spotspec", "FunctionName");
        Functions.Version version = cloud.state().functions().version(function, "live");
        if (!version.snapStart()) {
            throw new AssertionError(version.arn() + " has no SnapStart");
        }
        cloud.state().host().runSnapshotHooks(true);
        try {
            cloud.state().host().publish(version);
        } finally {
            cloud.state().host().runSnapshotHooks(false);
        }
    }

    /** Configures an SDK client to call this cloud over TLS. */
    <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B client(B builder, String region, AccessKey key) {
        return builder.region(Region.of(region))
                .endpointOverride(URI.create(cloud.secureUrl()))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .tlsTrustManagersProvider(() -> cloud.tls().trusted().toArray(TrustManager[]::new)))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret())));
    }

    @Override
    public void close() {
        children.close();
        cloud.close();
    }
}
