package io.github.spotspec.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to reach: a median, or how many times another one it is.
 *
 * @param most what it should be at most
 */
record Aim(String what, double most, Of of, @Nullable Of than) {
    /** A row of the table. */
    record Of(String figure, String contestant) {}

    static final List<Aim> ALL = List.of(
            new Aim("package, MB", 4, own(PackageSize.FIGURE), null),
            new Aim("cold ÷ plain Java's", 0.45, own(Cold.TLS), new Of(Cold.TLS, Contestants.PLAIN)),
            new Aim("cold ÷ the ancestor's", 2, own(Cold.TLS), new Of(Cold.TLS, Contestants.ANCESTOR)),
            new Aim("cold ÷ boto3's", 1, own(Cold.TLS), new Of(Cold.TLS, Contestants.BOTO3)),
            new Aim("restored first answer ÷ warm median", 3, own(Restored.FIGURE), own(Warm.ASKED)),
            new Aim("warm ÷ plain Java's", 1, own(Warm.ASKED), new Of(Warm.ASKED, Contestants.PLAIN)),
            new Aim(
                    "sweep of 16 regions ÷ one call after another (plain Java)",
                    0.1,
                    own(Sweep.wall(16)),
                    new Of(Sweep.wall(16), Contestants.PLAIN)),
            new Aim("sweep of 16 regions ÷ of 1, wall", 2.5, own(Sweep.wall(16)), own(Sweep.wall(1))),
            new Aim("sweep of 16 regions ÷ of 1, peak memory", 1.3, own(Sweep.memory(16)), own(Sweep.memory(1))),
            new Aim("calls of EC2 for a warm launch with known pools", 2, own(Launch.WARM_CALLS), null));

    private static Of own(String figure) {
        return new Of(figure, Contestants.OWN);
    }

    /** Returns what was measured, or null if it was not. */
    @Nullable
    Double measured(Table table) {
        Double found = table.median(of.figure(), of.contestant());
        if (found == null || than == null) {
            return found;
        }
        Double other = table.median(than.figure(), than.contestant());
        return other == null ? null : (Double) (found / other);
    }
}
