package io.github.spotspec.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.acceptance.SignedHttp.Answer;
import io.github.spotspec.acceptance.SignedHttp.Request;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sts.model.StsException;

/** What the checks of a run share: the account, the deployed services, and what earlier checks made. */
final class Run {
    /** The tag that everything of a run has. */
    static final String TAG = "spotspec-acceptance";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String id;
    private final Account account;
    private final Patience patience;
    private Map<String, String> outputs = Map.of();
    private @Nullable AwsCredentialsProvider caller;
    private Instant callerSince = Instant.MIN;
    private @Nullable AwsCredentialsProvider operator;
    private @Nullable Device device;
    private @Nullable String session;
    private @Nullable String instance;
    private @Nullable String fleetInstance;
    private @Nullable String persistentInstance;
    private @Nullable Instant persistentUntil;
    private @Nullable Instant extended;
    private @Nullable Instant ending;
    private @Nullable JsonNode keyBeforeRotation;
    private @Nullable FutureTask<Result> revocation;
    private @Nullable FutureTask<Result> output;
    private @Nullable String tooLowCodes;
    private final Set<ConditionKey> allowed = EnumSet.noneOf(ConditionKey.class);

    /**
     * Creates a run.
     *
     * @param id its name, which is the name of its stack, the prefix of its roles and the value of its tag
     */
    Run(String id, Account account, Patience patience) {
        this.id = id;
        this.account = account;
        this.patience = patience;
    }

    String id() {
        return id;
    }

    Account account() {
        return account;
    }

    Ec2Client ec2() {
        return account.ec2();
    }

    void deployed(Map<String, String> stackOutputs) {
        outputs = Map.copyOf(stackOutputs);
    }

    /** Returns an output of the stack. */
    String output(String name) {
        return present(outputs.get(name), "the stack was not deployed");
    }

    String roleName(String name) {
        return id + "-" + name;
    }

    String roleArn(String name) {
        return "arn:aws:iam::" + account.id() + ":role/" + roleName(name);
    }

    /** Returns the ARN of the profile with which the service launches. */
    String instanceProfile() {
        return "arn:aws:iam::" + account.id() + ":instance-profile/" + roleName("instance");
    }

    /** Returns a role's credentials. */
    AwsCredentialsProvider role(String name) throws Exception {
        output("Url");
        return account.assume(roleArn(name));
    }

    private static <T> T present(@Nullable T value, String otherwise) {
        if (value == null) {
            throw Result.notSettled(otherwise).early();
        }
        return value;
    }

    /** Asks the service for a task as the caller, with the MFA session if there is one. */
    Answer ask(String task, Object... fields) throws Exception {
        ObjectNode body = body(task, fields);
        if (session != null && !body.has("mfaCode")) {
            body.put("session", session);
        }
        return ask(body, caller());
    }

    /** Asks the service for a task as the caller, without a session. */
    Answer askWithoutSession(String task, Object... fields) throws Exception {
        return ask(body(task, fields), caller());
    }

    /** Asks the service for a task with other credentials. */
    Answer askAs(AwsCredentialsProvider other, String task, Object... fields) throws Exception {
        return ask(body(task, fields), other);
    }

    /** Asks the service for a task without a signature. */
    Answer askUnsigned(String task, Object... fields) throws Exception {
        return SignedHttp.send(request(output("Url"), body(task, fields), Map.of()));
    }

    /** Asks the service that takes tokens. */
    Answer askWithToken(String token, String task, Object... fields) throws Exception {
        return SignedHttp.send(
                request(output("TokenUrl"), body(task, fields), Map.of("authorization", "Bearer " + token)));
    }

    private Answer ask(ObjectNode body, AwsCredentialsProvider credentials) throws Exception {
        return SignedHttp.send(
                request(output("Url"), body, Map.of()), "lambda", account.region(), credentials.resolveCredentials());
    }

    private static Request request(String url, ObjectNode body, Map<String, String> headers) {
        Map<String, String> all = new java.util.TreeMap<>(headers);
        all.put("content-type", "application/json");
        return new Request("POST", URI.create(url), body.toString(), all);
    }

