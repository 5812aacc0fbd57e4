package io.github.spotspec.function.ec2;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Several questions to one region at the same time. */
final class AtOnce {
    /** So many calls at the same time do not make EC2 throttle others that the account makes in the region. */
    private static final int MOST = 10;

    private AtOnce() {}

    /**
     * Asks all questions, up to ten at a time, each on a virtual thread, and returns the answers in the order of the questions.
     *
     * @throws RuntimeException what the first question threw that failed
     */
    static <Q, A> List<A> all(List<Q> questions, Function<Q, A> ask) {
        if (questions.size() == 1) {
            return List.of(ask.apply(questions.getFirst()));
        }
        List<A> answers = new ArrayList<>();
        ExecutorService threads =
                Executors.newFixedThreadPool(MOST, Thread.ofVirtual().factory());
        try {
            for (Future<A> answer : threads.invokeAll(questions.stream()
                    .map(question -> (Callable<A>) () -> ask.apply(question))
                    .toList())) {
                answers.add(answer.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            // The request's time is up; those who were asked are interrupted as well.
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
