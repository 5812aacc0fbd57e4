package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.Json;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Systems Manager's public parameters: those of Amazon Linux 2023 and Windows, and others that tests set. Thread-safe.
 */
public final class FakeParameters {
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private int reads;

    FakeParameters() {
        put("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64", FakeCatalog.AL2023_ARM64);
        put("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", FakeCatalog.AL2023_X86_64);
        put("/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base", FakeCatalog.WINDOWS_2025);
    }

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
