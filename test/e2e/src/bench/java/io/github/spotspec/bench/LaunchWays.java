package io.github.spotspec.bench;

import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.lambda.Sandbox;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures warm launches by allocation strategy and number of regions. Each environment has launched once in each way
 * before.
 */
final class LaunchWays extends Interleaved {
    private static final String TYPE = "m7g.large";

    private static final List<String> ALLOCATIONS = List.of("lowest-price", "price-capacity-optimized");
    private static final List<Integer> REGIONS = List.of(1, BenchmarkAccount.REGIONS.size());

    private final Map<String, BenchmarkRequest> questions = new LinkedHashMap<>();
    private final Latency latency;

    LaunchWays(BenchmarkAccount account, List<Contestant> contestants, Latency latency) {
        super(account, contestants);
        this.latency = latency;
        for (String allocation : ALLOCATIONS) {
            for (int regions : REGIONS) {
                questions.put(
                        figure(allocation, regions),
                        BenchmarkRequest.launch(TYPE, allocation, BenchmarkAccount.REGIONS.subList(0, regions)));
            }
        }
    }

    /** Returns the names of all times. */
    static List<String> figures() {
        return ALLOCATIONS.stream()
                .flatMap(allocation -> REGIONS.stream().map(regions -> figure(allocation, regions)))
                .toList();
    }

    private static String figure(String allocation, int regions) {
        return "launch, warm, " + allocation + ", " + regions + (regions == 1 ? " region" : " regions");
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant, latency))) {
            questions.forEach((figure, question) -> launch(sandbox, figure, question, contestant, new Table()));
            questions.forEach((figure, question) -> launch(sandbox, figure, question, contestant, table));
        }
    }

    private void launch(Sandbox sandbox, String figure, BenchmarkRequest question, Contestant contestant, Table table) {
        int before = account().endpoint().ec2Calls();
        byte[] event = question.event();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        table.add(figure, contestant.name(), "ms", millisSince(start));
        table.add(
                figure + EC2_CALLS, contestant.name(), "", account().endpoint().ec2Calls() - before);
        if (BenchmarkRequest.rows(answer).size() != 1) {
            throw new IllegalStateException(figure + ": not launched");
        }
        InstanceStore instances = account().cloud().state().instanceStore();
        instances.all().forEach(instances::terminate);
    }
}
