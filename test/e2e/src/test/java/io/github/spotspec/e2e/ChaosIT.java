package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Meter;
import io.github.spotspec.local.service.Faults.Fault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Launches, retries and ends instances while random faults happen: throttling, failures, slow and lost responses, pools
 * without capacity, instances that EC2 does not show for seconds, and functions that die during a call. Some launches
 * may fall back to on-demand, and some use EC2 Fleet. Afterwards, compares the receipts with the local cloud's own
 * meter.
 *
 * <p>The seed and the number of a run determine the run, and the fault of the n-th call of each action in it. Only the
 * scheduling of threads is random. {@code -Dchaos.seed=S -Dchaos.first=N -Dchaos.runs=1} repeats one run.
 */
@ExtendWith(SharedDeployment.class)
final class ChaosIT {
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final int FIRST = Integer.getInteger("chaos.first", 0);
    private static final int MAX_SWEEPS = 12;

    /** A receipt is rounded to a millionth of a dollar. */
    private static final BigDecimal ROUNDING = new BigDecimal("0.0000005");

    private static final int RUNS = Integer.getInteger("chaos.runs", 15);

    /** The regions of runs that are carried out at the same time. */
    private static final List<List<String>> LANES = List.of(
            LocalDeployment.REGIONS.subList(0, 2), LocalDeployment.REGIONS.subList(2, LocalDeployment.REGIONS.size()));

    private final LocalDeployment service;
    private final Map<String, ChaosRun> running = new ConcurrentHashMap<>();
    private final Map<String, Integer> tally = new TreeMap<>();

    ChaosIT(LocalDeployment service) throws Exception {
        GuardRailsIT.deploy(service);
        this.service = service;
    }

    @BeforeEach
    @AfterEach
    void clear() {
        service.clear();
    }

    @Test
    void launchesOnceAndEndsEverythingDespiteFailures() throws Exception {
        Set<String> existing =
                service.instanceStore().all().stream().map(Instance::id).collect(Collectors.toSet());
        System.out.printf("chaos: seed %d, runs %d to %d%n", SEED, FIRST, FIRST + RUNS - 1);
        service.cloud().faults().choose(this::fault);
        service.cloud().faults().showAfter(this::delay);
        List<String> wrong = new ArrayList<>();
        // This setting applies to all regions, so it changes between the halves and not between runs.
        for (int half = 0; half < 2; half++) {
            service.instanceStore().keepFailedTokens(half == 0);
            wrong.addAll(carryOut(FIRST + RUNS * half / 2, FIRST + RUNS * (half + 1) / 2));
        }
        System.out.printf("chaos: %s%n", tally);
        assertTrue(wrong.isEmpty(), () -> "seed " + SEED + ":\n" + String.join("\n", wrong));
        compareReceiptsWithMeter(existing);
        assertTrue(RUNS < 50 || tally.containsKey(ChaosRun.FELL_BACK), "no launch fell back to on-demand");
        assertTrue(RUNS < 50 || tally.containsKey(ChaosRun.SEVERAL_REGIONS), "no launch was over several regions");
        assertTrue(RUNS < 50 || tally.containsKey(ChaosRun.FLEET), "no launch was with EC2 Fleet");
        assertTrue(RUNS < 50 || tally.containsKey(ChaosRun.UNSEEN), "no instance was ended before EC2 showed it");
    }

    /**
     * Checks that every instance that the deployment launched has a receipt, and that the receipts add up to what the
     * instances cost. A receipt may be repeated, because functions die between the receipt and its tag. If a fault kept
     * the service from recording the state before the end of an instance that EC2 can stop, the keeper waits for the
     * record, and in the end writes a receipt without a cost.
     */
    private void compareReceiptsWithMeter(Set<String> existing) {
        service.cloud().faults().clear();
        List<Instance> launched = service.instanceStore().all().stream()
                .filter(instance -> !existing.contains(instance.id()))
                .filter(instance ->
                        String.valueOf(instance.tags().get("spotspec:service")).startsWith(ChaosRun.STACK + "/"))
                .toList();
        List<Instance> known = launched.stream()
                .filter(instance -> !instance.launchSpecification().market().persistent()
                        || instance.tags().containsKey("spotspec:before-end"))
                .toList();
        for (int i = 0; i < MAX_SWEEPS && !known.stream().allMatch(ChaosIT::hasReceipt); i++) {
            service.cloud().state().events().fireSchedules(ChaosRun.STACK + "-SpotKeeper");
        }
        Map<String, List<JsonNode>> receipts = new LoggedReceipts(service).of(known);
        Meter meter = new Meter(service.cloud().state().market());
        BigDecimal billed = BigDecimal.ZERO;
        BigDecimal metered = BigDecimal.ZERO;
        for (Instance instance : known) {
            Set<String> costs = receipts.getOrDefault(instance.id(), List.of()).stream()
                    .map(receipt -> receipt.path("Cost").asText())
                    .collect(Collectors.toSet());
            assertTrue(
                    costs.size() == 1 && !costs.contains("null"),
                    "unknown cost, or receipts that differ: " + receipts.get(instance.id()));
            billed = billed.add(new BigDecimal(costs.iterator().next()));
            metered = metered.add(meter.cost(instance));
        }
        System.out.printf(
                "chaos: %d receipts of %d instances for $%s, metered $%s; %d others without a record%n",
                receipts.values().stream().mapToInt(List::size).sum(),
                known.size(),
                billed,
                metered,
                launched.size() - known.size());
        assertTrue(known.size() > launched.size() / 2, "hardly any state before an end was recorded");
        BigDecimal tolerance = ROUNDING.multiply(BigDecimal.valueOf(known.size()));
        assertTrue(
                billed.subtract(metered).abs().compareTo(tolerance) <= 0,
                "receipts of $" + billed + " for $" + metered);
    }

    private static boolean hasReceipt(Instance instance) {
        return instance.tags().containsKey("spotspec:receipt");
    }

    private @Nullable Fault fault(String action, String region) {
        ChaosRun run = running.get(region);
        return run == null ? null : run.fault(action);
    }

    private Duration delay(String region) {
        ChaosRun run = running.get(region);
        return run == null ? Duration.ZERO : run.delay();
    }

    /** Carries out runs, one at a time in each lane, and returns the failures. */
    private List<String> carryOut(int first, int end) throws Exception {
        List<Future<List<String>>> lanes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int lane = 0; lane < LANES.size(); lane++) {
                int of = lane;
                lanes.add(threads.submit(() -> carryOut(first, end, of)));
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Future<List<String>> lane : lanes) {
            wrong.addAll(lane.get());
        }
        return wrong;
    }

    private List<String> carryOut(int first, int end, int lane) throws Exception {
        List<String> wrong = new ArrayList<>();
        List<String> regions = LANES.get(lane);
        for (int number = first; number < end; number++) {
            if (number % LANES.size() == lane) {
                ChaosRun run = new ChaosRun(service, SEED, number, regions);
                regions.forEach(region -> running.put(region, run));
                try {
                    run.carryOut();
                } catch (AssertionError e) {
                    wrong.add("run " + number + " in " + regions + ": " + e.getMessage() + "\n" + run);
                    new ChaosRegions(service, regions).clear();
                }
                synchronized (tally) {
                    run.tally().forEach((what, times) -> tally.merge(what, times, Integer::sum));
                }
            }
        }
        regions.forEach(running::remove);
        return wrong;
    }
}
