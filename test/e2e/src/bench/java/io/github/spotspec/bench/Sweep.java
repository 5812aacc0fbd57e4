package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures the cheapest hundred pools of several regions, with EC2 calls of 50 ms. Each process sweeps once, after a
 * request for one price. The endpoint runs on the same cores, so the table shows its CPU too.
 */
final class Sweep extends Interleaved {
    private static final Duration EC2_TIME = Duration.ofMillis(50);
    private static final BenchmarkRequest BEFORE = BenchmarkRequest.price("m7g.large");
    private static final double KIB_PER_MB = 1_000_000.0 / 1_024;

    private final Contestant first;
    private final int regions;
    private final BenchmarkRequest question;
    private final PriceAgreement agreement = new PriceAgreement();

    Sweep(BenchmarkAccount account, List<Contestant> contestants, int regions) {
        super(account, contestants);
        this.first = contestants.getFirst();
        this.regions = regions;
        this.question = BenchmarkRequest.sweep(BenchmarkAccount.REGIONS.subList(0, regions));
    }

    static String wall(int regions) {
        return figure(regions);
    }

    static String memory(int regions) {
        return figure(regions) + ", peak memory";
    }

    private static String figure(int regions) {
        return "sweep of " + regions + (regions == 1 ? " region" : " regions");
    }

    @Override
    public void measure(int runs, Table table) {
        prepare();
        account().endpoint().setEc2Time(EC2_TIME);
        try {
            super.measure(runs, table);
        } finally {
            account().endpoint().setEc2Time(Duration.ZERO);
        }
    }

    /**
     * Fills the cache of the endpoint region by region, because computing all answers at the same time exceeds the call
     * timeout.
     */
    private void prepare() {
        try (Sandbox sandbox = account().start(first, Setting.deployed(first))) {
            for (String region : BenchmarkAccount.REGIONS.subList(0, regions)) {
                BenchmarkRequest.rows(
                        sandbox.answer(BenchmarkRequest.sweep(List.of(region)).event()));
            }
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant))) {
            time(sandbox, BEFORE, agreement);
            double before = cpuMillis(sandbox.process());
            double endpointBefore = cpuMillis(ProcessHandle.current());
            table.add(wall(regions), contestant.name(), "ms", time(sandbox, question, agreement));
            table.add(figure(regions) + ", CPU", contestant.name(), "ms", cpuMillis(sandbox.process()) - before);
            table.add(
                    figure(regions) + ", CPU of the endpoint",
                    contestant.name(),
                    "ms",
                    cpuMillis(ProcessHandle.current()) - endpointBefore);
            table.add(memory(regions), contestant.name(), "MB", peak(sandbox) / KIB_PER_MB);
        }
    }

    private static double cpuMillis(ProcessHandle process) {
        Duration cpu = process.info().totalCpuDuration().orElseThrow();
        return cpu.toNanos() / (double) Duration.ofMillis(1).toNanos();
    }

    /** Returns the peak memory of the process in KiB. */
    private static long peak(Sandbox sandbox) {
        try {
            return Files.readAllLines(Path.of("/proc/" + sandbox.process().pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
