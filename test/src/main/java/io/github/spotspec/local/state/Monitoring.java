package io.github.spotspec.local.state;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * CloudWatch's dashboards and alarms, and the saved queries of CloudWatch Logs, by ARN or id, with what they are made of. Nobody
 * looks at them: an alarm never goes off. Thread-safe.
 */
public final class Monitoring {
    private final Map<String, String> things = new TreeMap<>();

    /** Puts something in place of what was there. */
    public synchronized void put(String id, String content) {
        things.put(id, content);
    }

    public synchronized void delete(String id) {
        things.remove(id);
    }

    /** Returns what something is made of: a dashboard's body, an alarm's definition, a query's text. */
    public synchronized String content(String id) {
        String content = things.get(id);
        if (content == null) {
            throw new IllegalArgumentException(id);
        }
        return content;
    }

    /** Returns the ids of everything. */
    public synchronized List<String> everything() {
        return List.copyOf(things.keySet());
    }
}
