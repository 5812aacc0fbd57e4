package io.github.spotspec.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What a process has used since its start. */
final class ProcessUsage {
    private static final double KIB_PER_MB = 1_000_000.0 / 1_024;

    private ProcessUsage() {}

    static double cpuMillis(ProcessHandle process) {
        Duration cpu = process.info().totalCpuDuration().orElseThrow();
        return cpu.toNanos() / (double) Duration.ofMillis(1).toNanos();
    }

    /** Returns the peak memory in MB. */
    static double peakMegabytes(ProcessHandle process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                            .filter(line -> line.startsWith("VmHWM:"))
                            .map(line -> line.replaceAll("[^0-9]", ""))
                            .mapToLong(Long::parseLong)
                            .findFirst()
                            .orElseThrow()
                    / KIB_PER_MB;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
