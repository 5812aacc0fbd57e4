package io.github.spotspec.bench;

import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.lambda.Sandbox;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures warm launches by allocation strategy and number of regions, with EC2 calls of 50 ms. Each environment has
 * launched once in each way before.
 */
final class LaunchWays extends Interleaved {
    private static final Duration EC2_TIME = Duration.ofMillis(50);
    private static final String TYPE = "m7g.large";

    private final Map<String, BenchmarkRequest> questions = new LinkedHashMap<>();

    LaunchWays(BenchmarkAccount account, List<Contestant> contestants) {
        super(account, contestants);
        for (String allocation : List.of("lowest-price", "price-capacity-optimized")) {
            for (int regions : List.of(1, BenchmarkAccount.REGIONS.size())) {
                questions.put(
                        figure(allocation, regions),
                        BenchmarkRequest.launch(TYPE, allocation, BenchmarkAccount.REGIONS.subList(0, regions)));
            }
        }
    }

    static String figure(String allocation, int regions) {
        return "launch, warm, " + allocation + ", " + regions + (regions == 1 ? " region" : " regions");
    }

    @Override
    public void measure(int runs, Table table) {
        account().endpoint().setEc2Time(EC2_TIME);
        try {
            super.measure(runs, table);
        } finally {
            account().endpoint().setEc2Time(Duration.ZERO);
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant))) {
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
                figure + ", calls of EC2",
                contestant.name(),
                "",
                account().endpoint().ec2Calls() - before);
        if (BenchmarkRequest.rows(answer).size() != 1) {
            throw new IllegalStateException(figure + ": not launched");
        }
        InstanceStore instances = account().cloud().state().instanceStore();
        instances.all().forEach(instances::terminate);
    }
}
