package io.github.spotspec.local.events;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.PolicyEvaluator;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rotates secrets. Invokes a function for each of the four steps of Secrets Manager, and runs one rotation after the
 * other (Secrets Manager user guide, "Rotation by Lambda function"). Thread-safe.
 */
public final class Rotations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVICE = "secretsmanager.amazonaws.com";
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    private final Secrets secrets;
    private final Functions functions;
    private final BiFunction<Functions.Version, byte[], LambdaHost.Result> host;
    private final String account;
    private final Map<String, String> lambdas = new TreeMap<>();
    private final Set<String> cancelled = new TreeSet<>();
    private final ExecutorService rotating = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("rotations").factory());

    /**
     * Creates the rotations of an account.
     *
     * @param host invokes a version of a function with an event
     */
    public Rotations(
            Secrets secrets,
            Functions functions,
            BiFunction<Functions.Version, byte[], LambdaHost.Result> host,
            String account) {
        this.secrets = secrets;
        this.functions = functions;
        this.host = host;
        this.account = account;
    }

    /** Configures the function that rotates a secret. */
    public synchronized void put(String secret, String function) {
        lambdas.put(secret, function);
        cancelled.remove(secret);
    }

    /** Turns off the rotation of a secret and cancels the current one, until another rotation is requested. */
    public synchronized void cancel(String secret) {
        cancelled.add(secret);
    }

    /** Removes the rotation of a secret. */
    public synchronized void delete(String secret) {
        lambdas.remove(secret);
        cancelled.remove(secret);
    }

    public synchronized boolean isOn(String secret) {
        return lambdas.containsKey(secret) && !cancelled.contains(secret);
    }

    /** Returns all rotations, for tests that check for leftovers. */
    public synchronized List<String> ids() {
        return lambdas.keySet().stream().map(secret -> "rotation of " + secret).toList();
    }

    /**
     * Starts a rotation, which continues in the background as a requested rotation does on AWS.
     *
     * @return the id of the version that the rotation creates
     * @throws AwsError if the secret has no rotation, or an earlier rotation did not succeed
     */
    public synchronized String begin(String secret, String token) {
        if (!lambdas.containsKey(secret)) {
            throw new AwsError(400, "InvalidRequestException", "No Lambda rotation function ARN is associated.");
        }
        if (unfinished(secret) != null) {
            throw new AwsError(
                    400,
                    "InvalidRequestException",
                    "A previous rotation isn't complete. That rotation will be reattempted.");
        }
        cancelled.remove(secret);
        secrets.await(secret, token);
        rotating.execute(() -> carryOut(secret, token));
        return token;
    }

    /**
     * Rotates a secret as its schedule does, whether it is due or not, after the rotations that are in progress.
     * Retries a rotation that did not succeed.
     *
     * @return whether the rotation succeeded
     */
    public boolean rotate(String secret) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            if (!isOn(secret)) {
                                return false;
                            }
                            String token = unfinished(secret);
                            if (token == null) {
                                token = UUID.randomUUID().toString();
                                secrets.await(secret, token);
                            }
                            return carryOut(secret, token);
                        },
                        rotating)
                .join();
    }

    /** Waits for the rotations that are in progress. */
    public void settle() {
        CompletableFuture.runAsync(() -> {}, rotating).join();
    }

    /** Invokes the function for one step, in order or out of order. Returns whether the step succeeded. */
    public boolean step(String secret, String token, String step) {
        String function;
        synchronized (this) {
            function = isOn(secret) ? lambdas.get(secret) : null;
        }
        if (function == null) {
            return false;
        }
        AuthorizationRequest access = new AuthorizationRequest(
                "lambda:InvokeFunction",
                function,
                Map.of("aws:SourceAccount", List.of(account), "aws:SourceArn", List.of(secret)));
        if (!PolicyEvaluator.allowService(SERVICE, functions.policies(function, Functions.LATEST), access)) {
            return false;
        }
        byte[] event = JSON.createObjectNode()
                .put("Step", step)
                .put("SecretId", secret)
                .put("ClientRequestToken", token)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        return !host.apply(functions.version(function, Functions.LATEST), event).failed();
    }

    private boolean carryOut(String secret, String token) {
        try {
            return STEPS.stream().allMatch(step -> step(secret, token, step));
        } catch (AwsError gone) {
            // The stack was deleted in the meantime.
            return false;
        }
    }

    /** Returns the id of the version from a rotation that did not succeed, or null. */
    private @Nullable String unfinished(String secret) {
        return secrets.find(secret, "")
                .at(Secrets.PENDING)
                .filter(version -> !version.stages().contains(Secrets.CURRENT))
                .map(Secrets.Version::id)
                .orElse(null);
    }
}
