package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;

/** One act of the service. Implementations are immutable and thread-safe. */
public interface Task {
    /** Returns the word by which requests name it. */
    String name();

    /** Returns the fields that it knows beside {@link Fields#COMMON}. */
    List<Field<?>> fields();

    /**
     * Reads and checks a request, before any credentials are touched.
     *
     * @throws ServiceException if the request cannot be carried out as it stands
     */
    PreparedTask prepare(Fields fields);

    /** A checked request, ready to be carried out; carrying it out twice does no more than once. */
    @FunctionalInterface
    interface PreparedTask {
        /**
         * Carries it out.
         *
         * @throws ServiceException if it could not be
         */
        Answer run(TaskContext call);
    }
}
