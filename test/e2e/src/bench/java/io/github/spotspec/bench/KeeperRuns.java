package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.lambda.Sandbox;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures runs of the keeper over instances of which no lease ends: the first run of an environment with the start of
 * its process, because Lambda charges for both and the keeper has no snapshot, and the next run. AWS has the latency
 * assumed for it.
 */
final class KeeperRuns extends Interleaved {
    /** What a keeper has to sweep. */
    enum Size {
        SMALL(1, 10, "1 region, 10 instances"),
        LARGE(31, 1_000, "31 regions, 1,000 instances");

        private final int regions;
        private final int instances;
        private final String description;

        Size(int regions, int instances, String description) {
            this.regions = regions;
            this.instances = instances;
            this.description = description;
        }

        private List<String> inRegions() {
            return BenchmarkAccount.regions(regions);
        }

        private String first() {
            return "keeper, " + description + ", first run of an environment";
        }

        private String next() {
            return "keeper, " + description + ", next run";
        }
    }

    private static final String CPU = ", CPU";
    private static final String MEMORY = ", peak memory";
    private static final String MONTH = ", cost of a month of such runs";

    /** The memory of the construct's keeper. */
    private static final int MEMORY_MIB = 512;

    /** One run every five minutes, the construct's default. */
    private static final int RUNS_A_MONTH = 12 * 24 * 30;

    private static final byte[] SCHEDULE =
            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}".getBytes(StandardCharsets.UTF_8);

    private final ManagedInstances instances;
    private final Size size;
    private final CpuShare cpu;

    /**
     * Creates the rows.
     *
     * @param own the function, whose package contains the keeper
     * @param cpu the CPU share of the keeper's memory
     */
    KeeperRuns(BenchmarkAccount account, Contestant own, Size size, CpuShare cpu) {
        super(account, List.of(keeper(own, size)));
        this.size = size;
        this.cpu = cpu;
        this.instances = new ManagedInstances(account, own);
    }

    /** Creates the CPU share of the keeper, or none if this user cannot. */
    static CpuShare cpu() {
        return CpuShare.of(MEMORY_MIB).orElse(CpuShare.WHOLE);
    }

    private static Contestant keeper(Contestant own, Size size) {
        ObjectNode settings = BenchmarkAccount.serviceSettings(size.inRegions())
                .put("topicArn", "arn:aws:sns:" + BenchmarkAccount.HOME + ":" + LocalCloud.ACCOUNT + ":keeper")
                .put("leaseWarning", 900);
        return new Contestant(
                own.name(),
                own.what(),
                Map.of(BenchmarkAccount.SETTINGS, settings.toString()),
                "io.github.spotspec.function.keeper.KeeperHandler",
                own.code(),
                List.of());
    }

    /** Returns the names of all times. */
    static List<String> times() {
        return Arrays.stream(Size.values())
                .flatMap(size -> Stream.of(size.first(), size.next()))
                .toList();
    }

    /** Returns what a table of the times shows of each run: headers, and what they add to the name of the time. */
    static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("ms", "");
        columns.put("CPU, ms", CPU);
        columns.put("peak memory, MB", MEMORY);
        columns.put("EC2 calls", EC2_CALLS);
        columns.put("a month of such runs, $", MONTH);
        return columns;
    }

    @Override
    public void measure(int runs, Table table) {
        instances.terminateAll();
        instances.launch(size.inRegions(), size.instances);
        try {
            super.measure(runs, table);
            if (!account().hasLogged("\"InstancesAlive\":" + size.instances)) {
                throw new IllegalStateException("the keeper did not find " + size.instances + " instances");
            }
        } finally {
            instances.terminateAll();
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        Setting setting = new Setting(false, true, MEMORY_MIB, false, cpu, Latency.AWS);
        try (Sandbox sandbox = account().start(contestant, setting)) {
            run(sandbox, sandbox.started(), 0, size.first(), contestant, table);
            run(sandbox, System.nanoTime(), ProcessUsage.cpuMillis(sandbox.process()), size.next(), contestant, table);
        }
    }

    private void run(Sandbox sandbox, long start, double cpuBefore, String figure, Contestant contestant, Table table) {
        int before = account().endpoint().ec2Calls();
        sandbox.answer(SCHEDULE);
        double millis = millisSince(start);
        String name = contestant.name();
        table.add(figure, name, "ms", millis);
        table.add(figure + CPU, name, "ms", ProcessUsage.cpuMillis(sandbox.process()) - cpuBefore);
        table.add(figure + MEMORY, name, "MB", ProcessUsage.peakMegabytes(sandbox.process()));
        table.add(figure + EC2_CALLS, name, "", account().endpoint().ec2Calls() - before);
        table.add(figure + MONTH, name, "$", LambdaPrice.of(RUNS_A_MONTH, MEMORY_MIB, millis));
    }
}
