package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.SpotMarket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the price of one type in warm environments. Each question is new, so that it causes an EC2 call. The
 * function, which caches prices, also answers one question repeatedly.
 */
final class WarmRequests extends Interleaved implements AutoCloseable {
    static final String ASKED = "warm, EC2 asked";
    static final String KEPT = "warm, price kept";

    private static final List<String> TYPES = List.copyOf(Catalog.all().keySet());
    private static final BenchmarkRequest SAME = BenchmarkRequest.price("m7g.large");

    private final PriceAgreement agreement = new PriceAgreement();
    private final Map<Contestant, Sandbox> sandboxes = new HashMap<>();
    private final Map<Contestant, Integer> questionCounts = new HashMap<>();
    private final List<Contestant> scouts;

    /** The number of requests before the measurement. */
    private final int warmUp;

    private final int turn;
    private final Latency latency;

    /**
     * Creates the row.
     *
     * @param scouts send all questions first, so that the endpoint caches the answers, compressed and not
     */
    WarmRequests(BenchmarkAccount account, List<Contestant> contestants, List<Contestant> scouts, Latency latency) {
        super(account, contestants);
        this.scouts = scouts;
        this.latency = latency;
        // With latency, most of a request is waiting, and the same number would take an hour.
        this.warmUp = latency == Latency.NONE ? 200 : 50;
        this.turn = latency == Latency.NONE ? 50 : 10;
    }

    @Override
    public void measure(int runs, Table table) {
        int questions = warmUp + (runs + 1) * turn;
        for (Contestant scout : scouts) {
            try (Sandbox sandbox = account().start(scout, Setting.deployed(scout, Latency.NONE))) {
                for (int i = 0; i < questions; i++) {
                    time(sandbox, question(i), agreement);
                }
            }
        }
        super.measure(runs, table);
    }

    @Override
    void once(Contestant contestant, Table table) {
        Sandbox sandbox = sandboxes.computeIfAbsent(contestant, key -> {
            Sandbox started = account().start(key, Setting.deployed(key, latency));
            ask(started, key, warmUp, new Table());
            return started;
        });
        ask(sandbox, contestant, turn, table);
        if (contestant.name().equals(Contestants.OWN)) {
            time(sandbox, SAME, agreement);
            int before = account().endpoint().ec2Calls();
            for (int i = 0; i < turn; i++) {
                table.add(KEPT, contestant.name(), "ms", time(sandbox, SAME, agreement));
            }
            // The cache may expire in between.
            expect(account().endpoint().ec2Calls() - before, 0, 1);
        }
    }

    private void ask(Sandbox sandbox, Contestant contestant, int times, Table table) {
        int before = account().endpoint().ec2Calls();
        for (int i = 0; i < times; i++) {
            BenchmarkRequest question = question(questionCounts.merge(contestant, 1, Integer::sum) - 1);
            table.add(ASKED, contestant.name(), "ms", time(sandbox, question, agreement));
        }
        expect(account().endpoint().ec2Calls() - before, times, times);
    }

    /** Returns the question with a number: all types of one product, then of the next one. */
    static BenchmarkRequest question(int number) {
        return BenchmarkRequest.price(
                TYPES.get(number % TYPES.size()),
                SpotMarket.PRODUCTS.get(number / TYPES.size() % SpotMarket.PRODUCTS.size()));
    }

    private static void expect(int calls, int least, int most) {
        if (calls < least || calls > most) {
            throw new IllegalStateException(calls + " calls of EC2 instead of " + least + " to " + most);
        }
    }

    @Override
    public void close() {
        sandboxes.values().forEach(Sandbox::close);
    }
}
