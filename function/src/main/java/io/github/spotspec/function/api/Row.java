package io.github.spotspec.function.api;

import org.jspecify.annotations.Nullable;

/** One thing in an answer's data. It knows its columns; whoever writes the answer knows the format. */
public interface Row {
    /** Puts every column, always the same ones in the same order. */
    void write(Columns out);

    /** Takes the columns of a row. */
    @FunctionalInterface
    interface Columns {
        /**
         * Takes one column.
         *
         * @param name EC2's own name for it, where EC2 has one
         * @param value text, a number, a boolean, an {@link java.time.Instant}, a list or a map of these, or null
         */
        void put(String name, @Nullable Object value);
    }
}
