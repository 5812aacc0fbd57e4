package io.github.spotspec.bench;

import static io.github.spotspec.bench.Contestants.ANCESTOR;
import static io.github.spotspec.bench.Contestants.BOTO3;
import static io.github.spotspec.bench.Contestants.CLI;
import static io.github.spotspec.bench.Contestants.EARLIER;
import static io.github.spotspec.bench.Contestants.NODE;
import static io.github.spotspec.bench.Contestants.OWN;
import static io.github.spotspec.bench.Contestants.PLAIN;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Measures the function and its peers, and prints and writes the table. It runs as a test, because Maven then uses the
 * JDK of the build. System properties:
 *
 * <ul>
 *   <li>{@code bench.function}: the packaged function
 *   <li>{@code bench.earlier}: an earlier package to compare with; empty for none
 *   <li>{@code bench.sdk}: the class path of the AWS SDK with its default dependencies
 *   <li>{@code bench.folder}: the folder of the scripts of the peers and of the output
 *   <li>{@code bench.runs}: the number of measurements
 *   <li>{@code bench.latency}: {@code none}, or {@code aws} for the latency assumed for AWS
 *   <li>{@code bench.rows}: the parts, separated by commas; empty for all
 * </ul>
 */
final class Benchmark {
    private static final List<Integer> MEMORIES_MIB = List.of(512, 1_024, 1_769);
    private static final List<Integer> REGIONS = List.of(1, 2, 4, 8, 16);

    /** The figures in the summary. */
    private static final List<String> SUMMARY_FIGURES = List.of(
            PackageSize.FIGURE,
            ColdStart.TLS,
            ColdStart.within(1_024),
            ColdStart.ROLE,
            RestoredStart.FIGURE,
            RestoredStart.within(Setting.MEMORY_MIB),
            RestoredStart.ROLE,
            MfaRequests.CODE,
            MfaRequests.SESSION,
            WarmRequests.ASKED,
            WarmRequests.KEPT,
            Sweep.wall(Sweep.Products.LINUX, 16),
            Sweep.memory(Sweep.Products.LINUX, 16),
            Sweep.wall(Sweep.Products.ALL, 16),
            LaunchLatency.WARM);

    /** The times of which the summary also has the EC2 calls. */
    private static final List<String> TIMES_WITH_CALLS = Stream.of(
                    Stream.of(LaunchLatency.FIRST, LaunchLatency.WARM),
                    LaunchWays.figures().stream(),
                    TaskRequests.figures().stream())
            .flatMap(figures -> figures)
            .toList();

    private static final Map<String, String> CALLS = new LinkedHashMap<>();

    static {
        CALLS.put("ms", "");
        CALLS.put("EC2 calls", Interleaved.EC2_CALLS);
    }

    private final Path function = Path.of(System.getProperty("bench.function"));
    private final List<Path> sdk = Arrays.stream(System.getProperty("bench.sdk").split(File.pathSeparator))
            .map(Path::of)
            .toList();
    private final Path folder = Path.of(System.getProperty("bench.folder"));
    private final Latency latency =
            Latency.valueOf(System.getProperty("bench.latency", "none").toUpperCase(Locale.ROOT));

    /** The latency of rows in which contestants differ by the number of their calls. */
    private final Latency slowCalls = latency == Latency.NONE ? Latency.EC2_50_MS : latency;

    private final int runs = Integer.parseInt(System.getProperty("bench.runs"));
    private final Set<String> requestedParts =
            Set.copyOf(Arrays.asList(System.getProperty("bench.rows", "").split(",")));
    private final Table table = new Table();

    /** Rows that are measured together. */
    private interface Part {
        void measure() throws IOException, InterruptedException;
    }

    /** Runs before other processes if it may, because they would make the contestants wait in turn. */
    @Test
    void run() throws IOException, InterruptedException {
        try (CpuShare cpu = CpuShare.preferred().orElse(CpuShare.WHOLE)) {
            cpu.enter();
            try {
                measure();
            } finally {
                cpu.leave();
            }
        }
    }

