package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.SpotRequest;
import io.github.spotspec.local.service.Faults.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One run of a caller that launches, retries, and finally ends everything. Nothing else runs in its regions. */
final class ChaosRun {
    /** The tally entry for a launch that fell back to on-demand. */
    static final String FELL_BACK = "fell back";

    /** The tally entry for an end of instances that EC2 does not show yet. */
    static final String UNSEEN = "unseen";

    /** The tally entry for a launch over several regions. */
    static final String SEVERAL_REGIONS = "several regions";

    /** The tally entry for a launch with EC2 Fleet. */
    static final String FLEET = "fleet";

    /** The deployment under test. It allows launches to fall back to on-demand, and to use EC2 Fleet. */
    static final String STACK = "Generous";

    private static final List<String> TYPES = List.of("m7g.large", "m6g.large", "c7g.large", "c6g.large", "r6g.large");
    private static final List<String> TAGS =
            List.of("spotspec:service", "spotspec:lease", "spotspec:request", "spotspec:caller");
    private static final int MAX_TRIES = 12;
    private static final double KILL_PROBABILITY = 0.001;

    /** How the run ends its instances. */
    private enum Cleanup {
        END_THESE,
        END_ALL,
        TERMINATE,
        LEASE
    }

    private final LocalDeployment service;
    private final List<String> regions;
    private final ChaosRegions instances;
    private final long seed;
    private final int number;
    private final Random random;

    private final Duration delay;
    private final double faultProbability;
    private final int count;
    private final boolean persistent;
    private final boolean onDemand;
    private final boolean fleet;
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Set<String> existing = new HashSet<>();
    private final List<String> history = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> tally = new TreeMap<>();
    private volatile boolean faultsStopped;
    /** Whether the launch was sent twice concurrently. Zonal client tokens may not prevent a surplus then. */
    private boolean launchedConcurrently;

    /**
     * Creates a run.
     *
     * @param lane the regions in which nothing else runs; the run uses one or all of them
     */
    ChaosRun(LocalDeployment service, long seed, int number, List<String> lane) {
        this.service = service;
        this.seed = seed;
        this.number = number;
        random = new Random(seed * 1_000_003 + number);
        faultProbability = List.of(0.0, 0.05, 0.1, 0.2).get(random.nextInt(4));
        count = 1 + random.nextInt(3);
        persistent = random.nextInt(3) == 0;
        onDemand = random.nextInt(3) == 0;
        delay = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(500 + random.nextInt(3_500));
        regions = random.nextBoolean() ? lane : lane.subList(0, 1);
        instances = new ChaosRegions(service, regions);
        // A fleet cannot launch instances that stop at an interruption.
        fleet = random.nextInt(3) == 0 && !persistent;
    }

    /** Chooses the fault of a call by the run and by the number of such calls so far. */
    @Nullable
    Fault fault(String action) {
        if (faultsStopped) {
            return null;
        }
        int nth = calls.merge(action, 1, Integer::sum);
        Random chance = new Random((seed * 31 + number) * 1_000_003 + action.hashCode() * 31L + nth);
        chance.nextInt();
        if (chance.nextDouble() < KILL_PROBABILITY) {
            history.add("the function dies at " + action);
            service.endEnvironments();
            return new Fault.LostResponse();
        }
        if (chance.nextDouble() >= faultProbability) {
            return null;
        }
        Fault fault = switch (chance.nextInt(8)) {
            case 0 -> new Fault.ErrorResponse(503, "RequestLimitExceeded", "Request limit exceeded.");
            case 1, 2 -> new Fault.ErrorResponse(500, "InternalError", "An internal error has occurred");
            case 3 -> new Fault.ErrorResponse(503, "Unavailable", "The service is unavailable.");
            case 4, 5 -> new Fault.DelayedResponse(Duration.ofMillis(1 + chance.nextInt(300)));
            default -> new Fault.LostResponse();
        };
        history.add(fault + " at " + action);
        return fault;
    }

    /** Returns the delay until EC2 shows new instances. */
    Duration delay() {
        return delay;
    }

    /** Returns the number of times that each event occurred. */
    Map<String, Integer> tally() {
        return tally;
    }

    void carryOut() throws Exception {
        instances.all().forEach(instance -> existing.add(instance.id()));
        setCapacity();
        Set<String> reported = launch();
        if (!launched().stream().allMatch(ChaosRun::isSpot)) {
            count(FELL_BACK);
        }
        endSurplus();
        checkInvariants();
        faultsStopped = random.nextBoolean();
        if (!instances.isAllVisible()) {
            count(UNSEEN);
        }
        switch (Cleanup.values()[random.nextInt(Cleanup.values().length)]) {
            case END_THESE -> {
                endThese(reported);
                endRest();
            }
            case END_ALL -> endAll();
            case TERMINATE -> {
                terminate(reported);
                endRest();
            }
            case LEASE -> expire();
        }
        checkInvariants();
        assertEquals(List.of(), instances.aliveIds(), "instances left running");
    }

