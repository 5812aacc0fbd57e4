package io.github.spotspec.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        String name = "spotspec-bench-" + ProcessHandle.current().pid() + "-" + memoryMiB;
        Optional<CpuShare> share =
                make(V2.resolve(name), List.of("cpu.max", "cpu.weight"), List.of(quota + " " + period, MAX_WEIGHT_V2));
        return share.isPresent()
                ? share
                : make(
                        V1.resolve(name),
                        List.of("cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.shares"),
                        List.of(period, quota, MAX_WEIGHT_V1));
    }

    private static Optional<CpuShare> make(Path group, List<String> files, List<String> values) {
        CpuShare share = new CpuShare(group);
        try {
            Files.createDirectory(group);
            for (int i = 0; i < files.size(); i++) {
                // The kernel creates the files only if this controller is available.
                if (!Files.isWritable(group.resolve(files.get(i)))) {
                    share.close();
                    return Optional.empty();
                }
                Files.writeString(group.resolve(files.get(i)), values.get(i));
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
