package io.github.spotspec.local.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.lambda.ExecutionEnvironment.InitFailed;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class EnvironmentPoolTest {
    private static final class FakeEnvironment implements EnvironmentPool.Environment {
        private final CompletableFuture<String> init = new CompletableFuture<>();
        private volatile boolean alive = true;

        @Override
        public void awaitInit() throws InitFailed {
            String failure = init.join();
            if (!failure.isEmpty()) {
                throw new InitFailed(failure);
            }
        }

        @Override
        public boolean alive() {
            return alive;
        }

        @Override
        public void close() {
            alive = false;
            fail("closed");
        }

        FakeEnvironment initialize() {
            init.complete("");
            return this;
        }

        void fail(String why) {
            init.complete(why);
        }
    }

    private final BlockingQueue<FakeEnvironment> started = new LinkedBlockingQueue<>();
    private EnvironmentPool<FakeEnvironment> pool = pool(10, 1, Duration.ofMinutes(1));

    private EnvironmentPool<FakeEnvironment> pool(int environments, int starting, Duration longestWait) {
        return new EnvironmentPool<>(
                () -> {
                    FakeEnvironment environment = new FakeEnvironment();
                    started.add(environment);
                    return environment;
                },
                new EnvironmentPool.Size(environments, starting),
                () -> longestWait);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    /** Starts an invocation, and returns once it waits for an environment or has one. */
    private CompletableFuture<FakeEnvironment> invocation() throws InterruptedException {
        CompletableFuture<FakeEnvironment> acquired = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                acquired.complete(pool.acquire());
            } catch (InitFailed | AwsError e) {
                acquired.completeExceptionally(e);
            }
        });
        while (!acquired.isDone() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return acquired;
    }

    private FakeEnvironment nextStarted() throws InterruptedException {
        FakeEnvironment next = started.poll(5, TimeUnit.SECONDS);
        assertTrue(next != null, "no environment started");
        return next;
    }

    /** Returns an environment in use. */
    private FakeEnvironment busy() throws InterruptedException {
        CompletableFuture<FakeEnvironment> invocation = invocation();
        FakeEnvironment environment = nextStarted().initialize();
        assertSame(environment, invocation.join());
        return environment;
    }

    private static Throwable failure(CompletableFuture<FakeEnvironment> invocation) {
        return Objects.requireNonNull(
                assertThrows(CompletionException.class, invocation::join).getCause());
    }

    @Test
    void reusesFreeEnvironment() throws Exception {
        FakeEnvironment environment = busy();
        pool.release(environment);

        assertSame(environment, invocation().join());
        assertTrue(started.isEmpty());
    }

    @Test
    void prefersEnvironmentThatBecomesFreeFirst() throws Exception {
        FakeEnvironment warm = busy();
        CompletableFuture<FakeEnvironment> invocation = invocation();
        FakeEnvironment cold = nextStarted();

        pool.release(warm);

        assertSame(warm, invocation.join());
        CompletableFuture<FakeEnvironment> next = invocation();
        cold.initialize();
        assertSame(cold, next.join());
    }

    @Test
    void servesInvocationsInOrderOfArrival() throws Exception {
        FakeEnvironment warm = busy();
        List<CompletableFuture<FakeEnvironment>> invocations = List.of(invocation(), invocation(), invocation());

        for (CompletableFuture<FakeEnvironment> invocation : invocations) {
            assertFalse(invocation.isDone(), "the invocation must wait for its turn");
            pool.release(warm);
            assertSame(warm, invocation.join());
        }
    }

    @Test
    void limitsConcurrentStarts() throws Exception {
        pool = pool(10, 2, Duration.ofMinutes(1));
        List<CompletableFuture<FakeEnvironment>> invocations =
                List.of(invocation(), invocation(), invocation(), invocation());
        FakeEnvironment first = nextStarted();
        FakeEnvironment second = nextStarted();
        assertTrue(started.isEmpty());

        first.initialize();
        assertSame(first, invocations.getFirst().join());
        FakeEnvironment third = nextStarted();
        pool.release(first);
        assertSame(first, invocations.get(1).join());
        second.initialize();
        assertSame(second, invocations.get(2).join());
        third.initialize();
        assertSame(third, invocations.get(3).join());
        assertTrue(started.isEmpty());
    }

    @Test
    void limitsNumberOfEnvironments() throws Exception {
        pool = pool(1, 1, Duration.ofMinutes(1));
        FakeEnvironment only = busy();
        CompletableFuture<FakeEnvironment> invocation = invocation();
        assertTrue(started.isEmpty());

        pool.release(only);

        assertSame(only, invocation.join());
    }

    @Test
    void throttlesInvocationWithoutEnvironment() throws Exception {
        pool = pool(10, 1, Duration.ofMillis(50));
        CompletableFuture<FakeEnvironment> first = invocation();
        CompletableFuture<FakeEnvironment> second = invocation();

        AwsError error = assertInstanceOf(AwsError.class, failure(second));

        assertEquals(429, error.status());
        assertFalse(first.isDone(), "the first invocation must keep waiting");
        FakeEnvironment environment = nextStarted().initialize();
        assertSame(environment, first.join());
    }

    @Test
    void failedInitFailsOneInvocation() throws Exception {
        CompletableFuture<FakeEnvironment> first = invocation();
        CompletableFuture<FakeEnvironment> second = invocation();

        FakeEnvironment broken = nextStarted();
        broken.fail("no such class");

        assertEquals("no such class", failure(first).getMessage());
        assertFalse(broken.alive());
        FakeEnvironment whole = nextStarted().initialize();
        assertSame(whole, second.join());
    }

    @Test
    void initializeFailsIfEndAllEndsTheEnvironment() throws Exception {
        CompletableFuture<Void> initialized = CompletableFuture.runAsync(() -> {
            try {
                pool.initialize(() -> {
                    FakeEnvironment environment = new FakeEnvironment();
                    started.add(environment);
                    return environment;
                });
            } catch (InitFailed e) {
                throw new CompletionException(e);
            }
        });
        nextStarted();

        pool.endAll();

        CompletionException failed = assertThrows(CompletionException.class, initialized::join);

        assertInstanceOf(InitFailed.class, failed.getCause());
    }

    @Test
    void failedStartFailsTheInvocation() throws Exception {
        pool = new EnvironmentPool<>(
                () -> {
                    throw new IllegalStateException("no more processes");
                },
                new EnvironmentPool.Size(10, 1),
                () -> Duration.ofMinutes(1));

        assertInstanceOf(InitFailed.class, failure(invocation()));
        assertInstanceOf(InitFailed.class, failure(invocation()));
    }

    @Test
    void replacesEnvironmentThatEndedWhileItServed() throws Exception {
        pool = pool(1, 1, Duration.ofMinutes(1));
        FakeEnvironment crashed = busy();
        CompletableFuture<FakeEnvironment> invocation = invocation();

        crashed.alive = false;
        pool.release(crashed);

        FakeEnvironment replacement = nextStarted().initialize();
        assertSame(replacement, invocation.join());
    }

    @Test
    void doesNotGiveEnvironmentThatEndedWhileItWasFree() throws Exception {
        FakeEnvironment killed = busy();
        pool.release(killed);
        killed.alive = false;

        CompletableFuture<FakeEnvironment> invocation = invocation();

        FakeEnvironment replacement = nextStarted().initialize();
        assertSame(replacement, invocation.join());
    }

    @Test
    void endAllStartsNewEnvironmentsForWaiters() throws Exception {
        FakeEnvironment serving = busy();
        CompletableFuture<FakeEnvironment> invocation = invocation();
        FakeEnvironment initializing = nextStarted();

        pool.endAll();

        assertFalse(serving.alive());
        assertFalse(initializing.alive());
        FakeEnvironment fresh = nextStarted().initialize();
        assertSame(fresh, invocation.join());
        pool.release(serving);
        pool.release(fresh);
        assertSame(fresh, invocation().join(), "an ended environment must not be reused");
    }

    @Test
    void closeEndsInitializingEnvironment() throws Exception {
        CompletableFuture<FakeEnvironment> waiting = invocation();
        FakeEnvironment initializing = nextStarted();

        pool.close();

        assertFalse(initializing.alive());
        assertInstanceOf(InitFailed.class, failure(waiting));
        assertInstanceOf(InitFailed.class, failure(invocation()));
        assertTrue(started.isEmpty());
    }

    @Test
    void closeWaitsForProcessThatIsBeingStarted() throws Exception {
        CompletableFuture<Void> mayStart = new CompletableFuture<>();
        pool = new EnvironmentPool<>(
                () -> {
                    FakeEnvironment environment = new FakeEnvironment();
                    started.add(environment);
                    mayStart.join();
                    return environment;
                },
                new EnvironmentPool.Size(10, 1),
                () -> Duration.ofMinutes(1));
        CompletableFuture<FakeEnvironment> waiting = invocation();
        FakeEnvironment starting = nextStarted();
        Thread closing = Thread.ofPlatform().start(pool::close);

        assertInstanceOf(InitFailed.class, failure(waiting));
        assertTrue(starting.alive());
        mayStart.complete(null);
        closing.join();

        assertFalse(starting.alive());
    }
}
