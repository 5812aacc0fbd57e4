package io.github.spotspec.local.junit;

import io.github.spotspec.local.AssemblyDeployer;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.OperatorDevice;
import io.github.spotspec.local.cloudformation.Stack.Output;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Totp;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.RequestSigner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Stage;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * A local cloud for the tests of a class: an AWS account on loopback, which starts before the first test and ends after
 * the last one. Register it in a static field:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final LocalAwsExtension aws = new LocalAwsExtension();
 * }</pre>
 *
 * <p>The account's id is {@value #ACCOUNT}. It is bootstrapped for the CDK, its state is in memory, and each class has
 * its own. It runs the packaged functions of a service in AWS's Lambda runtime client, checks signatures, and evaluates
 * policies. Prices, capacity and instances are simulated. No schedule fires, so the keeper ends nothing. No instance is
 * interrupted.
 *
 * <p>It is not AWS. It has only the resource types, properties and actions that the construct uses, and reports the
 * name of anything else as an error. A test that passes here can still fail on AWS.
 *
 * <p>Requires Linux, or macOS, which is untried, and a JDK 25 or newer, because each function runs in the {@code java}
 * of this process; and Node.js, as every synthesis does. Nothing leaves this computer. Thread-safe.
 */
public final class LocalAwsExtension implements BeforeAllCallback, AfterAllCallback {
    /** The id of the account, which AWS reserves for examples. */
    public static final String ACCOUNT = LocalCloud.ACCOUNT;

    /** The default region of stacks. */
    public static final String DEFAULT_REGION = "us-west-2";

    private static final long SEED = 7;
    private static final Duration SESSION = Duration.ofHours(1);
    private static final String SESSION_NAME = "test";

    /** How long the largest request may take, and the start of a function. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);

    /** A local cloud that has started. */
    private record Running(LocalCloud cloud, Path folder) {}

    /** An MFA device, and the step of its last code. */
    private record Device(String seed, long step) {}

    private final String region;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Device> devices = new HashMap<>();
    private @Nullable Running running;

    /** The number of classes that use the cloud: a class, and those nested in it. */
    private int users;

    /** Creates an extension for stacks in {@value #DEFAULT_REGION}. */
    public LocalAwsExtension() {
        this(DEFAULT_REGION);
    }

    /**
     * Creates an extension with another region.
     *
     * @param region the region of stacks that do not name one, for which {@link #post} signs
     */
    public LocalAwsExtension(String region) {
        this.region = region;
    }

    /** Starts the cloud. JUnit calls this method. */
    @Override
    public synchronized void beforeAll(ExtensionContext context) throws IOException {
        if (users++ == 0) {
            Path folder = Files.createTempDirectory("spotspec-local-");
            LocalCloud cloud = LocalCloud.start(folder, SEED);
            // These hooks take seconds, and change only how fast the first answer is.
            cloud.state().host().runSnapshotHooks(false);
            running = new Running(cloud, folder);
        }
    }

    /** Ends the cloud, its functions included, and deletes its files. JUnit calls this method. */
    @Override
    public synchronized void afterAll(ExtensionContext context) throws IOException {
        if (--users == 0 && running != null) {
            running.cloud().close();
            delete(running.folder());
            running = null;
            synchronized (devices) {
                devices.clear();
            }
        }
    }