    private void measure() throws IOException, InterruptedException {
        try (BenchmarkAccount account = new BenchmarkAccount(folder.resolve("cloud"))) {
            Contestants contestants = new Contestants(
                    function,
                    Optional.of(System.getProperty("bench.earlier", ""))
                            .filter(path -> !path.isEmpty())
                            .map(Path::of),
                    sdk,
                    folder);
            table.fact("%d cores, %s %s, JDK %s"
                    .formatted(
                            Runtime.getRuntime().availableProcessors(),
                            System.getProperty("os.name"),
                            System.getProperty("os.arch"),
                            Runtime.version()));
            table.fact("latency: " + latency.describe());
            contestants.describe(table);
            Map<String, Part> parts = parts(account, contestants);
            if (!requestedParts.contains("") && !parts.keySet().containsAll(requestedParts)) {
                throw new IllegalArgumentException("'bench.rows' must be some of " + String.join(",", parts.keySet()));
            }
            for (Map.Entry<String, Part> part : parts.entrySet()) {
                if (requestedParts.contains("") || requestedParts.contains(part.getKey())) {
                    System.out.println("measuring: " + part.getKey());
                    part.getValue().measure();
                    // Writes the results so far, in case a later part fails.
                    write();
                }
            }
            account.flags()
                    .forEach((snapStart, flags) ->
                            table.fact("JVMs " + (snapStart ? "with" : "without") + " SnapStart run with " + flags));
            System.out.println(write());
        }
    }

    private Map<String, Part> parts(BenchmarkAccount account, Contestants contestants) {
        Contestant own = contestants.of(OWN).getFirst();
        Contestant peer = contestants.of(PLAIN).getFirst();
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("package", () -> {
            new PackageSize(OWN, List.of(function)).measure(runs, table);
            new PackageSize(PLAIN, sdk).measure(runs, table);
        });
        parts.put("endpoint", () -> new EndpointOverhead(account, peer, latency).measure(runs, table));
        List<Contestant> functions = contestants.of(OWN, EARLIER, PLAIN, NODE, ANCESTOR, BOTO3);
        parts.put("cold", () -> {
            new ColdStart(account, functions, ColdStart.HTTP, Setting.cold(true, false)).measure(runs, table);
            new ColdStart(account, functions, ColdStart.TLS, Setting.cold(true, true)).measure(runs, table);
            List<Contestant> all = contestants.of(OWN, PLAIN, NODE, ANCESTOR, BOTO3, CLI);
            new ColdStart(account, all, ColdStart.ROLE, Setting.cold(false, true)).measure(runs, table);
        });
        parts.put("shares", () -> shares(account, functions));
        parts.put("archive", () -> {
            ClassArchives archives =
                    new ClassArchives(account, contestants.of(OWN).getFirst(), function, folder.resolve("archive"));
            new ColdStart(account, archives.contestants(table), ColdStart.PREPARED, ClassArchives.SETTING)
                    .measure(runs, table);
        });
        parts.put("restored", () -> {
            List<Contestant> java = contestants.of(OWN, EARLIER, PLAIN);
            Setting whole = Setting.restored(Setting.MEMORY_MIB, CpuShare.WHOLE, latency);
            new RestoredStart(account, java, RestoredStart.FIGURE, whole).measure(runs, table);
            new RestoredStart(account, contestants.of(OWN, EARLIER), RestoredStart.ROLE, whole.withoutSecret())
                    .measure(runs, table);
            share(
                    Setting.MEMORY_MIB,
                    RestoredStart.within(Setting.MEMORY_MIB),
                    (figure, cpu) -> new RestoredStart(
                            account, java, figure, Setting.restored(Setting.MEMORY_MIB, cpu, latency)));
        });
        parts.put("mfa", () -> new MfaRequests(account, contestants.of(OWN, EARLIER), latency).measure(runs, table));
        parts.put("warm", () -> {
            try (WarmRequests warm = new WarmRequests(account, functions, List.of(peer, own), latency)) {
                warm.measure(runs, table);
            }
        });
        parts.put("sweep", () -> {
            for (int regions : REGIONS) {
                // The peers run only the smallest and the largest sweep.
                boolean all = regions == REGIONS.getFirst() || regions == REGIONS.getLast();
                List<Contestant> sweeping =
                        all ? contestants.of(OWN, EARLIER, PLAIN, NODE, BOTO3) : contestants.of(OWN, EARLIER);
                new Sweep(account, sweeping, Sweep.Products.LINUX, regions, slowCalls).measure(runs, table);
            }
            new Sweep(account, contestants.of(OWN, EARLIER, NODE), Sweep.Products.ALL, REGIONS.getLast(), slowCalls)
                    .measure(runs, table);
        });
        parts.put(
                "launch",
                () -> new LaunchLatency(account, contestants.of(OWN, PLAIN, NODE, BOTO3), latency)
                        .measure(runs, table));
        parts.put("launch-ways", () -> new LaunchWays(account, contestants.of(OWN), slowCalls).measure(runs, table));
        parts.put("tasks", () -> new TaskRequests(account, contestants.of(OWN, EARLIER), latency).measure(runs, table));
        parts.put("memory", () -> new PowerTuning(account, own).measure(runs, table));
        parts.put("keeper", () -> {
            try (CpuShare cpu = KeeperRuns.cpu()) {
                for (KeeperRuns.Size size : KeeperRuns.Size.values()) {
                    new KeeperRuns(account, own, size, cpu).measure(runs, table);
                }
            }
        });
        parts.put("pure", () -> new MicroBenchmarkRunner().measure(runs, table));
        return parts;
    }

