package io.github.spotspec.function.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Row;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer for people: a table, then what they should know besides, then a line with the totals. Tasks do not
 * know about this: {@link TableColumns} and {@link TotalsLine} choose from what answers contain. A narrow answer leaves
 * out only what is listed here by name, so it shows warnings and failures even if they are new.
 */
final class PlainText {
    /** What people rarely need, and what the totals say. */
    private static final Set<String> OMITTED = Set.of(
            "asked",
            "at",
            "basis",
            "cost",
            "costAtLeaseEnd",
            "costToday",
            "dryRun",
            "estimate",
            "from",
            "hourlyCost",
            "instances",
            "launched",
            "lease",
            "matched",
            "notListed",
            "onDemandSource",
            "scoreSource",
            "source",
            "summary",
            "to",
            "unknown");

    /** The events of answers whose rows have what a table has no room for. Answers with prices may have many rows. */
    private static final Set<String> EVENTS_WITH_NOTES = Set.of("instances", "costs", "ended", "checked");

    /** More candidates of a dry run say little. */
    private static final int MAX_CANDIDATES = 10;

    /** The escape sequences of a terminal (ECMA-48): those with parameters, those with a text, and short ones. */
    private static final Pattern ESCAPE = Pattern.compile(
            "\u001b(?:\\[[0-?]*+[ -/]*+[@-~]?|[\\]PX^_][^\u0007\u001b]*+(?:\u0007|\u001b\\\\)?|[ -/]*+[0-~])");

    private final Answer answer;
    private final Map<String, Object> meta;
    private final Instant now;
    private final boolean wide;
    private final JsonGenerator out;

    private PlainText(Answer answer, Instant now, boolean wide, JsonGenerator out) {
        this.answer = answer;
        this.meta = TextTable.shown(answer.meta());
        this.now = now;
        this.wide = wide;
        this.out = out;
    }

    /**
     * Writes an answer.
     *
     * @param now the time to which other times are relative
     * @param wide whether to show every field of the rows and of {@code meta}
     */
    static void write(Answer answer, Instant now, boolean wide, JsonGenerator out) throws IOException {
        new PlainText(answer, now, wide, out).write();
    }

    private void write() throws IOException {
        List<String> notes = notes();
        List<String> values = values();
        String totals = TotalsLine.of(answer, now);
        boolean started = false;
        if (!answer.data().isEmpty()) {
            new PlainTable(TableColumns.of(answer.event()), answer.data(), now, wide).write(Integer.MAX_VALUE, out);
            started = true;
        }
        started = writeBlock(outputs(), started);
        for (Map.Entry<String, Object> entry : meta.entrySet()) {
            if (TextTable.isNested(entry.getValue()) && isTable(entry.getKey())) {
                started = separate(started);
                writeList(entry.getKey(), (List<?>) entry.getValue());
            }
        }
        notes.addAll(values);
        started = writeBlock(notes, started);
        writeBlock(totals.isEmpty() ? List.of() : List.of(totals), started);
    }

    private boolean separate(boolean started) throws IOException {
        if (started) {
            out.writeRaw('\n');
        }
        return true;
    }

    private boolean writeBlock(List<String> lines, boolean started) throws IOException {
        if (lines.isEmpty()) {
            return started;
        }
        separate(started);
        for (String line : lines) {
            out.writeRaw(line + "\n");
        }
        return true;
    }

    /** Returns whether a list of {@code meta} is shown as a table. Lists of failures are shown as sentences. */
    private boolean isTable(String name) {
        List<?> list = (List<?>) meta.getOrDefault(name, List.of());
        if (wide) {
            return !isSentence(list);
        }
        return switch (name) {
            case "byCaller", "byRegion" -> list.size() > 1;
            case "attempts" -> list.stream().anyMatch(attempt -> !isLaunch((Map<?, ?>) attempt));
            default -> !isSentence(list) && !OMITTED.contains(name);
        };
    }

    private static boolean isSentence(List<?> list) {
        return ((Map<?, ?>) list.getFirst()).containsKey("details");
    }

    private static boolean isLaunch(Map<?, ?> attempt) {
        return String.valueOf(attempt.get("Result")).startsWith("launched");
    }

    private void writeList(String name, List<?> list) throws IOException {
        int most = !wide && name.equals("candidates") ? MAX_CANDIDATES : list.size();
        if (wide || !name.equals("candidates") || !answer.data().isEmpty()) {
            out.writeRaw(ReadableText.words(name) + ":\n");
        }
        new PlainTable(TableColumns.of(name), TextTable.rows(list), now, wide).write(most, out);
        if (list.size() > most) {
            out.writeRaw("… and " + (list.size() - most) + " more pools\n");
        }
    }

