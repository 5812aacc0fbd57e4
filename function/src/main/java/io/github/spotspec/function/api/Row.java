package io.github.spotspec.function.api;

import org.jspecify.annotations.Nullable;

/** One item of an answer's data. A row defines its columns; the code that writes the answer defines the format. */
public interface Row {
    /** Writes every column. The columns and their order are always the same. */
    void write(Columns out);

    /** Receives the columns of a row. */
    @FunctionalInterface
    interface Columns {
        /**
         * Receives one column.
         *
         * @param name EC2's own name for the column, if EC2 has one
         * @param value text, a number, a boolean, an {@link java.time.Instant}, a list or a map of these, or null
         */
        void put(String name, @Nullable Object value);

        /** Receives one column that tables for people leave out, because they would become too wide. */
        default void putDetail(String name, @Nullable Object value) {
            put(name, value);
        }
    }
}
