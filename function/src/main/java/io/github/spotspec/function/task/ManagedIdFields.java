package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Ids of instances and spot requests that requests name. */
final class ManagedIdFields {
    private static final int MAX_IDS = 200;

    static final Field<List<String>> INSTANCES = instances(MAX_IDS);
    static final Field<List<String>> REQUESTS = Field.textList(
                    "spotInstanceRequestIds",
                    MAX_IDS,
                    "spot request ids such as sir-0123abcd",
                    id -> Syntax.isId("sir", id))
            .or("spotInstanceRequestId", "SpotInstanceRequestIds", "SpotInstanceRequestId");

    private ManagedIdFields() {}

    /** Returns the field for at most this many instance ids. */
    static Field<List<String>> instances(int most) {
        return Field.textList(
                        "instanceIds", most, "instance ids such as i-0123456789abcdef0", id -> Syntax.isId("i", id))
                .or("instanceId", "InstanceIds", "InstanceId");
    }

    /**
     * Writes why EC2 or IAM rejected the operation for some rows.
     *
     * @param id returns the id of the resource of a row
     * @param failure returns why the operation failed for a row, or null if it did not
     */
    static <R> void reportFailures(
            List<R> rows,
            Function<R, String> id,
            Function<R, @Nullable ServiceException> failure,
            Map<String, Object> meta) {
        Map<String, ServiceException> failures = new LinkedHashMap<>();
        for (R row : rows) {
            ServiceException why = failure.apply(row);
            if (why != null) {
                failures.put(id.apply(row), why);
            }
        }
        reportFailures(failures, meta);
    }

    /** Writes why EC2 or IAM rejected the operation for some ids. */
    static void reportFailures(Map<String, ServiceException> failures, Map<String, Object> meta) {
        List<Map<String, Object>> entries = new ArrayList<>();
        failures.forEach((id, failure) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", id);
            entry.put("error", failure.errorCode().code());
            entry.put("details", failure.details());
            entries.add(entry);
        });
        if (!entries.isEmpty()) {
            meta.put("refused", entries);
        }
    }
}
