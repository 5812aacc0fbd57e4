package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;

/** A task of the service. Implementations are immutable and thread-safe. */
public interface Task {
    /** Returns the name that requests use for this task. */
    String name();

    /** Returns the fields that this task accepts in addition to {@link Fields#COMMON}. */
    List<Field<?>> fields();

    /**
     * Reads and checks a request, before any credentials are used.
     *
     * @throws ServiceException if the request is invalid
     */
    PreparedTask prepare(Fields fields);

    /** A checked request that is ready to run. Running it twice has no more effect than running it once. */
    @FunctionalInterface
    interface PreparedTask {
        /**
         * Runs the task.
         *
         * @throws ServiceException if the task fails
         */
        Answer run(TaskContext context);
    }
}