    /** Sets the capacity of each pool at random. If a launch may fall back, often no pool has capacity. */
    private void setCapacity() {
        boolean scarce = random.nextBoolean();
        boolean none = onDemand && random.nextBoolean();
        for (String region : regions) {
            for (String type : TYPES) {
                for (String zone : List.of("a", "b", "c", "d")) {
                    service.instanceStore()
                            .capacity()
                            .setSpot(type, region + zone, none ? 0 : scarce ? random.nextInt(3) : 50);
                }
            }
        }
    }

    /** Launches and retries, and returns the ids of the reported instances. */
    private Set<String> launch() throws Exception {
        if (regions.size() > 1) {
            count(SEVERAL_REGIONS);
        }
        List<String> types = new ArrayList<>(TYPES);
        Collections.shuffle(types, random);
        RequestBody ask = RequestBody.launch(
                        types.subList(0, 1 + random.nextInt(3)).toArray(String[]::new))
                .with("regions", regions)
                .with("count", count)
                .with("lease", "1h")
                .with("idempotencyKey", "chaos-" + seed + "-" + number);
        if (persistent) {
            ask.with("interruption", "stop");
        }
        if (onDemand) {
            ask.with("onNoCapacity", "onDemand");
        }
        if (fleet) {
            count(FLEET);
            ask.with("allocation", "price-capacity-optimized");
        }
        Set<String> reported = new LinkedHashSet<>();
        int extraCalls = random.nextInt(3);
        for (int i = 0; i < MAX_TRIES && (reported.isEmpty() || extraCalls-- > 0); i++) {
            boolean twice = random.nextInt(8) == 0;
            launchedConcurrently |= twice;
            for (SpotUrl.Answer answer : twice ? sendTwice(ask) : List.of(send(ask))) {
                if (answer.status() == 200) {
                    Set<String> ids = ids(answer);
                    assertTrue(ids.size() <= count, "more instances reported than requested");
                    assertTrue(!ids.isEmpty(), "a successful launch must report instances");
                    reported.addAll(ids);
                    assertTrue(reported.size() <= count || launchedConcurrently, "one key launched " + reported);
                    assertTrue(instances.aliveIds().containsAll(ids), "reported but not running: " + ids);
                }
            }
            checkInvariants();
            if (reported.isEmpty() && i > 2 && random.nextInt(3) == 0) {
                break;
            }
        }
        return reported;
    }

    /** Lets the keeper end the surplus of concurrent launches. */
    private void endSurplus() {
        if (launched().size() > count) {
            count("surplus");
            faultsStopped = true;
            instances.awaitVisible();
            for (int i = 0; i < MAX_TRIES && instances.alive().size() > count; i++) {
                service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper");
            }
            assertTrue(instances.alive().size() <= count, "the keeper left a surplus");
        }
    }

    private void endThese(Set<String> ids) throws Exception {
        if (ids.isEmpty()) {
            return;
        }
        RequestBody ask = RequestBody.to("end").with("regions", regions).with("instanceIds", ids);
        retryUntilDone(ask);
        for (Instance instance : instances.alive()) {
            assertTrue(!ids.contains(instance.id()), instance.id() + " runs after its end");
        }
    }

    /**
     * Ends the remaining instances, if any. An end of all waits until EC2 shows nothing new, so it is skipped
     * otherwise.
     */
    private void endRest() throws Exception {
        if (!instances.alive().isEmpty()) {
            endAll();
        }
    }

    private void endAll() throws Exception {
        retryUntilDone(RequestBody.to("end").with("regions", regions).with("all", true));
        assertEquals(List.of(), instances.aliveIds(), "running after the end of all");
    }

    private void terminate(Set<String> ids) throws Exception {
        if (ids.isEmpty()) {
            return;
        }
        SpotUrl.Answer answer = retryUntilDone(
                RequestBody.to("terminate").with("regions", regions).with("instanceIds", ids));
        List<String> wouldRelaunch = new ArrayList<>();
        answer.json().path("meta").path("wouldRelaunch").forEach(id -> wouldRelaunch.add(id.asText()));
        for (Instance instance : instances.alive()) {
            assertTrue(
                    !ids.contains(instance.id()) || wouldRelaunch.contains(instance.id()),
                    instance.id() + " runs after it was terminated");
        }
    }

