package io.github.spotspec.bench;

import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/**
 * Measures the time to the instance id, for the first and the second request of an environment. The peers only call
 * RunInstances. The function also enforces limits and leases, and finds the cheapest pool.
 */
final class LaunchLatency extends Interleaved {
    static final String FIRST = "launch, first";
    static final String WARM = "launch, warm";
    private static final String TYPE = "m7g.large";
    private static final String IMAGE = "al2023-arm64";

    private final BenchmarkRequest question;
    private final Latency latency;

    LaunchLatency(BenchmarkAccount account, List<Contestant> contestants, Latency latency) {
        super(account, contestants);
        this.latency = latency;
        this.question =
                BenchmarkRequest.launch(TYPE, account.cloud().state().images().id(BenchmarkAccount.HOME, IMAGE));
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant, latency))) {
            launch(sandbox, FIRST, contestant, table);
            launch(sandbox, WARM, contestant, table);
        }
    }

    private void launch(Sandbox sandbox, String wall, Contestant contestant, Table table) {
        byte[] event = question.event();
        int before = account().endpoint().ec2Calls();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        table.add(wall, contestant.name(), "ms", millisSince(start));
        table.add(wall + EC2_CALLS, contestant.name(), "", account().endpoint().ec2Calls() - before);
        InstanceStore fleet = account().cloud().state().instanceStore();
        String id = BenchmarkRequest.rows(answer).path(0).path("InstanceId").asText();
        if (fleet.all().stream().noneMatch(instance -> instance.id().equals(id))) {
            throw new IllegalStateException("'" + id + "' was not launched");
        }
        fleet.all().forEach(fleet::terminate);
    }
}