    /** Returns sentences about single rows, and why regions or ids failed. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (Row row : !wide && EVENTS_WITH_NOTES.contains(answer.event()) ? answer.data() : List.<Row>of()) {
            Map<String, @Nullable Object> fields = PlainTable.fields(row);
            String id = TextTable.cell(
                    fields.get("InstanceId") == null ? fields.get("SpotInstanceRequestId") : fields.get("InstanceId"));
            note(fields.get("CostUnknown"), id + ": its cost is unknown: ", notes);
            note(fields.get("KeptVolumeIds"), id + ": volumes that are kept and cost money: ", notes);
            if ("refused".equals(fields.get("Result"))) {
                note(fields.get("Details"), TextTable.cell(fields.get("Action")) + ": ", notes);
            }
        }
        for (Map.Entry<String, Object> entry : meta.entrySet()) {
            if (TextTable.isNested(entry.getValue()) && isSentence((List<?>) entry.getValue())) {
                for (Object each : (List<?>) entry.getValue()) {
                    notes.addAll(sentence(entry.getKey(), (Map<?, ?>) each));
                }
            }
        }
        return notes;
    }

    private static void note(@Nullable Object value, String prefix, List<String> notes) {
        String text = TextTable.cell(value);
        if (!text.isEmpty()) {
            notes.addAll(ReadableText.wrapped(prefix + text, PlainTable.WIDTH));
        }
    }

    /** Returns a failure in words: {@code failed us-east-1: TimedOut: The request …}. */
    private static List<String> sentence(String name, Map<?, ?> failure) {
        Map<Object, Object> subject = new LinkedHashMap<>(failure);
        subject.keySet().removeAll(Set.of("error", "details"));
        String what =
                String.join(" ", subject.values().stream().map(TextTable::cell).toList());
        return ReadableText.wrapped(
                ReadableText.words(name) + (what.isEmpty() ? "" : " " + what) + ": "
                        + TextTable.cell(failure.get("error")) + ": " + TextTable.cell(failure.get("details")),
                PlainTable.WIDTH);
    }

    /** Returns the single values of {@code meta}. */
    private List<String> values() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : meta.entrySet()) {
            Object value = entry.getValue();
            if (TextTable.isNested(value) || (!wide && isOmitted(entry.getKey(), value))) {
                continue;
            }
            if (value instanceof Map<?, ?> failure && failure.containsKey("details")) {
                values.put(entry.getKey(), sentence("", failure));
            } else {
                String text = value instanceof List<?> list
                        ? String.join(", ", list.stream().map(TextTable::cell).toList())
                        : !wide && value instanceof Instant ? ReadableText.relative(value, now) : TextTable.cell(value);
                values.put(entry.getKey(), List.of(text));
            }
        }
        int width = values.keySet().stream()
                .mapToInt(name -> ReadableText.words(name).length())
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        values.forEach((name, texts) -> {
            String label = ReadableText.words(name);
            String text = String.join(" ", texts).strip();
            for (String line : wide ? List.of(text) : ReadableText.wrapped(text, PlainTable.WIDTH - width - 2)) {
                lines.add((label + " ".repeat(width - label.length() + 2) + line).stripTrailing());
                label = "";
            }
        });
        return lines;
    }

    private boolean isOmitted(String name, Object value) {
        return switch (name) {
            case "regions" -> !answer.event().equals("status");
            case "types", "count" -> answer.event().equals("scored");
            case "left", "refused" -> value.toString().equals("0");
            case "repeated" -> true;
            default -> OMITTED.contains(name);
        };
    }

    /** Returns console outputs, line by line, without what controls a terminal. */
    private List<String> outputs() {
        List<String> lines = new ArrayList<>();
        for (Row row : answer.event().equals("console") ? answer.data() : List.<Row>of()) {
            Map<String, @Nullable Object> fields = PlainTable.fields(row);
            if (fields.get("Output") instanceof String output && !output.isEmpty()) {
                lines.add((lines.isEmpty() ? "" : "\n") + "==> " + TextTable.cell(fields.get("InstanceId")) + " <==");
                ESCAPE.matcher(output)
                        .replaceAll("")
                        .lines()
                        .map(TextTable::oneLine)
                        .forEach(lines::add);
            }
        }
        return lines;
    }
}
