package io.github.spotspec.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The table of promises and results, as Markdown. */
final class Report {
    private static final int LONGEST = 1_000;

    private record Row(Promise promise, Result result) {}

    private final String title;
    private final List<Row> rows = new ArrayList<>();

    Report(String title) {
        this.title = title;
    }

    void add(Promise promise, Result result) {
        rows.add(new Row(promise, result));
    }

    boolean allHeld() {
        return count(Result.Outcome.NOT_HELD) == 0;
    }

    private long count(Result.Outcome outcome) {
        return rows.stream().filter(row -> row.result().outcome() == outcome).count();
    }

    /** Returns how many rows have each outcome. */
    String summary() {
        List<String> counts = new ArrayList<>();
        for (Result.Outcome outcome : Result.Outcome.values()) {
            counts.add(count(outcome) + " " + outcome);
        }
        return String.join(", ", counts);
    }

    @Override
    public String toString() {
        return "# " + title + "\n\n" + summary() + ".\n\n| Promise or question | Result | Words |\n|---|---|---|\n"
                + rows.stream()
                        .map(row -> "| " + cell(row.promise().words()) + " | "
                                + row.result().outcome() + " | "
                                + cell(row.result().words()) + " |\n")
                        .collect(Collectors.joining());
    }

    private static String cell(String text) {
        String line =
                text.replaceAll("[\\p{Cntrl}\\s]+", " ").replace("|", "\\|").strip();
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }
}
