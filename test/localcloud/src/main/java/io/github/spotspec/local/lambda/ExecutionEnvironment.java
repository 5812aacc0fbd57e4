package io.github.spotspec.local.lambda;

import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One execution environment: a child JVM with a {@link RuntimeClient}, and the Runtime API that this client calls. It
 * serves one invocation at a time.
 */
final class ExecutionEnvironment implements EnvironmentPool.Environment {
    private static final Duration INIT_TIME = Duration.ofSeconds(60);
    /** Lambda's limit for a buffered response: 6 MiB plus the overhead of Lambda's own envelope. */
    private static final int MAX_ANSWER_BYTES = 6_291_556;

    /** The outcome of an invocation: the handler's bytes, or an error as Lambda reports it, in JSON. */
    sealed interface Outcome {
        record Succeeded(byte[] payload) implements Outcome {}

        record Failed(String type, String message) implements Outcome {}
    }

    private record Invocation(String requestId, byte[] event, Instant deadline, CompletableFuture<Outcome> outcome) {}

    /** The parameters of a new environment. */
    record Setup(
            Functions.Version version,
            List<String> command,
            Map<String, String> environment,
            Path taskRoot,
            Supplier<String> credentials,
            Consumer<String> log) {}

    private final Setup setup;
    private final Server runtimeApi;
    private final Process process;
    private final LinkedBlockingQueue<Invocation> waiting = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> initialized = new CompletableFuture<>();
    private volatile boolean closed;
    private final CountDownLatch restored = new CountDownLatch(1);
    private final String credentialsToken = UUID.randomUUID().toString();
    private volatile Invocation current = new Invocation("", new byte[0], Instant.EPOCH, new CompletableFuture<>());

    /** Starts an environment. {@link #awaitInit} returns when it is ready. */
    ExecutionEnvironment(Setup setup) throws IOException {
        this.setup = setup;
        runtimeApi = Server.start(null, this::runtimeApi);
        ProcessBuilder builder = new ProcessBuilder(setup.command())
                .directory(setup.taskRoot().toFile())
                .redirectErrorStream(true);
        // Clears this process's own environment variables, because a function sees only Lambda's.
        builder.environment().clear();
        builder.environment().putAll(setup.environment());
        builder.environment().put("AWS_LAMBDA_RUNTIME_API", runtimeApi.authority());
        if (setup.version().snapStart()) {
            // A restored environment requests its credentials, because the snapshot's credentials would be stale.
            builder.environment().put("AWS_CONTAINER_CREDENTIALS_FULL_URI", runtimeApi.url() + "/credentials");
            builder.environment().put("AWS_CONTAINER_AUTHORIZATION_TOKEN", credentialsToken);
        }
        process = builder.start();
        process.getOutputStream().close();
        // Uses a platform thread, because reading a pipe blocks a virtual thread's carrier: a few logs together would
        // block all other virtual threads.
        Thread.ofPlatform().daemon().start(this::readLog);
        Thread.ofVirtual().start(this::awaitEnd);
    }

