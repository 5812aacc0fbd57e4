package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the function with the memory sizes that a deployment can choose from, and the CPU shares that Lambda gives
 * them: how long requests take with the latency assumed for AWS, and what a million of them cost. Each row has all
 * sizes, which take turns. The endpoint runs on the same cores, without a limit.
 */
final class PowerTuning implements Measurement {
    static final String RESTORED = "first answer after a restore";
    static final String WARM = "warm price";
    static final String LAUNCH = "warm launch";

    private static final List<Integer> MEMORIES_MIB = List.of(512, 1_024, 1_769, 3_008);
    private static final int WARM_REQUESTS = 10;
    private static final int MANY_REGIONS = BenchmarkAccount.REGIONS.size();

    private final BenchmarkAccount account;
    private final Contestant own;
    private final ManagedInstances instances;
    private int questions;

    PowerTuning(BenchmarkAccount account, Contestant own) {
        this.account = account;
        this.own = own;
        this.instances = new ManagedInstances(account, own);
    }

    /** Returns the names of the rows, in the order of the table. */
    static List<String> figures() {
        List<String> figures = new ArrayList<>();
        for (String wall : List.of(RESTORED, WARM, LAUNCH, sweep(1), sweep(MANY_REGIONS))) {
            figures.add(wall);
            figures.add(cost(wall));
        }
        return figures;
    }

    private static String sweep(int regions) {
        return "warm " + Sweep.wall(Sweep.Products.LINUX, regions);
    }

    private static String cost(String wall) {
        return wall + ", cost of a million";
    }

    /** Returns the names of the columns. */
    static List<String> columns() {
        return MEMORIES_MIB.stream().map(PowerTuning::column).toList();
    }

    private static String column(int memoryMiB) {
        return "%,d MB".formatted(memoryMiB);
    }

    @Override
    public void measure(int runs, Table table) {
        if (!CpuShare.isAvailable()) {
            table.fact("memory sizes: not measured, because this user cannot set CPU quotas");
            return;
        }
        Sweep.prepare(account, own, Sweep.Products.LINUX, MANY_REGIONS);
        for (int run = 0; run <= runs; run++) {
            for (int turn = 0; turn < MEMORIES_MIB.size(); turn++) {
                int memory = MEMORIES_MIB.get((run + turn) % MEMORIES_MIB.size());
                try (CpuShare cpu = CpuShare.of(memory).orElseThrow()) {
                    once(memory, cpu, run == 0 ? new Table() : table);
                }
            }
        }
    }

    private void once(int memoryMiB, CpuShare cpu, Table table) {
        try (Sandbox sandbox = account.start(own, Setting.restored(memoryMiB, cpu, Latency.AWS))) {
            ask(sandbox, BenchmarkRequest.price("m7g.large"), RESTORED, memoryMiB, table);
            for (int i = 0; i < WARM_REQUESTS; i++) {
                ask(sandbox, WarmRequests.question(questions++), WARM, memoryMiB, table);
            }
            BenchmarkRequest launch =
                    BenchmarkRequest.launch("m7g.large", "lowest-price", BenchmarkAccount.REGIONS.subList(0, 1));
            ask(sandbox, launch, LAUNCH, memoryMiB, new Table());
            instances.terminateAll();
            ask(sandbox, launch, LAUNCH, memoryMiB, table);
            instances.terminateAll();
            for (int regions : List.of(1, MANY_REGIONS)) {
                BenchmarkRequest sweep = Sweep.request(Sweep.Products.LINUX, regions);
                ask(sandbox, sweep, sweep(regions), memoryMiB, table);
            }
            table.add("peak memory", column(memoryMiB), "MB", ProcessUsage.peakMegabytes(sandbox.process()));
        }
    }

    private static void ask(Sandbox sandbox, BenchmarkRequest request, String figure, int memoryMiB, Table table) {
        byte[] event = request.event();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        double millis = Interleaved.millisSince(start);
        BenchmarkRequest.rows(answer);
        table.add(figure, column(memoryMiB), "ms", millis);
        table.add(cost(figure), column(memoryMiB), "$", LambdaPrice.ofMillion(memoryMiB, millis));
    }
}
