package io.github.spotspec.local.lambda;

import io.github.spotspec.local.lambda.ExecutionEnvironment.InitFailed;
import io.github.spotspec.local.lambda.ExecutionEnvironment.Outcome;
import java.util.List;
import java.util.function.UnaryOperator;

/** An initialized execution environment of a function in any language. Not thread-safe. */
public final class Sandbox implements AutoCloseable {
    private final LambdaHost host;
    private final Functions.Version version;
    private final ExecutionEnvironment environment;
    private final long started;
    private int requests;

    private Sandbox(LambdaHost host, Functions.Version version, ExecutionEnvironment environment, long started) {
        this.host = host;
        this.version = version;
        this.environment = environment;
        this.started = started;
    }

    /**
     * Starts an environment and waits until it is ready or, with SnapStart, until its snapshot could be taken.
     *
     * @param version a version that no other environment uses
     * @param command converts the command of Lambda's Java runtime into the one to run
     */
    public static Sandbox start(LambdaHost host, Functions.Version version, UnaryOperator<List<String>> command) {
        long[] started = new long[1];
        ExecutionEnvironment environment;
        try {
            environment = host.start(version, java -> {
                List<String> run = command.apply(java);
                started[0] = System.nanoTime();
                return run;
            });
            environment.awaitInit();
        } catch (InitFailed e) {
            host.retire(version);
            throw new IllegalStateException("the init failed: " + e.getMessage(), e);
        }
        return new Sandbox(host, version, environment, started[0]);
    }

    /** Sends an event to the function. With SnapStart, the first event restores the environment. */
    public byte[] answer(byte[] event) {
        return switch (environment.invoke("request-" + ++requests, event)) {
            case Outcome.Succeeded answered -> answered.payload();
            case Outcome.Failed failed -> throw new IllegalStateException(failed.type() + ": " + failed.message());
        };
    }

    /** Returns the start time of its process, as {@link System#nanoTime}. */
    public long started() {
        return started;
    }

    /** Returns the process of the function. */
    public ProcessHandle process() {
        return environment.process();
    }

    @Override
    public void close() {
        host.retire(version);
    }
}
