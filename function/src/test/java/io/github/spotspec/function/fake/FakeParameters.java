package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.Json;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Systems Manager's public parameters. Thread-safe. */
public final class FakeParameters {
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private int reads;

    public void put(String name, String value) {
        values.put(name, value);
    }

    public synchronized int reads() {
        return reads;
    }

    synchronized AwsResponse answer(String body) {
        reads++;
        Map<?, ?> request = (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        String value = values.get(String.valueOf(request.get("Name")));
        return value == null
                ? new AwsResponse(400, "{\"__type\":\"ParameterNotFound\"}")
                : new AwsResponse(200, "{\"Parameter\":{\"Value\":\"" + value + "\"}}");
    }
}