    private static ObjectNode body(String task, Object... fields) {
        ObjectNode body = JSON.createObjectNode().put("task", task);
        for (int i = 0; i < fields.length; i += 2) {
            body.set((String) fields[i], JSON.valueToTree(fields[i + 1]));
        }
        return body;
    }

    /** Returns the event that a Function URL would send for a request of the principal that runs this. */
    String event(String task, Object... fields) {
        ObjectNode event = JSON.createObjectNode()
                .put("version", "2.0")
                .put("body", body(task, fields).toString())
                .put("isBase64Encoded", false);
        ObjectNode context = event.putObject("requestContext");
        context.putObject("http").put("method", "POST").put("path", "/");
        context.putObject("authorizer").putObject("iam").put("userArn", account.caller());
        return event.toString();
    }

    private AwsCredentialsProvider caller() throws Exception {
        // A session of a role lasts an hour, and a run may take longer.
        if (caller == null || callerSince.isBefore(Instant.now().minus(Duration.ofMinutes(30)))) {
            caller = role("caller");
            callerSince = Instant.now();
        }
        return caller;
    }

    /** Makes or revokes tokens as the caller. */
    JsonNode mint(String event) throws Exception {
        try (LambdaClient lambda = account.lambda(caller())) {
            return JSON.readTree(lambda.invoke(request ->
                            request.functionName(output("MinterName")).payload(SdkBytes.fromUtf8String(event)))
                    .payload()
                    .asByteArray());
        }
    }

    /** Returns the current value of the operator's secret. */
    JsonNode operatorSecret() throws Exception {
        return JSON.readTree(account.secrets()
                .getSecretValue(request -> request.secretId(output("SecretName")))
                .secretString());
    }

