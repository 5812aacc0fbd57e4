package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.Faults.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that callers can retry a launch safely. */
@ExtendWith(SharedDeployment.class)
final class IdempotencyIT {
    /** The number of concurrent callers. */
    private static final int CALLERS = 3;

    /** The function gives up on a call that takes longer. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(7);

    private final LocalDeployment service;

    IdempotencyIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void sameKeyReturnsSameInstances() throws Exception {
        String ask = RequestBody.launch("m7g.large", "m6g.large")
                .with("count", 2)
                .with("idempotencyKey", "same")
                .toString();
        List<Instance> first = service.instances(service.send(ask));

        SpotUrl.Answer again = service.send(ask);
        assertEquals(ids(first), ids(service.instances(again)));
        assertTrue(again.json().path("meta").path("repeated").asBoolean());

        service.endEnvironments();
        assertEquals(ids(first), ids(service.instances(service.send(ask))));
        assertEquals(2, service.alive().size());
    }

    @Test
    void sameKeyWithOtherRequestConflicts() throws Exception {
        service.send(RequestBody.launch("m7g.large")
                .with("idempotencyKey", "conflict")
                .toString());

        SpotUrl.Answer answer = service.send(RequestBody.launch("m7g.large")
                .with("count", 2)
                .with("idempotencyKey", "conflict")
                .toString());

        assertEquals(409, answer.status());
        assertEquals("IdempotencyConflict", answer.error());
        assertEquals(1, service.alive().size());
    }

    @Test
    void keyOfEndedInstancesConflicts() throws Exception {
        String ask =
                RequestBody.launch("m7g.large").with("idempotencyKey", "ended").toString();
        List<String> launched = ids(service.instances(service.send(ask)));
        service.send(RequestBody.to("end").with("instanceIds", launched).toString());

        assertEquals("IdempotencyConflict", service.send(ask).error());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void headerEqualsField() throws Exception {
        String ask = RequestBody.launch("m7g.large").toString();
        List<Instance> first = service.instances(service.url().postWithKey(ask, "from-header", service.caller()));

        assertEquals(
                ids(first), ids(service.instances(service.url().postWithKey(ask, "from-header", service.caller()))));
        assertEquals(
                ids(first),
                ids(service.instances(service.send(RequestBody.launch("m7g.large")
                        .with("idempotencyKey", "from-header")
                        .toString()))));
        assertEquals(1, service.alive().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lostResponseLaunchesOnce(boolean withKey) throws Exception {
        service.cloud().faults().next("ec2:RunInstances", new Fault.LostResponse());
        RequestBody ask = RequestBody.launch("m7g.large").with("count", 2);

        SpotUrl.Answer answer = service.send((withKey ? ask.with("idempotencyKey", "lost") : ask).toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(2, service.instances(answer).size());
        assertEquals(2, service.alive().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retryFindsInstancesEc2DoesNotShowYet(boolean failedTokensKept) throws Exception {
        service.cloud().faults().showAfter(Duration.ofMillis(700));
        service.instanceStore().keepFailedTokens(failedTokensKept);
        RequestBody ask =
                RequestBody.launch("c6gn.large").with("count", 2).with("idempotencyKey", "unseen-" + failedTokensKept);
        service.instanceStore().capacity().setSpot("c6gn.large", cheapestZone(ask), 0);

        SpotUrl.Answer first = service.send(ask.toString());
        SpotUrl.Answer second = service.send(ask.toString());

        assertEquals(200, second.status(), second.text());
        assertEquals(ids(service.instances(first)), ids(service.instances(second)));
        assertEquals(2, service.alive().size());
    }

    @Test
    void concurrentLaunchesWithSameKeyLaunchOnce() throws Exception {
        service.cloud().faults().showAfter(Duration.ofMillis(300));
        String ask = RequestBody.launch("m7g.large", "m6g.large")
                .with("count", 2)
                .with("idempotencyKey", "crowd")
                .toString();
        // EC2 carries out no launch before all have arrived, each from its own environment.
        CountDownLatch arrived = new CountDownLatch(CALLERS);
        service.cloud().faults().choose((action, region) -> {
            if (action.equals("ec2:RunInstances")) {
                arrived.countDown();
                awaitAll(arrived);
            }
            return null;
        });
        List<Future<SpotUrl.Answer>> answers = new ArrayList<>();
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                answers.add(crowd.submit(() -> service.send(ask)));
            }
        }

        for (Future<SpotUrl.Answer> answer : answers) {
            assertEquals(200, answer.get().status(), answer.get().text());
            assertEquals(ids(service.alive()), ids(service.instances(answer.get())));
        }
        assertEquals(2, service.alive().size());
    }

    private static boolean awaitAll(CountDownLatch arrived) {
        try {
            return arrived.await(MAX_DELAY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    @Tag("long")
    void concurrentLaunchesOverRegionsEndWithOneLaunch() throws Exception {
        service.cloud().faults().showAfter(Duration.ofMillis(300));
        String ask = RequestBody.launch("m7g.large", "m6g.large")
                .with("regions", "all")
                .with("idempotencyKey", "everywhere")
                .toString();
        service.endEnvironments();
        for (int i = 0; i < CALLERS; i++) {
            service.startEnvironment();
        }
        List<Future<SpotUrl.Answer>> answers = new ArrayList<>();
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                answers.add(crowd.submit(() -> service.send(ask)));
            }
        }

        for (Future<SpotUrl.Answer> answer : answers) {
            assertEquals(200, answer.get().status(), answer.get().text());
            assertEquals(ids(service.alive()), ids(service.instances(answer.get())));
        }
        assertEquals(1, service.alive().size());
    }

    @Test
    void keysOfDifferentCallersDiffer() throws Exception {
        service.send(
                RequestBody.launch("m7g.large").with("idempotencyKey", "shared").toString());

        // The administrator can call every URL.
        SpotUrl.Answer other = service.url()
                .post(
                        RequestBody.launch("m7g.large")
                                .with("idempotencyKey", "shared")
                                .toString(),
                        service.cloud().admin());

        assertEquals(200, other.status(), other.text());
        assertEquals(2, service.alive().size());
    }

    private String cheapestZone(RequestBody ask) throws Exception {
        String zone = service.send(ask.with("dryRun", true).toString())
                .json()
                .path("meta")
                .path("candidates")
                .path(0)
                .path("AvailabilityZone")
                .asText();
        ask.with("dryRun", false);
        return zone;
    }

    private static List<String> ids(List<Instance> instances) {
        return instances.stream().map(Instance::id).sorted().toList();
    }
}
