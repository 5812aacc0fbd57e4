package io.github.spotspec.function.ec2;

import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Makes several calls to one region at the same time. */
final class ParallelCalls {
    /** This many parallel calls do not make EC2 throttle the account's other calls in the region. */
    private static final int MAX_PARALLEL = 10;

    private ParallelCalls() {}

    /**
     * Makes all calls, up to ten at a time, each on a virtual thread, and returns the results in the order of the
     * arguments. The first failure cancels the other calls.
     *
     * @throws RuntimeException the first failure
     */
    static <Q, A> List<A> map(List<Q> questions, Function<Q, A> ask) {
        if (questions.size() == 1) {
            return List.of(ask.apply(questions.getFirst()));
        }
        ExecutorService threads =
                Executors.newFixedThreadPool(MAX_PARALLEL, Thread.ofVirtual().factory());
        try {
            CompletionService<A> ended = new ExecutorCompletionService<>(threads);
            List<Future<A>> asked = questions.stream()
                    .map(question -> ended.submit(() -> ask.apply(question)))
                    .toList();
            for (int i = 0; i < asked.size(); i++) {
                ended.take().get();
            }
            return asked.stream().map(Future::resultNow).toList();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            // The request's time is up.
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            // Interrupts the calls that are still running.
            threads.shutdownNow();
        }
    }
}
