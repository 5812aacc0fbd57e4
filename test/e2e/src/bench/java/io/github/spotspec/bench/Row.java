package io.github.spotspec.bench;

import java.io.IOException;

/** One row of the table, or a few that are measured together. */
interface Row {
    /** Measures so many times and adds what it finds. */
    void measure(int runs, Table table) throws IOException, InterruptedException;
}
