package io.github.spotspec.local.lambda;

import io.github.spotspec.local.lambda.Instance.InitFailed;
import io.github.spotspec.local.lambda.Instance.Outcome;
import java.util.List;
import java.util.function.UnaryOperator;

/** One execution environment of a function in whatever language, past its init. Not thread-safe. */
public final class Sandbox implements AutoCloseable {
    private final LambdaHost host;
    private final Functions.Version version;
    private final Instance instance;
    private final long started;
    private int asked;

    private Sandbox(LambdaHost host, Functions.Version version, Instance instance, long started) {
        this.host = host;
        this.version = version;
        this.instance = instance;
        this.started = started;
    }

    /**
     * Starts an environment and waits until it could be asked; with SnapStart, until its snapshot could be taken.
     *
     * @param version that no other environment has
     * @param command turns the command of Lambda's Java runtime into the one that is run
     */
    public static Sandbox start(LambdaHost host, Functions.Version version, UnaryOperator<List<String>> command) {
        long[] started = new long[1];
        Instance instance;
        try {
            instance = host.start(version, java -> {
                List<String> run = command.apply(java);
                started[0] = System.nanoTime();
                return run;
            });
            instance.awaitInit();
        } catch (InitFailed e) {
            host.retire(version);
            throw new IllegalStateException("the init failed: " + e.getMessage(), e);
        }
        return new Sandbox(host, version, instance, started[0]);
    }

    /** Has the function answer an event; under SnapStart, the first one restores the environment before. */
    public byte[] answer(byte[] event) {
        return switch (instance.invoke("request-" + ++asked, event)) {
            case Outcome.Answered answered -> answered.payload();
            case Outcome.Failed failed -> throw new IllegalStateException(failed.type() + ": " + failed.message());
        };
    }

    /** Returns when its process was started, as {@link System#nanoTime} counts. */
    public long started() {
        return started;
    }

    /** Returns the process that answers. */
    public ProcessHandle process() {
        return instance.process();
    }

    @Override
    public void close() {
        host.retire(version);
    }
}
