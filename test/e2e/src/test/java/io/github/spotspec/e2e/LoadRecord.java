package io.github.spotspec.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records the answers of a load run. Thread-safe. */
final class LoadRecord {
    private final Map<String, Task> tasks = new TreeMap<>();

    /** What was recorded for a task. */
    private static final class Task {
        private final Map<String, Integer> answers = new TreeMap<>();
        private final List<Duration> latencies = new ArrayList<>();
        private final List<Duration> times = new ArrayList<>();
        private int maxTries;
    }

    /** Records an answer, and the time that it took. */
    synchronized void answered(String task, SpotUrl.Answer answer, Duration latency) {
        // Lambda's own answers have no error code.
        String kind = answer.status() == 200 ? "200" : answer.status() + " " + answer.error();
        of(task).answers.merge(kind.strip(), 1, Integer::sum);
        if (answer.status() == 200) {
            of(task).latencies.add(latency);
        }
    }

    /** Records a request that is done, the time since its first try, and the number of its tries. */
    synchronized void done(String task, Duration time, int tries) {
        of(task).times.add(time);
        of(task).maxTries = Math.max(of(task).maxTries, tries);
    }

    /** Returns the time within which this percentage of a task's requests were done. */
    synchronized Duration timeUntilDone(String task, int percent) {
        return percentile(of(task).times, percent);
    }

    private Task of(String task) {
        return tasks.computeIfAbsent(task, key -> new Task());
    }

    private static Duration percentile(List<Duration> times, int percent) {
        List<Duration> sorted = times.stream().sorted().toList();
        return sorted.isEmpty() ? Duration.ZERO : sorted.get((sorted.size() * percent + 99) / 100 - 1);
    }

    /** Returns a table: for each task the answers, and percentiles of their latency and of the time until done. */
    @Override
    public synchronized String toString() {
        StringBuilder table = new StringBuilder();
        tasks.forEach((name, task) -> {
            table.append(String.format("%n%-10s answers %s; latency of 200 in ms", name, task.answers));
            append(table, task.latencies);
            if (!task.times.isEmpty()) {
                table.append("; until done");
                append(table, task.times);
                table.append("; at most ").append(task.maxTries).append(" tries");
            }
        });
        return table.toString();
    }

    private static void append(StringBuilder table, List<Duration> times) {
        for (int percent : List.of(50, 95, 99)) {
            table.append(String.format(
                    " p%d %,d", percent, percentile(times, percent).toMillis()));
        }
    }
}
