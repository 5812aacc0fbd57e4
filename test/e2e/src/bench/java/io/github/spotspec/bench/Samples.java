package io.github.spotspec.bench;

import java.util.List;

/**
 * The measured values of one figure.
 *
 * @param sorted in ascending order; never empty
 */
record Samples(List<Double> sorted) {
    Samples {
        sorted = sorted.stream().sorted().toList();
    }

    int count() {
        return sorted.size();
    }

    double median() {
        return percentile(50);
    }

    /** Returns a percentile, interpolated between the two nearest values. */
    double percentile(int percent) {
        double place = (count() - 1) * percent / 100.0;
        int below = (int) place;
        int above = Math.min(below + 1, count() - 1);
        return sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
    }
}
