package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects all measurements, and renders them as Markdown and JSON. Not thread-safe. */
final class Table {
    /** The minimum number of values for a 99th percentile. */
    private static final int MIN_FOR_P99 = 100;

    private record Key(String figure, String contestant, String unit) {}

    private final List<String> facts = new ArrayList<>();
    private final Map<Key, List<Double>> values = new LinkedHashMap<>();

    /** Adds a note about the measurement. */
    void fact(String fact) {
        facts.add(fact);
    }

    /** Adds a value to the row of a figure, contestant and unit. */
    void add(String figure, String contestant, String unit, double value) {
        values.computeIfAbsent(new Key(figure, contestant, unit), key -> new ArrayList<>())
                .add(value);
    }

    /** Returns the median of a row, or null if there is no such row. */
    @Nullable
    Double median(String figure, String contestant) {
        return values.entrySet().stream()
                .filter(row -> row.getKey().figure().equals(figure)
                        && row.getKey().contestant().equals(contestant))
                .map(row -> new Samples(row.getValue()).median())
                .findFirst()
                .orElse(null);
    }

    /** Returns the median of the function divided by this one, or null if there is no ratio. */
    private @Nullable Double ratio(Key key, Samples samples) {
        Double own = median(key.figure(), Contestants.OWN);
        return own == null || key.contestant().equals(Contestants.OWN) || samples.median() == 0
                ? null
                : (Double) (own / samples.median());
    }

    String markdown(List<Target> aims) {
        StringBuilder text = new StringBuilder();
        facts.forEach(fact -> text.append("* ").append(fact).append('\n'));
        text.append("\n| Figure | Of | Median | Middle half | p99 | n | ")
                .append(Contestants.OWN)
                .append(" ÷ it |\n|---|---|---:|---:|---:|---:|---:|\n");
        values.forEach((key, found) -> {
            Samples samples = new Samples(found);
            boolean once = samples.count() == 1;
            Double ratio = ratio(key, samples);
            cells(
                    text,
                    key.figure(),
                    key.contestant(),
                    number(samples.median()) + (key.unit().isEmpty() ? "" : " " + key.unit()),
                    once ? "" : number(samples.percentile(25)) + " – " + number(samples.percentile(75)),
                    samples.count() < MIN_FOR_P99 ? "" : number(samples.percentile(99)),
                    once ? "" : Integer.toString(samples.count()),
                    ratio == null ? "" : number(ratio));
        });
        if (aims.isEmpty()) {
            return text.toString();
        }
        text.append("\n| To reach | At most | Measured | Reached |\n|---|---:|---:|---|\n");
        for (Target aim : aims) {
            Double measured = aim.measured(this);
            cells(
                    text,
                    aim.what(),
                    number(aim.max()),
                    measured == null ? "not measured" : number(measured),
                    measured == null ? "" : measured <= aim.max() ? "yes" : "no");
        }
        return text.toString();
    }

    /** Returns the medians of some figures, with a column for each contestant; empty if there are none. */
    String summary(List<String> figures, List<String> contestants) {
        StringBuilder text = new StringBuilder();
        for (String figure : figures) {
            if (contestants.stream().allMatch(contestant -> median(figure, contestant) == null)) {
                continue;
            }
            String unit = values.keySet().stream()
                    .filter(key -> key.figure().equals(figure) && !key.unit().isEmpty())
                    .map(key -> ", " + key.unit())
                    .findFirst()
                    .orElse("");
            Stream<String> medians = contestants.stream()
                    .map(contestant -> median(figure, contestant))
                    .map(median -> median == null ? "" : number(median));
            cells(text, Stream.concat(Stream.of(figure + unit), medians).toArray(String[]::new));
        }
        return withHeader(contestants, text);
    }

    /**
     * Returns the medians of some figures of a contestant and of figures that belong to them; empty if there are none.
     *
     * @param columns the headers of the columns with what they add to the name of the figure
     */
    String related(List<String> figures, Map<String, String> columns, String contestant) {
        StringBuilder text = new StringBuilder();
        for (String figure : figures) {
            if (median(figure, contestant) != null) {
                Stream<String> medians = columns.values().stream()
                        .map(suffix -> median(figure + suffix, contestant))
                        .map(median -> median == null ? "" : number(median));
                cells(text, Stream.concat(Stream.of(figure), medians).toArray(String[]::new));
            }
        }
        return withHeader(List.copyOf(columns.keySet()), text);
    }

    private static String withHeader(List<String> columns, StringBuilder rows) {
        return rows.isEmpty()
                ? ""
                : "| Median | " + String.join(" | ", columns) + " |\n|---|" + "---:|".repeat(columns.size()) + "\n"
                        + rows;
    }

    private static void cells(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** Formats a number with about three significant digits. */
    private static String number(double value) {
        int digits = value >= 100 || value == Math.rint(value) ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    String json(List<Target> aims) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        facts.forEach(root.putArray("facts")::add);
        var rows = root.putArray("rows");
        values.forEach((key, found) -> {
            Samples samples = new Samples(found);
            rows.addObject()
                    .put("figure", key.figure())
                    .put("of", key.contestant())
                    .put("unit", key.unit())
                    .put("n", samples.count())
                    .put("median", samples.median())
                    .put("p25", samples.percentile(25))
                    .put("p75", samples.percentile(75))
                    .put("p99", samples.count() < MIN_FOR_P99 ? null : (Double) samples.percentile(99))
                    .put("ratio", ratio(key, samples));
        });
        var reached = root.putArray("aims");
        aims.forEach(aim -> reached.addObject()
                .put("what", aim.what())
                .put("most", aim.max())
                .put("measured", aim.measured(this)));
        return root.toPrettyString() + "\n";
    }
}
