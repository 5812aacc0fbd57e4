package io.github.spotspec.function.ec2;

import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Several questions to one region at the same time. */
final class ParallelCalls {
    /** So many calls at the same time do not make EC2 throttle others that the account makes in the region. */
    private static final int MAX_PARALLEL = 10;

    private ParallelCalls() {}

    /**
     * Asks all questions, up to ten at a time, each on a virtual thread, and returns the answers in the order of the questions.
     * The first that fails ends the others.
     *
     * @throws RuntimeException what it threw
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
            // Whoever is still asking is interrupted.
            threads.shutdownNow();
        }
    }
}
