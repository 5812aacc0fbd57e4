package io.github.spotspec.function.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a task found or did.
 *
 * @param event the word of what happened, for example {@code priced}
 * @param data the rows
 * @param meta when and where the data come from, and what is missing of them; values as in {@link Row.Columns#put}
 * @param counts what is to be counted of it, by the names of the metrics; the caller does not see it
 */
public record Answer(String event, List<? extends Row> data, Map<String, ?> meta, Map<String, Integer> counts) {
    /** Makes an answer of which nothing is to be counted. */
    public Answer(String event, List<? extends Row> data, Map<String, ?> meta) {
        this(event, data, meta, Map.of());
    }

    /** Returns the same answer, of a request that opened a session. */
    public Answer with(Session session) {
        Map<String, Object> more = new LinkedHashMap<>(meta);
        session.describe(more);
        return new Answer(event, data, more, counts);
    }
}
