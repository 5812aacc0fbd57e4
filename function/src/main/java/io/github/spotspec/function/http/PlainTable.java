package io.github.spotspec.function.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.api.Row;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table for people: aligned columns, without those that have no values. A table that is not wide fits into a terminal
 * of {@value #WIDTH} columns if cutting names helps. It writes rows one by one, because an answer may have hundreds of
 * thousands. Not thread-safe.
 */
final class PlainTable {
    /** The width of a table, in columns of a terminal. */
    static final int WIDTH = 100;

    private static final int READABLE_NAME = 12;
    private static final int SHORTEST_NAME = 5;
    private static final String EMPTY = "-";

    private final List<? extends Row> rows;
    private final Instant now;
    private final boolean wide;
    private final List<Fitted> columns = new ArrayList<>();
    private String gap = "  ";

    /**
     * Creates a table.
     *
     * @param declared its columns; if there are none, it has a column for each field of its rows
     * @param wide whether the other fields of its rows follow, and values are shown as they are
     */
    PlainTable(List<TableColumn> declared, List<? extends Row> rows, Instant now, boolean wide) {
        this.rows = rows;
        this.now = now;
        this.wide = wide;
        for (TableColumn column : wide || declared.isEmpty() ? withOtherFields(declared, rows) : declared) {
            columns.add(new Fitted(column));
        }
        for (Row row : rows) {
            Map<String, @Nullable Object> fields = fields(row);
            columns.forEach(column -> column.measure(fields));
        }
        columns.removeIf(column -> !column.isShown());
        if (!wide) {
            fit();
        }
    }

    private static List<TableColumn> withOtherFields(List<TableColumn> declared, List<? extends Row> rows) {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(fields(row).keySet()));
        List<TableColumn> all = new ArrayList<>(declared);
        for (String name : names) {
            if (declared.stream().noneMatch(column -> column.isExactly(name))) {
                all.add(TableColumn.text(ReadableText.title(name), name));
            }
        }
        return all;
    }

    /** Returns the fields of a row. */
    static Map<String, @Nullable Object> fields(Row row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        row.write(fields::put);
        return fields;
    }

    /** A column with the width that its values need. */
    private final class Fitted {
        private final TableColumn column;
        private int width;
        private int integers = 1;
        private int decimals;
        private boolean unusual;

        Fitted(TableColumn column) {
            this.column = column;
        }

        void measure(Map<String, @Nullable Object> row) {
            Object value = column.value(row);
            if (value == null) {
                return;
            }
            unusual |= wide || column.usual() == null || !TextTable.cell(value).equals(column.usual());
            BigDecimal amount = amount(value);
            if (amount == null) {
                width = Math.max(width, ReadableText.width(column.cell(value, now, wide)));
            } else {
                BigDecimal shown = ReadableText.amount(amount);
                decimals = Math.max(decimals, shown.scale());
                integers = Math.max(integers, shown.toPlainString().length() - shown.scale() - 1);
                width = Math.max(width, 1);
            }
        }

        /** Returns an amount if the column shows it with as many decimals as its others. */
        private @Nullable BigDecimal amount(@Nullable Object value) {
            return wide || column.format() != TableColumn.Format.MONEY ? null : ReadableText.number(value);
        }

        boolean isShown() {
            return width > 0 && unusual;
        }

        int width() {
            int numbers = decimals == 0 ? 0 : integers + 1 + decimals;
            return Math.max(ReadableText.width(column.title()), Math.max(width, numbers));
        }

        String title() {
            return aligned(column.title());
        }

        String cell(Map<String, @Nullable Object> row) {
            Object value = column.value(row);
            BigDecimal amount = amount(value);
            if (amount != null) {
                BigDecimal shown = ReadableText.amount(amount);
                return aligned((shown.scale() < decimals ? amount.setScale(decimals, RoundingMode.HALF_UP) : shown)
                        .toPlainString());
            }
            String cell = column.cell(value, now, wide);
            return aligned(cell.isEmpty() ? EMPTY : ReadableText.clipped(cell, width()));
        }

        private String aligned(String cell) {
            String padding = " ".repeat(Math.max(0, width() - ReadableText.width(cell)));
            return column.format().isRightAligned() ? padding + cell : cell + padding;
        }

        /** Returns by how much the column can become narrower if its values keep a width. */
        int spare(int shortest) {
            int least = Math.max(shortest, ReadableText.width(column.title()));
            return column.flexible() ? Math.max(0, width - least) : 0;
        }

        void narrow(int cut) {
            width -= cut;
        }
    }

    /** Cuts names so that the table fits. First leaves names and gaps readable. */
    private void fit() {
        if (!fits(READABLE_NAME)) {
            gap = " ";
            fits(SHORTEST_NAME);
        }
    }

    /** Cuts names to no less than a width, and returns whether the table fits then. */
    private boolean fits(int shortest) {
        int excess = columns.stream().mapToInt(Fitted::width).sum() + gap.length() * (columns.size() - 1) - WIDTH;
        int possible =
                columns.stream().mapToInt(column -> column.spare(shortest)).sum();
        if (excess > possible && shortest > SHORTEST_NAME) {
            return false;
        }
        for (Fitted column : columns.reversed()) {
            int cut = Math.clamp(excess, 0, column.spare(shortest));
            column.narrow(cut);
            excess -= cut;
        }
        return excess <= 0;
    }

    /** Writes the titles and at most so many rows. Writes nothing if no column has a value. */
    void write(int most, JsonGenerator out) throws IOException {
        if (columns.isEmpty()) {
            return;
        }
        StringBuilder titles = new StringBuilder();
        columns.forEach(column -> titles.append(column.title()).append(gap));
        out.writeRaw(titles.toString().stripTrailing() + "\n");
        for (Row row : rows.subList(0, Math.min(most, rows.size()))) {
            Map<String, @Nullable Object> fields = fields(row);
            StringBuilder line = new StringBuilder();
            columns.forEach(column -> line.append(column.cell(fields)).append(gap));
            out.writeRaw(line.toString().stripTrailing() + "\n");
        }
    }
}