    /** Waits until the handler is created or, with SnapStart, until the snapshot could be taken. */
    @Override
    public void awaitInit() throws InitFailed {
        try {
            initialized.get(INIT_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new InitFailed(String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            throw new InitFailed("no init within " + INIT_TIME.toSeconds() + " seconds");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InitFailed("interrupted");
        }
    }

    /** Thrown when the handler cannot be created. */
    static final class InitFailed extends Exception {
        private static final long serialVersionUID = 1L;

        InitFailed(String message) {
            super(message);
        }
    }

    /** Invokes the handler with an event. Closes the environment if the handler exceeds the timeout. */
    Outcome invoke(String requestId, byte[] event) {
        Duration timeout = setup.version().configuration().timeout();
        Invocation invocation =
                new Invocation(requestId, event, Instant.now().plus(timeout), new CompletableFuture<>());
        current = invocation;
        restored.countDown();
        waiting.add(invocation);
        if (!process.isAlive()) {
            ended();
        }
        try {
            return invocation.outcome().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            close();
            return failed(
                    "Sandbox.Timedout",
                    "RequestId: %s Error: Task timed out after %d.%02d seconds"
                            .formatted(requestId, timeout.toSeconds(), timeout.toMillisPart() / 10));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            return failed("Runtime.ExitError", "RequestId: " + requestId + " Error: the local cloud stops");
        }
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    @Override
    public boolean alive() {
        return !closed && process.isAlive();
    }

    @Override
    public void close() {
        closed = true;
        // Not through the process itself, because that would discard what it has logged and nobody has read yet.
        process.toHandle().destroyForcibly();
        runtimeApi.close();
    }

    private WireResponse runtimeApi(WireRequest request) {
        String path = request.path();
        if (path.equals("/credentials")) {
            return credentialsToken.equals(request.header("authorization"))
                    ? WireResponse.of(
                            200, "application/json", setup.credentials().get())
                    : WireResponse.empty(403);
        }
        String resource = path.substring(path.indexOf("/runtime/") + "/runtime/".length());
        try {
            return switch (resource) {
                case "invocation/next" -> {
                    initialized.complete(null);
                    yield next(waiting.take());
                }
                case "restore/next" -> {
                    initialized.complete(null);
                    restored.await();
                    yield WireResponse.of(200, "application/json", "{}");
                }
                case "init/error", "restore/error" -> {
                    initialized.completeExceptionally(new IllegalStateException(request.text()));
                    yield accepted();
                }
                default -> {
                    Invocation invocation = current;
                    if (resource.equals("invocation/" + invocation.requestId() + "/response")) {
                        if (request.body().length > MAX_ANSWER_BYTES) {
                            invocation
                                    .outcome()
                                    .complete(failed(
                                            "Function.ResponseSizeTooLarge",
                                            "Response payload size exceeded maximum allowed payload size ("
                                                    + MAX_ANSWER_BYTES + " bytes)."));
                            yield WireResponse.empty(413);
                        }
                        invocation.outcome().complete(new Outcome.Succeeded(request.body()));
                    } else if (resource.equals("invocation/" + invocation.requestId() + "/error")) {
                        String type = request.header("lambda-runtime-function-error-type");
                        invocation
                                .outcome()
                                .complete(new Outcome.Failed(type == null ? "Unknown" : type, request.text()));
                    }
                    yield accepted();
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return WireResponse.empty(410);
        }
    }

    private WireResponse next(Invocation invocation) {
        return new WireResponse(
                200,
                Map.of(
                        // The native client crashes the JVM if the content type is missing.
                        "Content-Type", "application/json",
                        "Lambda-Runtime-Aws-Request-Id", invocation.requestId(),
                        "Lambda-Runtime-Deadline-Ms",
                                Long.toString(invocation.deadline().toEpochMilli()),
                        "Lambda-Runtime-Invoked-Function-Arn", setup.version().arn()),
                invocation.event());
    }

    private static WireResponse accepted() {
        return WireResponse.of(202, "application/json", "{\"status\":\"OK\"}");
    }

    private void awaitEnd() {
        try {
            process.waitFor();
            ended();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended() {
        int status = process.exitValue();
        String message = status == 0
                ? "Runtime exited without providing a reason"
                : "Runtime exited with error: exit status " + status;
        initialized.completeExceptionally(new IllegalStateException(message));
        Invocation invocation = current;
        invocation
                .outcome()
                .complete(failed("Runtime.ExitError", "RequestId: " + invocation.requestId() + " Error: " + message));
    }

    /**
     * Returns an error that Lambda itself reports. Errors that a runtime reports are passed on unchanged. For a
     * timeout, Lambda has also been observed to return no type, and the time instead of {@code RequestId:} and
     * {@code Error:}. That is the older form.
     */
    private static Outcome.Failed failed(String type, String message) {
        return new Outcome.Failed(type, "{\"errorType\":\"" + type + "\",\"errorMessage\":\"" + message + "\"}");
    }

    private void readLog() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                setup.log().accept(line);
            }
        } catch (IOException e) {
            setup.log().accept("the log ended: " + e.getClass().getName());
        }
    }
}
