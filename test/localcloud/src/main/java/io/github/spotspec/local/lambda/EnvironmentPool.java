package io.github.spotspec.local.lambda;

import io.github.spotspec.local.lambda.ExecutionEnvironment.InitFailed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Manages the execution environments of one version and the invocations that wait for one. An invocation takes a free
 * environment. If there is no free environment, another one starts, and the invocation takes the first one that becomes
 * free. Lambda, too, can use an environment that becomes available while a new one initializes (Lambda developer guide,
 * "Understanding the Lambda execution environment lifecycle"). Waiting invocations are served in the order of their
 * arrival. Thread-safe.
 *
 * @param <E> the type of the environments
 */
final class EnvironmentPool<E extends EnvironmentPool.Environment> implements AutoCloseable {
    /** An execution environment, which serves one invocation at a time. */
    interface Environment extends AutoCloseable {
        /** Waits until the environment can serve its first invocation. */
        void awaitInit() throws InitFailed;

        /** Returns whether the environment can serve another invocation. */
        boolean alive();

        @Override
        void close();
    }

    /**
     * The limits of a pool.
     *
     * @param environments how many environments may exist
     * @param starting how many environments may initialize at the same time
     */
    record Size(int environments, int starting) {
        /**
         * Limits inits to half of the processors, because an init occupies a processor for seconds. The other half is
         * for environments that serve invocations.
         */
        static final Size OF_THIS_MACHINE =
                new Size(20, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    /** An invocation that waits for its environment. */
    private static final class Turn<E> {
        private final CompletableFuture<E> environment = new CompletableFuture<>();
    }

    private final Supplier<E> starter;
    private final Size size;
    private final Supplier<Duration> longestWait;
    /**
     * Held while a process starts, so that {@link #endAll} misses no process. Acquired before this object's own lock.
     */
    private final Object startLock = new Object();

    private final Set<E> initializing = new HashSet<>();
    /** Initialized environments, both busy and free. */
    private final Set<E> ready = new HashSet<>();

    private final Deque<E> free = new ArrayDeque<>();
    private final Deque<Turn<E>> waiting = new ArrayDeque<>();
    private int starting;
    private boolean closed;

    /**
     * Creates an empty pool.
     *
     * @param starter starts an environment, and does not wait for its init
     * @param longestWait how long an invocation waits before Lambda rejects it, if no environment is starting for it
     */
    EnvironmentPool(Supplier<E> starter, Size size, Supplier<Duration> longestWait) {
        this.starter = starter;
        this.size = size;
        this.longestWait = longestWait;
    }

    /**
     * Acquires an environment, which {@link #release} returns to the pool.
     *
     * @throws InitFailed if the environment that started for this invocation failed, or the pool is closed
     * @throws io.github.spotspec.local.wire.AwsError if no environment became free in time
     */
    E acquire() throws InitFailed {
        Turn<E> turn = new Turn<>();
        synchronized (this) {
            requireOpen();
            waiting.add(turn);
            serve();
        }
        while (true) {
            try {
                return turn.environment.get(longestWait.get().toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                giveUp(turn);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof InitFailed failed) {
                    throw failed;
                }
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                abandon(turn);
                throw new InitFailed("interrupted");
            }
        }
    }

    /** Returns an environment to the pool. An environment that has ended is replaced if an invocation is waiting. */
    synchronized void release(E environment) {
        if (ready.contains(environment) && environment.alive()) {
            free.push(environment);
        } else {
            ready.remove(environment);
            environment.close();
        }
        serve();
    }

    /**
     * Starts an environment with another starter, and waits for its init. It serves invocations as the others do.
     *
     * @throws InitFailed if the init failed, or {@link #endAll} ended the environment before its init was complete
     */
    void initialize(Supplier<E> other) throws InitFailed {
        synchronized (this) {
            starting++;
        }
        if (!initializeCounted(other)) {
            throw ended();
        }
    }

    /** Starts an environment that serves no invocations and ends with the other environments. */
    E start(Supplier<E> other) throws InitFailed {
        synchronized (startLock) {
            synchronized (this) {
                requireOpen();
            }
            E environment = other.get();
            synchronized (this) {
                initializing.add(environment);
            }
            return environment;
        }
    }

    /** Ends every environment. Other environments start for the waiting invocations. */
    void endAll() {
        List<E> ended;
        synchronized (startLock) {
            synchronized (this) {
                ended = new ArrayList<>(initializing);
                ended.addAll(ready);
                initializing.clear();
                ready.clear();
                free.clear();
            }
        }
        ended.forEach(Environment::close);
        synchronized (this) {
            serve();
        }
    }

    /** Ends every environment, and fails the waiting invocations. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.forEach(turn -> turn.environment.completeExceptionally(ended()));
            waiting.clear();
        }
        endAll();
    }

    private void requireOpen() throws InitFailed {
        if (closed) {
            throw ended();
        }
    }

    private static InitFailed ended() {
        return new InitFailed("the version's environments have ended");
    }

    /** Assigns free environments to waiting invocations, and starts environments for the remaining invocations. */
    private void serve() {
        while (!waiting.isEmpty() && !free.isEmpty()) {
            E environment = free.pop();
            if (environment.alive()) {
                waiting.remove().environment.complete(environment);
            } else {
                ready.remove(environment);
                environment.close();
            }
        }
        while (starting < Math.min(waiting.size(), size.starting()) && starting + ready.size() < size.environments()) {
            starting++;
            Thread.startVirtualThread(this::startForFirst);
        }
    }

    /** Starts an environment for the first waiting invocation. If the environment fails, that invocation fails. */
    private void startForFirst() {
        try {
            initializeCounted(starter);
        } catch (InitFailed e) {
            synchronized (this) {
                Turn<E> first = waiting.poll();
                if (first != null) {
                    first.environment.completeExceptionally(e);
                }
                serve();
            }
        }
    }

    /** Returns whether the init completed; false if {@link #endAll} ended the environment before. */
    private boolean initializeCounted(Supplier<E> starter) throws InitFailed {
        E environment = null;
        try {
            environment = start(starter);
            environment.awaitInit();
            synchronized (this) {
                starting--;
                if (initializing.remove(environment)) {
                    ready.add(environment);
                    free.push(environment);
                }
                serve();
                return true;
            }
        } catch (InitFailed | RuntimeException e) {
            synchronized (this) {
                starting--;
                if (environment != null && !initializing.remove(environment) && !closed) {
                    // The init did not fail: endAll ended the environment.
                    serve();
                    return false;
                }
            }
            if (environment != null) {
                environment.close();
            }
            throw new InitFailed(e instanceof InitFailed ? String.valueOf(e.getMessage()) : e.toString());
        }
    }

    /**
     * Rejects a waiting invocation. Does not reject the first invocations, for which environments are starting, because
     * Lambda has no limit on those.
     */
    private synchronized void giveUp(Turn<E> turn) {
        if (waiting.stream().skip(starting).anyMatch(turn::equals)) {
            waiting.remove(turn);
            throw Concurrency.exceeded();
        }
    }

    private synchronized void abandon(Turn<E> turn) {
        if (!waiting.remove(turn) && !turn.environment.isCompletedExceptionally()) {
            release(turn.environment.join());
        }
    }
}
