package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/**
 * Measures the cheapest hundred pools of several regions. Each process sweeps once, after a request for one price. The
 * endpoint runs on the same cores, so the table shows its CPU too.
 */
final class Sweep extends Interleaved {
    private static final BenchmarkRequest BEFORE = BenchmarkRequest.price("m7g.large");

    /** What to sweep. */
    enum Products {
        LINUX(", Linux/UNIX"),
        ALL(", all products");

        private final String suffix;

        Products(String suffix) {
            this.suffix = suffix;
        }

        private BenchmarkRequest request(List<String> regions) {
            return this == LINUX ? BenchmarkRequest.linuxSweep(regions) : BenchmarkRequest.sweep(regions);
        }
    }

    private final Contestant first;
    private final Products products;
    private final int regions;
    private final Latency latency;
    private final BenchmarkRequest question;
    private final PriceAgreement agreement = new PriceAgreement();

    Sweep(BenchmarkAccount account, List<Contestant> contestants, Products products, int regions, Latency latency) {
        super(account, contestants);
        this.first = contestants.getFirst();
        this.products = products;
        this.regions = regions;
        this.latency = latency;
        this.question = request(products, regions);
    }

    static BenchmarkRequest request(Products products, int regions) {
        return products.request(BenchmarkAccount.REGIONS.subList(0, regions));
    }

    static String wall(Products products, int regions) {
        return "sweep of " + regions + (regions == 1 ? " region" : " regions") + products.suffix;
    }

    static String memory(Products products, int regions) {
        return wall(products, regions) + ", peak memory";
    }

    @Override
    public void measure(int runs, Table table) {
        prepare(account(), first, products, regions);
        super.measure(runs, table);
    }

    /**
     * Fills the cache of the endpoint region by region, because computing all answers at the same time exceeds the call
     * timeout.
     */
    static void prepare(BenchmarkAccount account, Contestant contestant, Products products, int regions) {
        try (Sandbox sandbox = account.start(contestant, Setting.deployed(contestant, Latency.NONE))) {
            for (String region : BenchmarkAccount.REGIONS.subList(0, regions)) {
                BenchmarkRequest.rows(
                        sandbox.answer(products.request(List.of(region)).event()));
            }
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant, latency))) {
            time(sandbox, BEFORE, agreement);
            double before = ProcessUsage.cpuMillis(sandbox.process());
            double endpointBefore = ProcessUsage.cpuMillis(ProcessHandle.current());
            String wall = wall(products, regions);
            table.add(wall, contestant.name(), "ms", time(sandbox, question, agreement));
            table.add(wall + ", CPU", contestant.name(), "ms", ProcessUsage.cpuMillis(sandbox.process()) - before);
            table.add(
                    wall + ", CPU of the endpoint",
                    contestant.name(),
                    "ms",
                    ProcessUsage.cpuMillis(ProcessHandle.current()) - endpointBefore);
            table.add(
                    memory(products, regions), contestant.name(), "MB", ProcessUsage.peakMegabytes(sandbox.process()));
        }
    }
}
