package io.github.spotspec.rights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The table of expected rights, {@code expected.md}. It has a section for each deployment and a line for each right. A
 * field contains one name, several names with commas, or {@code any}. Everything else is denied.
 */
final class ExpectedRights {
    /** A line with the names in each column. An empty set stands for {@code any}. */
    record Line(String text, List<Set<String>> columns) {
        boolean allows(List<String> words) {
            for (int i = 0; i < columns.size(); i++) {
                if (!columns.get(i).isEmpty() && !columns.get(i).contains(words.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    private final Map<Deployment, List<Line>> lines = new EnumMap<>(Deployment.class);

    private ExpectedRights() {}

    static ExpectedRights read() throws IOException {
        ExpectedRights expected = new ExpectedRights();
        List<Line> section = new ArrayList<>();
        try (InputStream table = Objects.requireNonNull(ExpectedRights.class.getResourceAsStream("expected.md"))) {
            for (String text : new String(table.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (text.startsWith("## ")) {
                    section = new ArrayList<>();
                    expected.lines.put(deployment(text.substring(3).strip()), section);
                } else if (text.startsWith("| ") && !text.startsWith("| who")) {
                    section.add(line(text));
                }
            }
        }
        return expected;
    }

    List<Line> lines(Deployment deployment) {
        return Objects.requireNonNull(lines.get(deployment), () -> "no section for " + deployment);
    }

    boolean allows(Deployment deployment, Cell cell) {
        List<String> words = cell.names();
        return lines(deployment).stream().anyMatch(line -> line.allows(words));
    }

    private static Deployment deployment(String word) {
        return Arrays.stream(Deployment.values())
                .filter(deployment -> Cell.nameInTable(deployment).equals(word))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no deployment " + word));
    }

    private static Line line(String text) {
        String[] fields = text.split("\\|");
        List<Set<String>> columns = new ArrayList<>();
        for (int i = 1; i < fields.length; i++) {
            String field = fields[i].strip();
            columns.add(field.equals("any") ? Set.of() : Set.of(field.split(" *, *")));
        }
        if (columns.size() != 7) {
            throw new AssertionError("a line must have 7 fields: " + text);
        }
        return new Line(text, columns);
    }
}
