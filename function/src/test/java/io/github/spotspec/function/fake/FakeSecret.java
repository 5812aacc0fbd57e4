package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A secret in Secrets Manager, with its versions and their stages. Thread-safe. */
public final class FakeSecret {
    private static final String CURRENT = "AWSCURRENT";

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, String> labels = new HashMap<>();
    private int reads;
    private @Nullable Runnable meanwhile;

    FakeSecret(String value) {
        holds(value);
    }

    /** Sets a new value; the current one becomes the previous one. */
    public synchronized void holds(String now) {
        String id = "00000000-0000-0000-0000-" + String.format("%012d", values.size());
        values.put(id, now);
        becomesCurrent(id);
    }

    private void becomesCurrent(String id) {
        String before = labels.put(CURRENT, id);
        if (before != null) {
            labels.put("AWSPREVIOUS", before);
        }
    }

    /** Runs an action right before the next version is put. */
    public synchronized void meanwhile(Runnable something) {
        meanwhile = something;
    }

    public synchronized int versions() {
        return values.size();
    }

    public synchronized int reads() {
        return reads;
    }

    Said answer(String body) {
        Map<?, ?> asked = (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        if (!asked.containsKey("SecretString")) {
            return get(asked);
        }
        Runnable first;
        synchronized (this) {
            first = meanwhile;
            meanwhile = null;
        }
        if (first != null) {
            first.run();
        }
        return put(asked);
    }

    private synchronized Said get(Map<?, ?> asked) {
        reads++;
        String id = labels.get(String.valueOf(asked.get("VersionStage")));
        return id == null
                ? new Said(400, "{\"__type\":\"ResourceNotFoundException\"}")
                : new Said(
                        200,
                        Json.text(Map.of(
                                "ARN",
                                "arn",
                                "Name",
                                "n",
                                "VersionId",
                                id,
                                "SecretString",
                                Objects.requireNonNull(values.get(id)))));
    }

    private synchronized Said put(Map<?, ?> asked) {
        String id = String.valueOf(asked.get("ClientRequestToken"));
        String value = String.valueOf(asked.get("SecretString"));
        String before = values.putIfAbsent(id, value);
        if (before != null && !before.equals(value)) {
            return new Said(400, "{\"__type\":\"ResourceExistsException\"}");
        }
        if (before == null) {
            if (asked.get("VersionStages") instanceof List<?> stages) {
                stages.forEach(label -> labels.put(String.valueOf(label), id));
            } else {
                becomesCurrent(id);
            }
        }
        return new Said(200, Json.text(Map.of("ARN", "arn", "Name", "n", "VersionId", id)));
    }
}