    /** Returns the key of the operator in a value of its secret. */
    static AwsCredentialsProvider key(JsonNode secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(
                secret.path("accessKeyId").asText(),
                secret.path("secretAccessKey").asText()));
    }

    void enrolled(Device enrolled) {
        device = enrolled;
    }

    Device device() {
        return present(device, "the operator has no MFA device");
    }

    void session(String opened) {
        session = opened;
    }

    /** Returns the operator's credentials with MFA, as the service uses them. */
    AwsCredentialsProvider operator() throws Exception {
        if (operator == null) {
            operator = operatorWithMfa();
        }
        return operator;
    }

    /** Uses other credentials as the operator's. */
    void operator(AwsCredentialsProvider other) {
        operator = other;
    }

    private AwsCredentialsProvider operatorWithMfa() throws Exception {
        AwsSessionCredentials[] opened = new AwsSessionCredentials[1];
        try (var sts = account.sts(key(operatorSecret()))) {
            String accepted = device().use(code -> {
                try {
                    opened[0] =
                            Account.session(sts.getSessionToken(request -> request.serialNumber(device().serialNumber())
                                            .tokenCode(code))
                                    .credentials());
                    return true;
                } catch (StsException e) {
                    return false;
                }
            });
            if (accepted == null) {
                throw Result.notSettled("STS gave the operator no session with MFA")
                        .early();
            }
        }
        return StaticCredentialsProvider.create(opened[0]);
    }

    void launched(String instanceId) {
        instance = instanceId;
    }

    void launchedByFleet(String instanceId) {
        fleetInstance = instanceId;
    }

    /** Returns the id of the first instance. */
    String instance() {
        return present(instance, "no instance was launched");
    }

    /** Returns the id of the instance that a fleet launched. */
    String fleetInstance() {
        return present(fleetInstance, "no fleet launched an instance");
    }

    void launchedPersistently(String instanceId) {
        persistentInstance = instanceId;
    }

    /** Returns the id of the instance of a persistent request. */
    String persistentInstance() {
        return present(persistentInstance, "no persistent request launched an instance");
    }

    void tooLow(String codes) {
        tooLowCodes = codes;
    }

    /** Returns the errors of an administrator's fleet whose price is too low. */
    String tooLowCodes() {
        return present(tooLowCodes, "it is not known how a fleet reports a price that is too low");
    }

    /** Records that the role of a control may launch. */
    void allowed(ConditionKey control) {
        allowed.add(control);
    }

    /** Requires that a role without an uncertain key may launch, because another role then lacks only its key. */
    void requireControl(boolean fleet) {
        ConditionKey control = fleet ? ConditionKey.FLEET_ALONE : ConditionKey.DOCUMENTED;
        if (!allowed.contains(control)) {
            throw Result.notSettled("unless the answer is yes: " + control.question() + "?")
                    .early();
        }
    }

    /** Starts to wait until a revoked token is rejected, while other checks go on. */
    void revoked(FutureTask<Result> rejected) {
        revocation = rejected;
        Thread.ofVirtual().start(rejected);
    }

    /** Returns whether a revoked token was rejected in time. */
    Result revocation() throws Exception {
        return present(revocation, "no token was revoked").get();
    }

    /** Starts to look for console output of the first instance, while other checks go on. */
    void lookingForOutput(FutureTask<Result> looking) {
        output = looking;
        Thread.ofVirtual().start(looking);
    }

    /** Returns when EC2 showed console output of the first instance. Waits for it if it was not shown yet. */
    Result firstOutput() throws Exception {
        FutureTask<Result> looking = present(output, "no instance was launched");
        try {
            return looking.get(patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            looking.cancel(true);
            return Result.notSettled("no output yet");
        }
    }

    void ending(Instant time) {
        ending = time;
    }

    /** Returns when the service was asked to end the first instance. */
    Instant endingSince() {
        return present(ending, "no instance was ended");
    }

    void rotating(JsonNode before) {
        keyBeforeRotation = before;
    }

    /** Returns the operator's secret before the run started a rotation. */
    JsonNode keyBeforeRotation() {
        return present(keyBeforeRotation, "no rotation was started");
    }

    /**
     * Returns until when the run's persistent request launches again, even if this process is killed. It covers the
     * wait for the relaunch.
     */
    Instant persistentUntil() {
        if (persistentUntil == null) {
            persistentUntil = Instant.now()
                    .plus(Patience.MAX)
                    .plus(Duration.ofMinutes(10))
                    .truncatedTo(ChronoUnit.SECONDS);
        }
        return persistentUntil;
    }

    void extended(Instant time) {
        extended = time;
    }

    /** Returns when the service was asked to move the lease of the first instance, to the second. */
    Instant extendedAt() {
        return present(extended, "no lease was moved");
    }

    /** Returns how long to wait for what has no limit in AWS's documents. */
    Duration patience() {
        return patience.time();
    }

    /**
     * Returns whether a condition is met each time it is looked at, for as long as EC2 usually needs to show changes.
     * It is for what must not be there, because EC2 may show it late.
     */
    boolean stays(Wait.Condition condition) throws Exception {
        Duration time = patience().compareTo(Wait.EC2) < 0 ? patience() : Wait.EC2;
        return !Wait.until(time, () -> !condition.isMet());
    }

    /** Returns an instance as soon as EC2 describes it as expected, or otherwise as EC2 describes it in the end. */
    Instance describe(String instanceId, Predicate<Instance> expected) throws Exception {
        Instance[] found = new Instance[1];
        Wait.until(Wait.EC2, () -> {
            found[0] = describe(instanceId);
            return expected.test(found[0]);
        });
        return found[0];
    }

    /** Returns an instance as EC2 describes it. EC2 may show a new one late. */
    Instance describe(String instanceId) throws Exception {
        Instance[] found = new Instance[1];
        Wait.until(Wait.EC2, () -> {
            ec2().describeInstances(request -> request.filters(Filter.builder()
                            .name("instance-id")
                            .values(instanceId)
                            .build()))
                    .reservations()
                    .forEach(reservation -> found[0] = reservation.instances().getFirst());
            return found[0] != null;
        });
        return present(found[0], "EC2 does not show " + instanceId);
    }

    /** Returns the state of an instance, such as {@code running}. */
    String state(String instanceId) throws Exception {
        return describe(instanceId).state().nameAsString();
    }
}
