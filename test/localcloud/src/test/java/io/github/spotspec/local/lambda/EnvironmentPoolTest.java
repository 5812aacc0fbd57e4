package io.github.spotspec.local.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.lambda.Instance.InitFailed;
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
    private static final class Fake implements EnvironmentPool.Environment {
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

        Fake initialize() {
            init.complete("");
            return this;
        }

        void fail(String why) {
            init.complete(why);
        }
    }

    private final BlockingQueue<Fake> started = new LinkedBlockingQueue<>();
    private EnvironmentPool<Fake> pool = pool(10, 1, Duration.ofMinutes(1));

    private EnvironmentPool<Fake> pool(int environments, int starting, Duration longestWait) {
        return new EnvironmentPool<>(
                () -> {
                    Fake environment = new Fake();
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

    /** Has an invocation acquire an environment, and returns once it waits or has got one. */
    private CompletableFuture<Fake> invocation() throws InterruptedException {
        CompletableFuture<Fake> acquired = new CompletableFuture<>();
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

    private Fake nextStarted() throws InterruptedException {
        Fake next = started.poll(5, TimeUnit.SECONDS);
        assertTrue(next != null, "none was started");
        return next;
    }

    /** Returns an environment that an invocation has. */
    private Fake busy() throws InterruptedException {
        CompletableFuture<Fake> invocation = invocation();
        Fake environment = nextStarted().initialize();
        assertSame(environment, invocation.join());
        return environment;
    }

    private static Throwable failure(CompletableFuture<Fake> invocation) {
        return Objects.requireNonNull(
                assertThrows(CompletionException.class, invocation::join).getCause());
    }

    @Test
    void reusesFreeEnvironment() throws Exception {
        Fake environment = busy();
        pool.release(environment);

        assertSame(environment, invocation().join());
        assertTrue(started.isEmpty());
    }

    @Test
    void givesTheEnvironmentThatBecomesFreeBeforeTheNewOneIsReady() throws Exception {
        Fake warm = busy();
        CompletableFuture<Fake> invocation = invocation();
        Fake cold = nextStarted();

        pool.release(warm);

        assertSame(warm, invocation.join());
        CompletableFuture<Fake> next = invocation();
        cold.initialize();
        assertSame(cold, next.join());
    }

    @Test
    void servesInvocationsInOrderOfArrival() throws Exception {
        Fake warm = busy();
        List<CompletableFuture<Fake>> invocations = List.of(invocation(), invocation(), invocation());

        for (CompletableFuture<Fake> invocation : invocations) {
            assertFalse(invocation.isDone(), "not before its turn");
            pool.release(warm);
            assertSame(warm, invocation.join());
        }
    }

    @Test
    void startsOnlySoManyAtATimeAndTheNextForThoseWhoStillWait() throws Exception {
        pool = pool(10, 2, Duration.ofMinutes(1));
        List<CompletableFuture<Fake>> invocations = List.of(invocation(), invocation(), invocation(), invocation());
        Fake first = nextStarted();
        Fake second = nextStarted();
        assertTrue(started.isEmpty());

        first.initialize();
        assertSame(first, invocations.getFirst().join());
        Fake third = nextStarted();
        pool.release(first);
        assertSame(first, invocations.get(1).join());
        second.initialize();
        assertSame(second, invocations.get(2).join());
        third.initialize();
        assertSame(third, invocations.get(3).join());
        assertTrue(started.isEmpty());
    }

    @Test
    void startsNoMoreThanItHasRoomFor() throws Exception {
        pool = pool(1, 1, Duration.ofMinutes(1));
        Fake only = busy();
        CompletableFuture<Fake> invocation = invocation();
        assertTrue(started.isEmpty());

        pool.release(only);

        assertSame(only, invocation.join());
    }

    @Test
    void turnsInvocationAwayThatNoEnvironmentStartsFor() throws Exception {
        pool = pool(10, 1, Duration.ofMillis(50));
        CompletableFuture<Fake> first = invocation();
        CompletableFuture<Fake> second = invocation();

        AwsError refused = assertInstanceOf(AwsError.class, failure(second));

        assertEquals(429, refused.status());
        assertFalse(first.isDone(), "an environment starts for the first");
        Fake environment = nextStarted().initialize();
        assertSame(environment, first.join());
    }

    @Test
    void failedInitFailsOneInvocationAndAnotherStartsForTheNext() throws Exception {
        CompletableFuture<Fake> first = invocation();
        CompletableFuture<Fake> second = invocation();

        Fake broken = nextStarted();
        broken.fail("no such class");

        assertEquals("no such class", failure(first).getMessage());
        assertFalse(broken.alive());
        Fake whole = nextStarted().initialize();
        assertSame(whole, second.join());
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
        Fake crashed = busy();
        CompletableFuture<Fake> invocation = invocation();

        crashed.alive = false;
        pool.release(crashed);

        Fake replacement = nextStarted().initialize();
        assertSame(replacement, invocation.join());
    }

    @Test
    void doesNotGiveEnvironmentThatEndedWhileItWasFree() throws Exception {
        Fake killed = busy();
        pool.release(killed);
        killed.alive = false;

        CompletableFuture<Fake> invocation = invocation();

        Fake replacement = nextStarted().initialize();
        assertSame(replacement, invocation.join());
    }

    @Test
    void endAllStartsOthersForThoseWhoWait() throws Exception {
        Fake serving = busy();
        CompletableFuture<Fake> invocation = invocation();
        Fake initializing = nextStarted();

        pool.endAll();

        assertFalse(serving.alive());
        assertFalse(initializing.alive());
        Fake fresh = nextStarted().initialize();
        assertSame(fresh, invocation.join());
        pool.release(serving);
        pool.release(fresh);
        assertSame(fresh, invocation().join(), "what was ended is not used again");
    }

    @Test
    void closeEndsEnvironmentInTheMiddleOfItsInitAndRefusesInvocations() throws Exception {
        CompletableFuture<Fake> waiting = invocation();
        Fake initializing = nextStarted();

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
                    Fake environment = new Fake();
                    started.add(environment);
                    mayStart.join();
                    return environment;
                },
                new EnvironmentPool.Size(10, 1),
                () -> Duration.ofMinutes(1));
        CompletableFuture<Fake> waiting = invocation();
        Fake starting = nextStarted();
        Thread closing = Thread.ofPlatform().start(pool::close);

        assertInstanceOf(InitFailed.class, failure(waiting));
        assertTrue(starting.alive());
        mayStart.complete(null);
        closing.join();

        assertFalse(starting.alive());
    }
}
