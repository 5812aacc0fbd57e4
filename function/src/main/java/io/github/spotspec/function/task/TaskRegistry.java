package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import java.util.Set;

/** The list of tasks, and which of them the deployment allows. Immutable and thread-safe. */
public final class TaskRegistry {
    private final List<Task> tasks;
    private final Set<String> allowed;

    /**
     * Creates a registry of the given tasks.
     *
     * @param allowed the names of the tasks that the deployment allows
     */
    public TaskRegistry(List<Task> tasks, Set<String> allowed) {
        this.tasks = List.copyOf(tasks);
        this.allowed = Set.copyOf(allowed);
    }

    /** Returns whether there is a task with this name, allowed or not. */
    public boolean knows(String name) {
        return tasks.stream().anyMatch(task -> task.name().equals(name));
    }

    /**
     * Reads and checks a request for the task that it names.
     *
     * @throws ServiceException if the request names no allowed task, or the task rejects the request
     */
    public Task.PreparedTask prepare(Fields fields) {
        String name = fields.require(Fields.TASK);
        for (Task task : tasks) {
            if (task.name().equals(name)) {
                if (!allowed.contains(name)) {
                    throw new ServiceException(
                            ErrorCode.TASK_NOT_ALLOWED,
                            "Task " + name + " is not allowed; this deployment allows "
                                    + String.join(", ", allowedNames()) + ".");
                }
                fields.rejectUnknown(task.fields());
                for (var common : Fields.COMMON) {
                    fields.get(common);
                }
                return task.prepare(fields);
            }
        }
        throw new ServiceException(
                ErrorCode.UNKNOWN_TASK, "'task' must be one of " + String.join(", ", allowedNames()) + ".");
    }

    private List<String> allowedNames() {
        return tasks.stream().map(Task::name).filter(allowed::contains).toList();
    }
}