    private void shares(BenchmarkAccount account, List<Contestant> contestants)
            throws IOException, InterruptedException {
        for (int memory : MEMORIES_MIB) {
            share(
                    memory,
                    ColdStart.within(memory),
                    (figure, cpu) -> new ColdStart(account, contestants, figure, Setting.cold(memory, cpu)));
        }
    }

    /** Measures with the CPU share of a memory size, if this kernel supports it. */
    private void share(int memoryMiB, String figure, BiFunction<String, CpuShare, Measurement> row)
            throws IOException, InterruptedException {
        Optional<CpuShare> share = CpuShare.of(memoryMiB);
        if (share.isEmpty()) {
            table.fact(figure + ": not measured, because this user cannot set CPU quotas");
            return;
        }
        try (CpuShare cpu = share.get()) {
            row.apply(figure, cpu).measure(runs, table);
        }
    }

    /** Writes the results so far, and returns them as Markdown. */
    private String write() throws IOException {
        // The goals are about the contestants' own time, which latency hides.
        List<Target> targets = latency == Latency.NONE ? Target.ALL : List.of();
        String markdown = table.markdown(targets);
        String suffix = latency == Latency.NONE ? "" : "-" + latency.name().toLowerCase(Locale.ROOT);
        Files.writeString(folder.resolve("bench" + suffix + ".md"), markdown);
        Files.writeString(folder.resolve("bench" + suffix + ".json"), table.json(targets));
        Files.writeString(
                folder.resolve("summary" + suffix + ".md"),
                Stream.of(
                                table.summary(SUMMARY_FIGURES, List.of(OWN, PLAIN, NODE, ANCESTOR, BOTO3, CLI)),
                                table.related(TIMES_WITH_CALLS, CALLS, OWN),
                                table.summary(PowerTuning.figures(), PowerTuning.columns()),
                                table.related(KeeperRuns.times(), KeeperRuns.columns(), OWN))
                        .filter(summary -> !summary.isEmpty())
                        .collect(Collectors.joining("\n")));
        return markdown;
    }
}