    /**
     * Synthesizes a stack's app and deploys the stack, after the stacks that it depends on. A stack that already exists
     * is updated. The CDK synthesizes an app once, so add all stacks before the first call.
     *
     * @return the values of the stack's outputs by their names
     * @throws IllegalStateException if the deployment fails, with the reason: for example a resource type that the
     *     local cloud does not have, a stack for another account than {@value #ACCOUNT}, or an asset that must be built
     */
    public Map<String, String> deploy(Stack stack) {
        Stage stage = Stage.of(stack);
        if (stage == null) {
            throw new IllegalStateException("the stack " + stack.getStackName() + " has no app");
        }
        Path assembly = Path.of(stage.synth().getDirectory());
        try {
            return new AssemblyDeployer(cloud(), region, assembly)
                    .deploy(stack.getArtifactId()).outputs().stream()
                            .collect(Collectors.toUnmodifiableMap(Output::name, Output::value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AwsError e) {
            throw new IllegalStateException("cannot deploy " + stack.getStackName() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates a role with no permissions, for a stack that refers to an existing one.
     *
     * @return the ARN of the role
     * @throws IllegalStateException if the role exists
     */
    public String createRole(String name) {
        try {
            return cloud().state().identities().createRole(name, PolicyDocument.trusting("AWS", ACCOUNT));
        } catch (AwsError e) {
            throw new IllegalStateException("cannot create the role " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns the endpoint of all AWS services, for the {@code endpointOverride} of an SDK client. It is plain HTTP, so
     * policies that require TLS deny what comes through it.
     */
    public URI endpoint() {
        return URI.create(cloud().url());
    }

    /** Returns the credentials of a user who may do everything. */
    public AwsCredentials adminCredentials() {
        Identities.AccessKey key = cloud().admin();
        return AwsBasicCredentials.create(key.id(), key.secret());
    }

    /**
     * Returns credentials of a new session of a role, valid for one hour. Does not ask the role's trust policy, because
     * the test stands in for those that the role trusts.
     *
     * @param roleName the name of the role, not its ARN
     * @throws IllegalStateException if there is no such role
     */
    public AwsCredentials roleCredentials(String roleName) {
        try {
            Identities.Session session = cloud().state().identities().sessionOfRole(roleName, SESSION_NAME, SESSION);
            return AwsSessionCredentials.create(session.accessKeyId(), session.secretAccessKey(), session.token());
        } catch (AwsError e) {
            throw new IllegalStateException("no session of the role " + roleName + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns a code of the operator's MFA device that was not used before. The first call enrolls the device. AWS
     * accepts each code once, and shows a new one every 30 seconds: two codes are available at once, and every further
     * call waits for up to 30 seconds. To send several requests, use one code and the {@code session} of its answer.
     *
     * @param operatorName the name of the operator, {@code SpotService.getOperator().getUserName()}
     * @throws IllegalStateException if the user does not exist, or has a device of that name already
     */
    public String mfaCode(String operatorName) throws InterruptedException {
        LocalCloud cloud = cloud();
        synchronized (devices) {
            Device device = devices.computeIfAbsent(operatorName, user -> enroll(cloud, user));
            long step = Math.max(device.step() + 1, Totp.step(Instant.now()));
            // AWS also accepts the code of the next step.
            Duration early = Duration.between(Instant.now(), Instant.EPOCH.plus(Totp.STEP.multipliedBy(step - 1)));
            if (early.isPositive()) {
                Thread.sleep(early);
            }
            devices.put(operatorName, new Device(device.seed(), step));
            return Totp.code(device.seed(), step);
        }
    }

    private static Device enroll(LocalCloud cloud, String user) {
        try {
            cloud.state().identities().accessKeys(user);
            String seed = cloud.state().identities().devices().create(user);
            long now = Totp.step(Instant.now());
            OperatorDevice.enable(
                    cloud, user, cloud.state().identities().devices().serialNumber(user), seed);
            return new Device(seed, now - 1);
        } catch (AwsError e) {
            throw new IllegalStateException("no MFA device for " + user + ": " + e.getMessage(), e);
        }
    }

    /**
     * Posts a JSON document to a service's URL, signed for the region of this extension. Waits for the answer for up to
     * two minutes.
     *
     * @param url the URL, which is an output of the stack
     * @param json the request, such as <code>{"task":"price","types":["m7g.large"]}</code>
     * @return the answer; the status is 403 if the caller may not call the URL
     * @throws IOException if there is no answer
     */
    public HttpResponse<String> post(String url, String json, AwsCredentials credentials)
            throws IOException, InterruptedException {
        HttpRequest request = new RequestSigner("lambda", region, Clock.systemUTC())
                .sign("POST", URI.create(url), Map.of("content-type", "application/json"), json, credentials)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .timeout(REQUEST_TIMEOUT)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private synchronized LocalCloud cloud() {
        if (running == null) {
            throw new IllegalStateException(
                    "the local cloud is not running; register the extension in a static field with @RegisterExtension");
        }
        return running.cloud();
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
