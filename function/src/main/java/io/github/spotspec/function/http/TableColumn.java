package io.github.spotspec.function.http;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table for people. Immutable.
 *
 * @param title its title
 * @param fields the fields of a row that it can show; it shows the first that has a value
 * @param format how it shows a value
 * @param flexible whether values may be cut so that the table fits
 * @param usual the value that all rows usually have; if they do, the table has no such column. Null if there is no such
 *     value
 */
record TableColumn(
        String title,
        List<String> fields,
        Format format,
        boolean flexible,
        @Nullable String usual) {
    /** How a column shows a value. */
    enum Format {
        TEXT,
        NUMBER,
        /**
         * An amount of US dollars. All of a column have the same number of decimals, so that people can compare them.
         */
        MONEY,
        PERCENT,
        DURATION,
        /** A time relative to now. */
        RELATIVE,
        YES_NO,
        CALLER;

        boolean isRightAligned() {
            return this == NUMBER || this == MONEY || this == PERCENT || this == DURATION;
        }
    }

    static TableColumn text(String title, String... fields) {
        return new TableColumn(title, List.of(fields), Format.TEXT, false, null);
    }

    static TableColumn column(Format format, String title, String... fields) {
        return new TableColumn(title, List.of(fields), format, false, null);
    }

    /** Returns the same column with values that may be cut. */
    TableColumn flex() {
        return new TableColumn(title, fields, format, true, usual);
    }

    /** Returns the same column, which a table omits if all rows have this value. */
    TableColumn unless(String value) {
        return new TableColumn(title, fields, format, flexible, value);
    }

    /** Returns whether the column, as a wide table shows it, says all that a field says. */
    boolean isExactly(String field) {
        return fields.equals(List.of(field)) && format != Format.DURATION;
    }

    /** Returns the value of a row, or null if it has none. */
    @Nullable
    Object value(Map<String, @Nullable Object> row) {
        return fields.stream()
                .map(row::get)
                .filter(Objects::nonNull)
                .filter(value -> !TextTable.cell(value).isEmpty())
                .findFirst()
                .orElse(null);
    }

    /**
     * Returns what a cell shows.
     *
     * @param wide whether to show the value as it is, because there is room for it
     */
    String cell(@Nullable Object value, Instant now, boolean wide) {
        if (value == null) {
            return "";
        }
        String whole = TextTable.cell(value);
        return switch (format) {
            case RELATIVE -> wide ? whole : ReadableText.relative(value, now);
            case CALLER -> wide ? whole : ReadableText.caller(whole);
            case PERCENT -> whole + "%";
            case DURATION -> ReadableText.duration(value);
            case YES_NO -> whole.equals("true") ? "yes" : whole.equals("false") ? "no" : whole;
            case TEXT, NUMBER, MONEY -> whole;
        };
    }
}
