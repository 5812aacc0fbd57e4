package io.github.spotspec.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target for a median, or for its ratio to another median.
 *
 * @param max the maximum
 */
record Target(
        String what, double max, TableRow row, @Nullable TableRow baseline) {
    /** A row of the table. */
    record TableRow(String figure, String contestant) {}

    static final List<Target> ALL = List.of(
            new Target("package, MB", 3.6, own(PackageSize.FIGURE), null),
            new Target(
                    "restored first answer ÷ plain Java's",
                    0.35,
                    own(RestoredStart.FIGURE),
                    new TableRow(RestoredStart.FIGURE, Contestants.PLAIN)),
            new Target(
                    "restored first answer with the default memory's CPU ÷ warm",
                    6,
                    own(RestoredStart.within(Setting.MEMORY_MIB)),
                    own(WarmRequests.ASKED)),
            new Target(
                    "warm ÷ Node.js's", 1, own(WarmRequests.ASKED), new TableRow(WarmRequests.ASKED, Contestants.NODE)),
            new Target(
                    "sweep of Linux in 16 regions ÷ one call after another (plain Java)",
                    0.05,
                    own(linuxSweep(16)),
                    new TableRow(linuxSweep(16), Contestants.PLAIN)),
            new Target("sweep of Linux in 16 regions ÷ of 1, wall", 2.5, own(linuxSweep(16)), own(linuxSweep(1))),
            new Target(
                    "sweep of Linux in 16 regions ÷ of 1, peak memory",
                    1.2,
                    own(Sweep.memory(Sweep.Products.LINUX, 16)),
                    own(Sweep.memory(Sweep.Products.LINUX, 1))),
            new Target(
                    "calls of EC2 for a warm launch with known pools",
                    2,
                    own(LaunchLatency.WARM + Interleaved.EC2_CALLS),
                    null));

    private static String linuxSweep(int regions) {
        return Sweep.wall(Sweep.Products.LINUX, regions);
    }

    private static TableRow own(String figure) {
        return new TableRow(figure, Contestants.OWN);
    }

    /** Returns the measured value, or null if it was not measured. */
    @Nullable
    Double measured(Table table) {
        Double found = table.median(row.figure(), row.contestant());
        if (found == null || baseline == null) {
            return found;
        }
        Double other = table.median(baseline.figure(), baseline.contestant());
        return other == null ? null : (Double) (found / other);
    }
}
