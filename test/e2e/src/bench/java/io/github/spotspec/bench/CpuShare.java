package io.github.spotspec.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The CPU share that Lambda grants for a memory size: one vCPU for 1,769 MB (Lambda developer guide, "Configure Lambda
 * function memory"). A control group enforces it. Excludes the additional CPU during init.
 *
 * @param group the control group, or null for no limit
 */
record CpuShare(@Nullable Path group) implements AutoCloseable {
    /** No limit. */
    static final CpuShare WHOLE = new CpuShare(null);

    private static final int MIB_PER_CPU = 1_769;

    /** AWS does not document the period. Measurements inside Lambda found 20 ms. */
    private static final int PERIOD_MICROS = 20_000;

    /** Other processes must not take the share, because Lambda guarantees it. */
    private static final String MAX_WEIGHT_V1 = "262144";

    private static final String MAX_WEIGHT_V2 = "10000";

    private static final Path V2 = Path.of("/sys/fs/cgroup");
    private static final Path V1 = V2.resolve("cpu");
    private static final long END_TIME_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Returns whether this user can create control groups. */
    static boolean isAvailable() {
        Optional<CpuShare> share = of(MIB_PER_CPU);
        share.ifPresent(CpuShare::close);
        return share.isPresent();
    }

    /** Creates the share of a function. Returns nothing if this user cannot create control groups. */
    static Optional<CpuShare> of(int memoryMiB) {
        String quota = Integer.toString(PERIOD_MICROS * memoryMiB / MIB_PER_CPU);
        String period = Integer.toString(PERIOD_MICROS);
        Map<String, String> v2 = Map.of("cpu.max", quota + " " + period, "cpu.weight", MAX_WEIGHT_V2);
        Map<String, String> v1 =
                Map.of("cpu.cfs_period_us", period, "cpu.cfs_quota_us", quota, "cpu.shares", MAX_WEIGHT_V1);
        return make(Integer.toString(memoryMiB), v2, v1);
    }

    /**
     * Creates a group without a limit whose processes get CPU before all others. Returns nothing if this user cannot.
     */
    static Optional<CpuShare> preferred() {
        return make("all", Map.of("cpu.weight", MAX_WEIGHT_V2), Map.of("cpu.shares", MAX_WEIGHT_V1));
    }

    private static Optional<CpuShare> make(String name, Map<String, String> v2, Map<String, String> v1) {
        String group = "spotspec-bench-" + ProcessHandle.current().pid() + "-" + name;
        Optional<CpuShare> share = make(V2.resolve(group), v2);
        return share.isPresent() ? share : make(V1.resolve(group), v1);
    }

    private static Optional<CpuShare> make(Path group, Map<String, String> values) {
        CpuShare share = new CpuShare(group);
        try {
            Files.createDirectory(group);
            for (Map.Entry<String, String> value : values.entrySet()) {
                // The kernel creates the files only if this controller is available.
                if (!Files.isWritable(group.resolve(value.getKey()))) {
                    share.close();
                    return Optional.empty();
                }
                Files.writeString(group.resolve(value.getKey()), value.getValue());
            }
            return Optional.of(share);
        } catch (IOException notAllowed) {
            share.close();
            return Optional.empty();
        }
    }

    /** Returns a command that runs another one within the share. */
    List<String> command(List<String> command) {
        if (group == null) {
            return command;
        }
        List<String> within = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                group.resolve("cgroup.procs").toString()));
        within.addAll(command);
        return within;
    }

    /** Moves this process into the group. Processes that it starts are then in the group, too. */
    void enter() throws IOException {
        enter(group);
    }

    /** Moves this process out of the group again. */
    void leave() throws IOException {
        enter(group == null ? null : group.getParent());
    }

    private static void enter(@Nullable Path group) throws IOException {
        if (group != null) {
            Files.writeString(
                    group.resolve("cgroup.procs"),
                    Long.toString(ProcessHandle.current().pid()));
        }
    }

    /** Removes the group after its processes have ended. The caller must end them. */
    @Override
    public void close() {
        long end = System.nanoTime() + END_TIME_NANOS;
        while (group != null && Files.exists(group) && System.nanoTime() < end) {
            try {
                Files.deleteIfExists(group);
            } catch (IOException busy) {
                Thread.onSpinWait();
            }
        }
    }
}
