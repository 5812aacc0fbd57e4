package io.github.spotspec.function.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.Session;
import io.github.spotspec.function.runtime.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as CSV, and values as texts. Some values come from outside, such as messages of AWS and text from
 * callers. The output contains no characters that control a terminal and no cells that a spreadsheet treats as
 * formulas.
 */
final class TextTable {
    /** The characters with which a spreadsheet formula may start, according to OWASP ("CSV Injection"). */
    private static final String FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20";

    private TextTable() {}

    /**
     * Writes rows as CSV (RFC 4180), starting with a line of column names. A row with a list of objects gets one line
     * for each object.
     */
    static void csv(List<? extends Row> rows, JsonGenerator out) throws IOException {
        Map<String, Object> names = new LinkedHashMap<>();
        for (Row row : rows) {
            lines(row).forEach(line -> line.keySet().forEach(name -> names.put(name, name)));
        }
        if (!names.isEmpty()) {
            out.writeRaw(csvLine(names, names));
        }
        for (Row row : rows) {
            for (Map<String, @Nullable Object> line : lines(row)) {
                out.writeRaw(csvLine(names, line));
            }
        }
    }

    private static List<Map<String, @Nullable Object>> lines(Row row) {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        List<Object> nested = new ArrayList<>();
        row.write((name, value) -> {
            if (isNested(value)) {
                nested.addAll((List<?>) value);
            } else {
                cells.put(name, value);
            }
        });
        if (nested.isEmpty()) {
            return List.of(cells);
        }
        List<Map<String, @Nullable Object>> lines = new ArrayList<>();
        for (Row inner : rows(nested)) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>(cells);
            inner.write(line::put);
            lines.add(line);
        }
        return lines;
    }

    private static String csvLine(Map<String, ?> names, Map<String, ?> cells) {
        StringBuilder line = new StringBuilder();
        for (String name : names.keySet()) {
            line.append(line.isEmpty() ? "" : ",").append(csvCell(cells.get(name)));
        }
        return line.append("\r\n").toString();
    }

    private static String csvCell(@Nullable Object value) {
        String cell = cell(value);
        if (!(value instanceof Number)
                && !cell.isBlank()
                && FORMULA.indexOf(cell.stripLeading().charAt(0)) >= 0) {
            cell = "'" + cell;
        }
        return cell.indexOf(',') >= 0 || cell.indexOf('"') >= 0 ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }

    /** Returns the answer's {@code meta} without its MFA session, which is in headers of its own. */
    static Map<String, Object> shown(Map<String, ?> meta) {
        Map<String, Object> shown = new LinkedHashMap<>(meta);
        shown.keySet().removeIf(Session::isSecret);
        return shown;
    }

    /** Returns a value as JSON in ASCII, which a header can contain. */
    static String asciiJson(Object value) {
        StringBuilder ascii = new StringBuilder();
        for (char c : Json.text(value).toCharArray()) {
            ascii.append(c < 0x7f ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return ascii.toString();
    }

    /** Returns a text in which spaces replace line breaks and characters that control a terminal. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> line.appendCodePoint(isSeen(c) ? c : ' '));
        return line.toString();
    }

    private static boolean isSeen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    /** Returns a value as one line of text, or an empty text for a list of objects. */
    static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case String text -> oneLine(text);
            case BigDecimal number -> number.toPlainString();
            case List<?> list when isNested(list) -> "";
            case List<?> list ->
                String.join(",", list.stream().map(TextTable::cell).toList());
            // For people, the summary of an object says enough.
            case Map<?, ?> map when map.get("summary") instanceof String summary -> oneLine(summary);
            case Map<?, ?> map -> oneLine(Json.text(map));
            default -> value.toString();
        };
    }

    /** Returns whether a value is a list of objects. */
    static boolean isNested(@Nullable Object value) {
        return value instanceof List<?> list && !list.isEmpty() && list.getFirst() instanceof Map<?, ?>;
    }

    /** Returns a list of objects as rows. */
    static List<Row> rows(List<?> objects) {
        return objects.stream()
                .map(object -> (Row)
                        out -> ((Map<?, ?>) object).forEach((name, value) -> out.put(String.valueOf(name), value)))
                .toList();
    }
}
