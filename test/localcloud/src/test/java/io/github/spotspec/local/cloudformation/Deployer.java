package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.cloudformation.Stack.ChangeSet;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Deploys templates, and waits for the result. */
final class Deployer {
    static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
    private static final String REGION = "eu-west-1";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    final RecordingResourceType resources = new RecordingResourceType();
    final Stacks stacks = new Stacks(
            "111122223333",
            () -> NOW,
            Map.of(RecordingResourceType.TYPE, resources, "Test::Other", new RecordingResourceType()),
            this::parameterValue);

    /** The value of the parameter {@code /known} of Systems Manager. */
    String parameterValue = "from ssm";

    private String parameterValue(String region, String name) {
        if (name.equals("/known")) {
            return parameterValue;
        }
        throw new AwsError(400, "ParameterNotFound", name);
    }

    /** Returns a template. Each resource consists of a logical id and the JSON after its type. */
    static String template(String... resources) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < resources.length; i += 2) {
            text.append(i == 0 ? "" : ",")
                    .append("""
                    "%s": {"Type": "%s" %s}""".formatted(resources[i], RecordingResourceType.TYPE, resources[i + 1]));
        }
        return "{\"Resources\": {" + text + "}}";
    }

    /** Returns the properties of a resource for {@link #template}. */
    static String properties(String json) {
        return ", \"Properties\": " + json;
    }

    ChangeSet changeSet(String stack, String body, Map<String, String> parameters) {
        Stack there = stacks.find(REGION, stack);
        boolean create = there == null || there.status().equals("REVIEW_IN_PROGRESS");
        return stacks.createChangeSet(REGION, stack, "changes", create, body, parameters, Map.of());
    }

    Stack deploy(String body) {
        return deploy(body, Map.of());
    }

    Stack deploy(String body, Map<String, String> parameters) {
        return deploy("app", body, parameters);
    }

    Stack deploy(String name, String body, Map<String, String> parameters) {
        ChangeSet set = changeSet(name, body, parameters);
        return execute(Objects.requireNonNull(stacks.find(REGION, name)), set);
    }

    Stack execute(Stack stack, ChangeSet set) {
        stacks.execute(stack, set);
        return awaited(stack);
    }

    Stack delete(Stack stack) {
        stacks.delete(stack);
        return awaited(stack);
    }

    /** Returns the statuses of a resource or of the stack itself, oldest first. */
    static List<String> statuses(Stack stack, String logicalId) {
        return stack.events().reversed().stream()
                .filter(event -> event.logicalId().equals(logicalId))
                .map(Stack.Event::status)
                .toList();
    }

    /** Waits until a stack no longer changes. */
    Stack awaited(Stack stack) {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (stack.status().endsWith("_IN_PROGRESS")) {
            assertTrue(System.nanoTime() < end, () -> "timed out in " + stack.status());
            Thread.onSpinWait();
        }
        return stack;
    }
}
