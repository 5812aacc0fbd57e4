package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.request.Fields;
import java.util.List;

/** The table of tasks. Immutable and thread-safe. */
public final class Tasks {
    private final List<Task> tasks;

    public Tasks(List<Task> tasks) {
        this.tasks = List.copyOf(tasks);
    }

    /**
     * Reads and checks a request for whichever task it names.
     *
     * @throws Refusal if it names none, or the task refuses it
     */
    public Task.Act prepare(Fields fields) {
        String name = fields.require(Fields.TASK);
        for (Task task : tasks) {
            if (task.name().equals(name)) {
                fields.refuseOthersThan(task.fields());
                for (var common : Fields.COMMON) {
                    fields.get(common);
                }
                return task.prepare(fields);
            }
        }
        throw new Refusal(
                Reason.UNKNOWN_TASK,
                "'task' must be one of "
                        + String.join(", ", tasks.stream().map(Task::name).toList()) + ".");
    }
}
