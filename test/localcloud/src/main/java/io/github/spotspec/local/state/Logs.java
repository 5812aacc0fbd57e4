package io.github.spotspec.local.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The log groups of every region, by ARN. Thread-safe. */
public final class Logs {
    private final Map<String, List<String>> groups = new TreeMap<>();

    public synchronized void create(String arn) {
        groups.putIfAbsent(arn, new ArrayList<>());
    }

    public synchronized void delete(String arn) {
        groups.remove(arn);
    }

    /** Adds a line if the log group exists. */
    public synchronized void add(String arn, String line) {
        List<String> lines = groups.get(arn);
        if (lines != null) {
            lines.add(line);
        }
    }

    /** Returns every line of every group. */
    public synchronized List<String> lines() {
        return groups.values().stream().flatMap(List::stream).toList();
    }

    /** Returns the ARNs of all groups. */
    public synchronized List<String> arns() {
        return List.copyOf(groups.keySet());
    }
}
