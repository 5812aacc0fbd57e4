package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Systems Manager's parameters, the same in every region. Thread-safe. */
public final class Parameters {
    private final Map<String, String> parameters = new ConcurrentHashMap<>();

    public void put(String name, String value) {
        parameters.put(name, value);
    }

    /** Returns a parameter's value, which must exist. */
    public String get(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new AwsError(400, "ParameterNotFound", "Parameter " + name + " not found.");
        }
        return value;
    }
}
