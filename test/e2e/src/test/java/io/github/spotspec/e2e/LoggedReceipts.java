package io.github.spotspec.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.ec2.Instance;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** The receipts that the keepers of a local deployment have logged. */
record LoggedReceipts(LocalDeployment service) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** Waits until each of some instances has a receipt, and returns all receipts of each, by its id. */
    Map<String, List<JsonNode>> of(Collection<Instance> instances) {
        Set<String> ids = instances.stream().map(Instance::id).collect(Collectors.toSet());
        Instant until = Instant.now().plusSeconds(20);
        while (true) {
            Map<String, List<JsonNode>> receipts = service.cloud().state().logs().lines().stream()
                    .filter(line -> line.contains("\"message\":\"receipt\""))
                    .map(LoggedReceipts::parse)
                    .filter(line -> ids.contains(id(line)))
                    .collect(Collectors.groupingBy(LoggedReceipts::id));
            if (receipts.keySet().equals(ids)) {
                return receipts;
            }
            if (Instant.now().isAfter(until)) {
                List<Map<String, String>> missing = instances.stream()
                        .filter(instance -> !receipts.containsKey(instance.id()))
                        .map(Instance::tags)
                        .toList();
                throw new AssertionError("no receipts of " + missing.size() + " instances with these tags: " + missing);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static String id(JsonNode line) {
        return line.path("InstanceId").asText();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
