package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.service.Faults.Fault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/**
 * Loads a deployment with many callers at the same time, beyond the rate limits of EC2 and the account's quota of
 * concurrent requests. Prints the latencies by task. {@code -Dscale.seed=S} repeats the callers' choices.
 */
@ExtendWith(SharedDeployment.class)
final class ScaleIT {
    private static final long SEED = Long.getLong("scale.seed", System.nanoTime());

    /** The account's quota of concurrent requests. It is small because each execution environment is a process here. */
    private static final int CONCURRENCY = 6;

    /** The connections of the caller in a loop. Lambda does not share concurrency fairly, so some must stay free. */
    private static final int LOOPS = 4;

    private static final List<String> TYPES = List.of("m7g.large", "m6g.large", "c7g.large", "c6g.large", "r6g.large");

    /** When callers give up. A run is much shorter. */
    private static final Duration TIME = Duration.ofMinutes(5);

    /** How much longer the requests of other callers may take next to a caller in a loop: one wait, and the retries. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(15);

    private final LocalDeployment service;
    private final SpotUrl url;
    private final LoadRecord record = new LoadRecord();
    private final Map<String, String> launched = new ConcurrentHashMap<>();
    private final Instant end = Instant.now().plus(TIME);

    ScaleIT(LocalDeployment service) throws IOException {
        this.service = service;
        this.url = ScaleApp.deploy(service);
    }

    @BeforeEach
    void limitRates() {
        service.clear();
        service.cloud().state().host().limit(new LambdaHost.Limits(CONCURRENCY, Duration.ofMinutes(1)));
        service.cloud().faults().limitRequestRates(true);
    }

    /** Starts all environments, because their starts would be most of what is measured. */
    private void startEnvironments() throws Exception {
        // Slow answers keep an environment busy, so that another one starts.
        service.cloud().faults().choose((action, region) -> new Fault.DelayedResponse(Duration.ofMillis(500)));
        LoadCaller caller = caller("first", new Random(SEED), new LoadRecord());
        inParallel(
                CONCURRENCY,
                number -> () ->
                        caller.sendUntilDone(RequestBody.to("instances").with("regions", LocalDeployment.REGIONS)));
        limitRates();
    }

    @AfterEach
    void clear() {
        service.clear();
        service.cloud().state().host().limit(LambdaHost.Limits.DEFAULT);
    }

    @Test
    void launchesOnceForEachOfManyCallers() throws Exception {
        serve(12, Duration.ofSeconds(1), List.of(LocalDeployment.HOME));
    }

    @Test
    @Tag("long")
    void launchesOnceForEachOf200Callers() throws Exception {
        startEnvironments();
        serveNextToAnotherProgram(200, Duration.ofSeconds(20), LocalDeployment.REGIONS);
        assertTrue(throttledCalls() > 0, "the run did not reach EC2's limits");
    }

