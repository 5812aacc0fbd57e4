package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.service.Faults.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sends requests of many concurrent callers, with the limits of {@code ./local}. */
@ExtendWith(SharedDeployment.class)
@Tag("long")
final class ConcurrentCallersIT {
    /**
     * Less than a function's time-out of 30 seconds. Eight environments may start at the same time on two busy cores.
     */
    private static final Duration MAX_RESPONSE_TIME = Duration.ofSeconds(20);

    private static final String INSTANCES = RequestBody.to("instances").toString();

    private final LocalDeployment service;

    ConcurrentCallersIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void limit() throws Exception {
        service.cloud().state().host().limit(LambdaHost.Limits.SMALL);
        assertEquals(200, service.send(INSTANCES).status());
    }

    @AfterEach
    void removeLimit() {
        service.clear();
        service.cloud().state().host().limit(LambdaHost.Limits.DEFAULT);
    }

    private record Answered(int status, Duration after) {}

    /** Sends requests from concurrent callers for a time. Each caller sends at least one. */
    private List<Answered> callConcurrently(int number, Duration time) throws Exception {
        Instant end = Instant.now().plus(time);
        List<Future<List<Answered>>> callers = new ArrayList<>();
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < number; i++) {
                callers.add(crowd.submit(() -> {
                    List<Answered> answers = new ArrayList<>();
                    do {
                        Instant start = Instant.now();
                        int status = service.send(INSTANCES).status();
                        answers.add(new Answered(status, Duration.between(start, Instant.now())));
                    } while (Instant.now().isBefore(end));
                    return answers;
                }));
            }
        }
        List<Answered> answers = new ArrayList<>();
        for (Future<List<Answered>> caller : callers) {
            answers.addAll(caller.get());
        }
        return answers;
    }

    private static Set<Integer> statuses(List<Answered> answers) {
        Set<Integer> statuses = new TreeSet<>();
        answers.forEach(answer -> statuses.add(answer.status()));
        return statuses;
    }

    private static void assertInTime(List<Answered> answers) {
        assertEquals(
                List.of(),
                answers.stream()
                        .filter(answer -> answer.after().compareTo(MAX_RESPONSE_TIME) >= 0)
                        .toList());
    }

    @Test
    void servesCallersWithinQuota() throws Exception {
        List<Answered> answers = callConcurrently(8, Duration.ofSeconds(3));

        assertInTime(answers);
        assertEquals(Set.of(200), statuses(answers));
    }

    @Test
    void throttlesCallersBeyondQuota() throws Exception {
        // Keeps the first requests running until all have arrived.
        service.cloud().faults().choose((action, region) -> new Fault.DelayedResponse(Duration.ofMillis(100)));

        List<Answered> answers = callConcurrently(32, Duration.ZERO);

        assertInTime(answers);
        assertEquals(Set.of(200, 429), statuses(answers));
    }
}
