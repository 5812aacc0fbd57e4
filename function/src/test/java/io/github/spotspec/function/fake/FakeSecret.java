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
    private final Map<String, String> versionByStage = new HashMap<>();
    private int reads;
    private @Nullable Runnable beforeNextPut;

    FakeSecret(String value) {
        setValue(value);
    }

    /** Sets a new value; the current one becomes the previous one. */
    public synchronized void setValue(String now) {
        String id = "00000000-0000-0000-0000-" + String.format("%012d", values.size());
        values.put(id, now);
        makeCurrent(id);
    }

    private void makeCurrent(String id) {
        String before = versionByStage.put(CURRENT, id);
        if (before != null) {
            versionByStage.put("AWSPREVIOUS", before);
        }
    }

    /** Runs an action right before the next version is put. */
    public synchronized void beforeNextPut(Runnable something) {
        beforeNextPut = something;
    }

    public synchronized int versions() {
        return values.size();
    }

    public synchronized int reads() {
        return reads;
    }

    AwsResponse answer(String body) {
        Map<?, ?> request = (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        if (!request.containsKey("SecretString")) {
            return get(request);
        }
        Runnable first;
        synchronized (this) {
            first = beforeNextPut;
            beforeNextPut = null;
        }
        if (first != null) {
            first.run();
        }
        return put(request);
    }

    private synchronized AwsResponse get(Map<?, ?> request) {
        reads++;
        String id = versionByStage.get(String.valueOf(request.get("VersionStage")));
        return id == null
                ? new AwsResponse(400, "{\"__type\":\"ResourceNotFoundException\"}")
                : new AwsResponse(
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

    private synchronized AwsResponse put(Map<?, ?> request) {
        String id = String.valueOf(request.get("ClientRequestToken"));
        String value = String.valueOf(request.get("SecretString"));
        String before = values.putIfAbsent(id, value);
        if (before != null && !before.equals(value)) {
            return new AwsResponse(400, "{\"__type\":\"ResourceExistsException\"}");
        }
        if (before == null) {
            if (request.get("VersionStages") instanceof List<?> stages) {
                stages.forEach(stage -> versionByStage.put(String.valueOf(stage), id));
            } else {
                makeCurrent(id);
            }
        }
        return new AwsResponse(200, Json.text(Map.of("ARN", "arn", "Name", "n", "VersionId", id)));
    }
}
