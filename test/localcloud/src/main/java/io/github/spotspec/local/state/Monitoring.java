package io.github.spotspec.local.state;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The dashboards and alarms of CloudWatch and the saved queries of CloudWatch Logs, by ARN or id, with their content.
 * The local cloud does not evaluate them: an alarm never changes state. Thread-safe.
 */
public final class Monitoring {
    private final Map<String, String> things = new TreeMap<>();

    /** Adds or replaces the content for an id. */
    public synchronized void put(String id, String content) {
        things.put(id, content);
    }

    public synchronized void delete(String id) {
        things.remove(id);
    }

    /** Returns the content for an id: a dashboard's body, an alarm's definition or a query's text. */
    public synchronized String content(String id) {
        String content = things.get(id);
        if (content == null) {
            throw new IllegalArgumentException(id);
        }
        return content;
    }

    /** Returns the ids of all dashboards, alarms and queries. */
    public synchronized List<String> ids() {
        return List.copyOf(things.keySet());
    }
}
