package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Syntax;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ids of things that requests name. */
final class OwnIds {
    private static final int MOST = 200;

    static final Field<List<String>> INSTANCES = Field.texts(
                    "instanceIds", MOST, "instance ids such as i-0123456789abcdef0", id -> Syntax.isId("i", id))
            .or("instanceId", "InstanceIds", "InstanceId");
    static final Field<List<String>> REQUESTS = Field.texts(
                    "spotInstanceRequestIds",
                    MOST,
                    "spot request ids such as sir-0123abcd",
                    id -> Syntax.isId("sir", id))
            .or("spotInstanceRequestId", "SpotInstanceRequestIds", "SpotInstanceRequestId");

    private OwnIds() {}

    /** Writes why EC2 or IAM refused to act on some. */
    static void reportRefused(Map<String, Refusal> refused, Map<String, Object> meta) {
        List<Map<String, Object>> entries = new ArrayList<>();
        refused.forEach((id, refusal) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", id);
            entry.put("error", refusal.reason().word());
            entry.put("details", refusal.details());
            entries.add(entry);
        });
        if (!entries.isEmpty()) {
            meta.put("refused", entries);
        }
    }
}
