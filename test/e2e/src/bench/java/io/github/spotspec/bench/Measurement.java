package io.github.spotspec.bench;

import java.io.IOException;

/** One or more rows of the table. */
interface Measurement {
    /** Measures a number of times, and adds the values. */
    void measure(int runs, Table table) throws IOException, InterruptedException;
}