    /**
     * Another program of the account uses up EC2's limit on launches meanwhile, so that this machine need not be fast.
     */
    private void serveNextToAnotherProgram(int callers, Duration arrival, List<String> regions) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch throttled = new CountDownLatch(regions.size());
        List<Future<?>> programs = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            regions.forEach(region -> programs.add(threads.submit(() -> launchInLoop(region, over, throttled))));
            try {
                assertTrue(throttled.await(TIME.toSeconds(), TimeUnit.SECONDS));
                serve(callers, arrival, regions);
            } finally {
                over.set(true);
            }
        }
        for (Future<?> program : programs) {
            program.get();
        }
    }

    /** Sends RunInstances without its parameters in a loop. Such a call fails, and also takes a token. */
    private void launchInLoop(String region, AtomicBoolean over, CountDownLatch throttled) {
        try (Ec2Client ec2 = service.client(
                        Ec2Client.builder(), region, service.cloud().admin())
                .overrideConfiguration(changes -> changes.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build()) {
            boolean counted = false;
            while (!over.get()) {
                try {
                    ec2.runInstances(request -> {});
                } catch (Ec2Exception expected) {
                    if (!counted && expected.isThrottlingException()) {
                        throttled.countDown();
                        counted = true;
                    }
                    LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
                }
            }
        }
    }

    /**
     * Lets callers come within a time. Half of them launch, and half of them only ask. Every request must be done in
     * the end, and none may get another status than 200 or 429.
     */
    private void serve(int callers, Duration arrival, List<String> regions) throws Exception {
        Instant start = Instant.now();
        inParallel(callers, number -> () -> {
            Random random = new Random(SEED * 1_000_003 + number);
            LoadCaller caller = caller("caller-" + number + "-of-" + callers, random, record);
            String region = regions.get(number % regions.size());
            caller.pause(Duration.ofMillis(random.nextLong(arrival.toMillis())));
            if (number % 2 == 0) {
                launchAndEnd(caller, region, random);
            } else {
                ask(caller, region, random);
            }
            return null;
        });
        System.out.printf(
                "scale: seed %d, %d callers, %d environments, %d s, %d throttled EC2 calls%s%n",
                SEED,
                callers,
                CONCURRENCY,
                Duration.between(start, Instant.now()).toSeconds(),
                throttledCalls(),
                record);
        assertEachLaunchedOnce("-of-" + callers);
        assertEquals(callers / 2, launched.size());
        assertEquals(List.of(), service.alive());
    }

    /** Returns how many calls of the service EC2 throttled. */
    private long throttledCalls() {
        String admin = service.cloud()
                .state()
                .identities()
                .principal(service.cloud().admin().id())
                .arn();
        return service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                .filter(call -> call.outcome().equals("RequestLimitExceeded")
                        && !call.principalArn().equals(admin))
                .count();
    }

    private void launchAndEnd(LoadCaller caller, String region, Random random) throws Exception {
        RequestBody launch = RequestBody.launch(TYPES.get(random.nextInt(TYPES.size())))
                .with("regions", List.of(region))
                .with("idempotencyKey", "scale-" + SEED + "-" + caller.name());
        String id = id(caller.sendUntilDone(launch));
        launched.put(caller.name(), id);
        if (random.nextBoolean()) {
            assertEquals(id, id(caller.sendUntilDone(launch)));
        }
        caller.sendUntilDone(ofInstance("extend", region, id).with("lease", "9h"));
        caller.sendUntilDone(ofInstance("end", region, id));
    }

    private static void ask(LoadCaller caller, String region, Random random) throws Exception {
        for (int i = 0; i < 2; i++) {
            caller.sendUntilDone(RequestBody.to("price")
                    .with("types", List.of(TYPES.get(random.nextInt(TYPES.size()))))
                    .with("regions", List.of(region)));
            caller.sendUntilDone(RequestBody.to("instances").with("regions", List.of(region)));
            caller.pause(Duration.ofMillis(random.nextLong(2_000)));
        }
    }

    private static RequestBody ofInstance(String task, String region, String id) {
        return RequestBody.to(task).with("regions", List.of(region)).with("instanceIds", id);
    }

    private static String id(SpotUrl.Answer answer) {
        return answer.json().path("data").path(0).path("InstanceId").asText();
    }

    private void assertEachLaunchedOnce(String callers) {
        Map<String, List<String>> found = new ConcurrentHashMap<>();
        for (Instance instance : service.instanceStore().all()) {
            String caller = instance.tags().getOrDefault("spotspec:caller", "");
            if (caller.endsWith(callers)) {
                found.computeIfAbsent(caller.substring(caller.lastIndexOf('/') + 1), key -> new ArrayList<>())
                        .add(instance.id());
            }
        }
        Map<String, List<String>> expected = new ConcurrentHashMap<>();
        launched.forEach((caller, id) -> expected.put(caller, List.of(id)));
        assertEquals(expected, found);
    }

    @Test
    @Tag("long")
    void callerInLoopDoesNotStarveOthers() throws Exception {
        startEnvironments();
        LoadRecord alone = new LoadRecord();
        listRegularly(alone);
        LoadRecord others = new LoadRecord();
        LoadRecord loop = new LoadRecord();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch throttled = new CountDownLatch(1);
        LoadCaller greedy = caller("greedy", new Random(SEED), loop);
        List<Future<?>> loops = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < LOOPS; i++) {
                loops.add(threads.submit(() -> {
                    while (!over.get()) {
                        greedy.send(list());
                        if (throttled.getCount() > 0 && throttledCalls() > 0) {
                            throttled.countDown();
                        }
                    }
                    return null;
                }));
            }
            try {
                assertTrue(throttled.await(TIME.toSeconds(), TimeUnit.SECONDS));
                listRegularly(others);
            } finally {
                over.set(true);
            }
        }
        for (Future<?> one : loops) {
            one.get();
        }
        System.out.printf(
                "scale: seed %d, alone%s%nnext to a caller in a loop%s%nthe caller in a loop%s%n",
                SEED, alone, others, loop);
        Duration max = alone.timeUntilDone("instances", 95).plus(MAX_DELAY);
        assertTrue(others.timeUntilDone("instances", 95).compareTo(max) < 0, "the others waited too long");
    }

    /** Lists instances from 16 callers, each every second or two. Together they stay below EC2's limit. */
    private void listRegularly(LoadRecord times) throws Exception {
        inParallel(16, number -> () -> {
            Random random = new Random(SEED * 31 + number);
            LoadCaller caller = caller("regular-" + number, random, times);
            for (int i = 0; i < 6; i++) {
                caller.pause(Duration.ofMillis(1_000 + random.nextLong(1_000)));
                caller.sendUntilDone(list());
            }
            return null;
        });
    }

    private static RequestBody list() {
        return RequestBody.to("instances").with("regions", List.of(LocalDeployment.HOME));
    }

    private LoadCaller caller(String name, Random random, LoadRecord times) {
        return new LoadCaller(service, url, name, end, random, times);
    }

    /** What one of several threads does. */
    @FunctionalInterface
    private interface Work {
        Callable<Object> of(int number);
    }

    private static void inParallel(int number, Work work) throws Exception {
        List<Future<Object>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < number; i++) {
                all.add(threads.submit(work.of(i)));
            }
        }
        for (Future<Object> one : all) {
            one.get();
        }
    }
}
