package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes several calls at the same time, on virtual threads. */
public final class ParallelCalls {
    /** This many parallel calls do not make EC2 throttle the account's other calls in a region. */
    private static final int MAX_PARALLEL = 10;

    private ParallelCalls() {}

    /**
     * The outcome of one call: a value, or the failure.
     *
     * @param failure what the call threw, or a {@link CancellationException} if the time was up before it returned
     */
    public record Outcome<A>(@Nullable A value, @Nullable Throwable failure) {}

    /** A call that runs on another thread. Closing it interrupts the call, in case nobody needs the result. */
    public static final class Started<A> implements AutoCloseable {
        private final FutureTask<A> call;

        private Started(Callable<A> call) {
            this.call = new FutureTask<>(call);
            Thread.ofVirtual().start(this.call);
        }

        /**
         * Waits for the result. The call itself must limit how long it takes.
         *
         * @throws RuntimeException the exception that the call threw
         */
        public A get() {
            try {
                return call.get();
            } catch (ExecutionException e) {
                throw unwrapped(e);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }

        @Override
        public void close() {
            call.cancel(true);
        }
    }

    /** Starts a call on a virtual thread. */
    public static <A> Started<A> start(Callable<A> call) {
        return new Started<>(call);
    }

    /**
     * Makes calls to one region, up to ten at a time, and returns the results in the order of the arguments. The first
     * failure cancels the other calls. A single call is made on the current thread.
     *
     * @throws RuntimeException the first failure
     */
    public static <Q, A> List<A> map(List<Q> questions, Function<Q, A> call) {
        if (questions.size() == 1) {
            return List.of(call.apply(questions.getFirst()));
        }
        ExecutorService threads =
                Executors.newFixedThreadPool(MAX_PARALLEL, Thread.ofVirtual().factory());
        try {
            CompletionService<A> finished = new ExecutorCompletionService<>(threads);
            List<Future<A>> answers = questions.stream()
                    .map(question -> finished.submit(() -> call.apply(question)))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                finished.take().get();
            }
            return answers.stream().map(Future::resultNow).toList();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            // Interrupts the calls that are still running.
            threads.shutdownNow();
        }
    }

    /**
     * Makes one call to each of several regions, waits for all of them, and returns the outcome of each, in the order
     * of the arguments. A call that fails does not affect the others.
     */
    public static <Q, A> Map<Q, Outcome<A>> all(List<Q> questions, Function<Q, A> call) {
        return outcomes(questions, call, (threads, calls) -> threads.invokeAll(calls));
    }

    /** Makes calls like {@link #all(List, Function)}, but cancels those that have not returned when the time is up. */
    public static <Q, A> Map<Q, Outcome<A>> all(List<Q> questions, Duration time, Function<Q, A> call) {
        return outcomes(
                questions,
                call,
                (threads, calls) -> threads.invokeAll(calls, Math.max(0, time.toMillis()), TimeUnit.MILLISECONDS));
    }

    private interface Invocation<A> {
        List<Future<A>> invoke(ExecutorService threads, List<Callable<A>> calls) throws InterruptedException;
    }

    private static <Q, A> Map<Q, Outcome<A>> outcomes(
            List<Q> questions, Function<Q, A> call, Invocation<A> invocation) {
        List<Callable<A>> calls = questions.stream()
                .map(question -> (Callable<A>) () -> call.apply(question))
                .toList();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<A>> answers = invocation.invoke(threads, calls);
            Map<Q, Outcome<A>> outcomes = new LinkedHashMap<>();
            for (int i = 0; i < answers.size(); i++) {
                outcomes.put(questions.get(i), outcome(answers.get(i)));
            }
            return outcomes;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            // Not close(), because it would wait for the late ones.
            threads.shutdownNow();
        }
    }

    private static <A> Outcome<A> outcome(Future<A> finished) {
        return switch (finished.state()) {
            case SUCCESS -> new Outcome<>(finished.resultNow(), null);
            case FAILED -> new Outcome<>(null, finished.exceptionNow());
            case CANCELLED, RUNNING -> new Outcome<>(null, new CancellationException());
        };
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }

    /** Returns the exception for a thread that is interrupted because nobody waits for its answer any more. */
    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
