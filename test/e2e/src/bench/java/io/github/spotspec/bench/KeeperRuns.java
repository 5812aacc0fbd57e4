package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.lambda.Sandbox;
import io.github.spotspec.local.market.Geography;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures runs of the keeper over 31 regions with a thousand instances of which no lease ends: the first run of an
 * environment with the start of its process, because Lambda charges for both and the keeper has no snapshot, and the
 * next run. AWS has the latency assumed for it.
 */
final class KeeperRuns extends Interleaved {
    static final String FIRST = "keeper, first run of an environment";
    static final String NEXT = "keeper, next run";

    /** The memory of the construct's keeper. */
    private static final int MEMORY_MIB = 512;

    /** One run every five minutes, the construct's default. */
    private static final int RUNS_A_MONTH = 12 * 24 * 30;

    private static final int REGIONS = 31;
    private static final int INSTANCES = 1_000;
    private static final byte[] SCHEDULE =
            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}".getBytes(StandardCharsets.UTF_8);

    private final ManagedInstances instances;
    private final CpuShare cpu;

    /**
     * Creates the rows.
     *
     * @param own the function, whose package contains the keeper
     * @param cpu the CPU share of the keeper's memory
     */
    KeeperRuns(BenchmarkAccount account, Contestant own, CpuShare cpu) {
        super(account, List.of(keeper(own)));
        this.cpu = cpu;
        this.instances = new ManagedInstances(account, own);
    }

    /** Creates the CPU share of the keeper, or none if this user cannot. */
    static CpuShare cpu() {
        return CpuShare.of(MEMORY_MIB).orElse(CpuShare.WHOLE);
    }

    private static List<String> regions() {
        return Geography.regions().subList(0, REGIONS);
    }

    private static Contestant keeper(Contestant own) {
        ObjectNode settings = BenchmarkAccount.serviceSettings(regions())
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

    /** Returns the names of the rows that are neither times nor EC2 calls. */
    static List<String> figures() {
        return Stream.of(FIRST, NEXT)
                .flatMap(figure -> Stream.of(cpu(figure), memory(figure), month(figure)))
                .toList();
    }

    private static String cpu(String figure) {
        return figure + ", CPU";
    }

    private static String memory(String figure) {
        return figure + ", peak memory";
    }

    /** Returns the name of what a month costs if all runs are like this one. */
    private static String month(String figure) {
        return figure + ", cost of a month of such runs";
    }

    @Override
    public void measure(int runs, Table table) {
        instances.terminateAll();
        instances.launch(regions(), INSTANCES);
        try {
            super.measure(runs, table);
            if (!account().hasLogged("\"InstancesAlive\":" + INSTANCES)) {
                throw new IllegalStateException("the keeper did not find " + INSTANCES + " instances");
            }
        } finally {
            instances.terminateAll();
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        Setting setting = new Setting(false, true, MEMORY_MIB, false, cpu, Latency.AWS);
        try (Sandbox sandbox = account().start(contestant, setting)) {
            run(sandbox, sandbox.started(), 0, FIRST, contestant, table);
            run(sandbox, System.nanoTime(), ProcessUsage.cpuMillis(sandbox.process()), NEXT, contestant, table);
        }
    }

    private void run(Sandbox sandbox, long start, double cpuBefore, String figure, Contestant contestant, Table table) {
        int before = account().endpoint().ec2Calls();
        sandbox.answer(SCHEDULE);
        double millis = millisSince(start);
        String name = contestant.name();
        table.add(figure, name, "ms", millis);
        table.add(cpu(figure), name, "ms", ProcessUsage.cpuMillis(sandbox.process()) - cpuBefore);
        table.add(memory(figure), name, "MB", ProcessUsage.peakMegabytes(sandbox.process()));
        table.add(Table.callsOf(figure), name, "", account().endpoint().ec2Calls() - before);
        table.add(month(figure), name, "$", LambdaPrice.of(RUNS_A_MONTH, MEMORY_MIB, millis));
    }
}