    /** Lets all leases expire and runs the keeper, first with faults and then without. */
    private void expire() throws Exception {
        // The keeper cannot end what EC2 does not show.
        instances.awaitVisible();
        String expired = Instant.now().minusSeconds(60).toString();
        for (Instance instance : instances.alive()) {
            service.instanceStore().tag(instance.id(), Map.of("spotspec:lease", expired));
            if (instance.spotRequest() != null) {
                service.instanceStore().tag(instance.spotRequest(), Map.of("spotspec:lease", expired));
            }
        }
        service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper");
        checkInvariants();
        faultsStopped = true;
        // A run in another region may kill the keeper, so that only the next schedule succeeds.
        for (int i = 0; i < MAX_TRIES && !instances.alive().isEmpty(); i++) {
            service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper");
        }
        count("leases kept");
    }

    /** Repeats a request until it succeeds completely. */
    private SpotUrl.Answer retryUntilDone(RequestBody ask) throws Exception {
        for (int i = 0; i < MAX_TRIES; i++) {
            faultsStopped |= i > 2;
            SpotUrl.Answer answer = send(ask);
            assertTrue(!answer.text().contains("\"IdNotFound\""), "not found: " + ask);
            if (answer.status() == 200 && isAllDone(answer.json().path("meta"))) {
                return answer;
            }
        }
        throw new AssertionError("not done after " + MAX_TRIES + " tries");
    }

    private static boolean isAllDone(JsonNode meta) {
        return meta.path("left").asInt() == 0
                && List.of("missing", "failed", "refused").stream().noneMatch(meta::has);
    }

    private List<SpotUrl.Answer> sendTwice(RequestBody ask) throws Exception {
        try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<SpotUrl.Answer> one = both.submit(() -> send(ask));
            Future<SpotUrl.Answer> other = both.submit(() -> send(ask));
            return List.of(one.get(), other.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError wrong) {
                throw wrong;
            }
            throw e;
        }
    }

    /** Sends a request, and checks the answer against the documented contract. */
    private SpotUrl.Answer send(RequestBody ask) throws Exception {
        SpotUrl.Answer answer =
                new SpotUrl(service.output(STACK, "Url"), LocalDeployment.HOME).post(ask.toString(), service.caller());
        history.add(ask + " -> " + answer.status() + " " + answer.text());
        // Lambda's response when the function died.
        if (answer.status() == 502 && answer.text().equals("Internal Server Error")) {
            count("function died");
            return answer;
        }
        JsonNode json = answer.json();
        String word = answer.status() == 200 ? json.path("event").asText() : answer.error();
        count(word);
        if (word.equals("Throttled")) {
            // The service rejects an earlier try.
            LockSupport.parkNanos(answer.retryAfter().toNanos());
        }
        List<String> alive = instances.aliveIds();
        json.path("data")
                .forEach(row -> assertTrue(
                        !row.path("Ended").asBoolean()
                                || !alive.contains(row.path("InstanceId").asText()),
                        "reported as ended but running: " + row));
        if (answer.status() != 200) {
            assertEquals(answer.status(), json.path("code").asInt(), answer.text());
            assertTrue(ErrorTable.codes().contains(word), "undocumented error code: " + answer.text());
            assertTrue(!word.equals("Internal"), "internal error: " + answer.text());
            assertTrue(!json.path("details").asText().isEmpty(), answer.text());
        }
        return answer;
    }

    /** Checks the invariants that hold at any time. */
    private void checkInvariants() {
        List<Instance> launched = launched();
        assertTrue(launched.size() <= count || launchedConcurrently, "launched " + launched.size() + " for " + count);
        for (Instance instance : launched) {
            assertTagged(instance.id(), instance.tags());
            instance.volumes().forEach(volume -> assertTagged(volume.id(), volume.tags()));
            if (isSpot(instance)) {
                SpotRequest request = service.instanceStore().allRequests().stream()
                        .filter(one -> one.id().equals(instance.spotRequest()))
                        .findFirst()
                        .orElse(null);
                assertNotNull(request, instance.id() + " has no spot request");
                assertTagged(request.id(), request.tags());
            } else {
                assertTrue(onDemand, instance.id() + " is on-demand without permission");
            }
        }
    }

    private static boolean isSpot(Instance instance) {
        return instance.launchSpecification().isSpot();
    }

    private static void assertTagged(String id, Map<String, String> tags) {
        assertTrue(tags.keySet().containsAll(TAGS), id + " has only the tags " + tags.keySet());
        Instant.parse(String.valueOf(tags.get("spotspec:lease")));
    }

    private List<Instance> launched() {
        return instances.all().stream()
                .filter(instance -> !existing.contains(instance.id()))
                .toList();
    }

    private static Set<String> ids(SpotUrl.Answer answer) {
        Set<String> ids = new LinkedHashSet<>();
        answer.json().path("data").forEach(row -> ids.add(row.path("InstanceId").asText()));
        return ids;
    }

    private synchronized void count(String what) {
        tally.merge(what, 1, Integer::sum);
    }

    @Override
    public String toString() {
        return String.join("\n", history);
    }
}
