package io.github.spotspec.function.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of a task.
 *
 * @param event a word for what happened, for example {@code priced}
 * @param data the rows
 * @param meta when and where the data come from, and what is missing from them; values as in {@link Row.Columns#put}
 * @param counts values to count, by the names of their metrics; the caller does not see them
 * @param logged more fields of the request's log line
 */
public record Answer(
        String event,
        List<? extends Row> data,
        Map<String, ?> meta,
        Map<String, Integer> counts,
        Map<String, ?> logged) {
    /** Creates an answer that logs nothing of its own. */
    public Answer(String event, List<? extends Row> data, Map<String, ?> meta, Map<String, Integer> counts) {
        this(event, data, meta, counts, Map.of());
    }

    /** Creates an answer that counts nothing. */
    public Answer(String event, List<? extends Row> data, Map<String, ?> meta) {
        this(event, data, meta, Map.of());
    }

    /** Returns the same answer with a session that the request opened. */
    public Answer with(Session session) {
        Map<String, Object> more = new LinkedHashMap<>(meta);
        session.describe(more);
        return new Answer(event, data, more, counts, logged);
    }
}
