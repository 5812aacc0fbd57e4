package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.priming.SnapStartPriming;
import io.github.spotspec.function.priming.StubAws;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.task.Task;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.regions.Region;

/** Compares the contract that the function serves with the code: each has all that the other has. */
final class OpenApiTest {
    private static final FunctionUnderTest FUNCTION = new FunctionUnderTest("us-west-2");
    private static final Map<?, ?> CONTRACT = get("/openapi.json").json();

    /** For each task, the required fields with values that work here. */
    private static final Map<String, Map<String, Object>> MINIMAL_REQUESTS = Map.ofEntries(
            Map.entry("price", Map.of()),
            Map.entry("history", Map.of("types", "m7g.large")),
            Map.entry("score", Map.of("types", List.of("m7g.large", "m6g.large", "c7g.large"))),
            Map.entry("requests", Map.of()),
            Map.entry("instances", Map.of()),
            Map.entry("cost", Map.of()),
            Map.entry("connect", Map.of("instanceId", "i-00000000000000001", "publicKey", ConnectTest.PUBLIC_KEY)),
            Map.entry("console", Map.of("instanceIds", "i-00000000000000001")),
            Map.entry(
                    "launch",
                    Map.of("types", "m7g.large", "ami", "ami-0123456789abcdef0", "idempotencyKey", "contract")),
            Map.entry("extend", Map.of("instanceIds", "i-00000000000000001", "lease", "1h")),
            Map.entry("cancel", Map.of("spotInstanceRequestIds", "sir-0123abcd")),
            Map.entry("terminate", Map.of("instanceIds", "i-0123456789abcdef0")),
            Map.entry("end", Map.of("instanceIds", "i-0123456789abcdef0")),
            Map.entry("check", Map.of("types", "m7g.large", "ami", "ami-0123456789abcdef0")),
            Map.entry("status", Map.of()));

    @Test
    void servesContractOnlyToCallers() {
        FunctionUnderTest.Answer answer = get("/openapi.json");

        assertEquals(200, answer.status());
        assertEquals("application/json", answer.headers().get("content-type"));
        assertEquals("no-store", answer.headers().get("cache-control"));
        assertTrue(String.valueOf(answer.json().get("openapi")).startsWith("3.1."));
        assertEquals(
                "CallerUnknown",
                FUNCTION.handle(FunctionUnderTest.event("GET", "/openapi.json", null, "", false))
                        .error());
        FunctionUnderTest tokens = FunctionUnderTest.with(FunctionUnderTest.TOKENS);
        assertEquals(
                "TokenMissing",
                tokens.handle(FunctionUnderTest.event("GET", "/openapi.json", FunctionUnderTest.CALLER, "", false))
                        .error());
    }

    @Test
    void compressesContractWhenAccepted() {
        FunctionUnderTest.Answer packed = FUNCTION.handle(FunctionUnderTest.event(
                "GET", "/openapi.json", FunctionUnderTest.CALLER, "", false, Map.of("accept-encoding", "gzip")));

        assertEquals("gzip", packed.headers().get("content-encoding"));
        assertEquals(get("/openapi.json").body(), packed.body());
    }

    @Test
    void namesAllowedMethod() {
        FunctionUnderTest.Answer answer = FUNCTION.handle(
                FunctionUnderTest.event("POST", "/openapi.json", FunctionUnderTest.CALLER, "{}", false));

        assertEquals(405, answer.status());
        assertEquals("GET", answer.headers().get("allow"));
        assertEquals("NotFound", get("/openapi.yaml").error());
    }

    @Test
    void describesTheConsole() {
        Map<?, ?> responses = map(CONTRACT, "paths", "/", "get", "responses");
        FunctionUnderTest tokens = FunctionUnderTest.with(FunctionUnderTest.TOKENS);

        FunctionUnderTest.Answer page = tokens.handle(FunctionUnderTest.event("GET", "/", null, "", false));
        String type = String.valueOf(page.headers().get("content-type")).split(";", 2)[0];
        assertEquals(
                Set.of(type),
                map(responses, String.valueOf(page.status()), "content").keySet());

        FunctionUnderTest.Answer none = get("/");
        Map<?, ?> error = resolved(map(responses, String.valueOf(none.status())));
        assertTrue(error.toString().contains("[" + none.error() + "]"), error.toString());
    }

    @Test
    void listsExactlyTheTasks() {
        Set<String> tasks = FUNCTION.tasks().stream().map(Task::name).collect(Collectors.toSet());

        assertEquals(tasks, Set.copyOf(list(schema("Task"), "enum")));
        assertEquals(tasks, map(schema("Ask"), "discriminator", "mapping").keySet());
        assertEquals(tasks.size(), list(schema("Ask"), "oneOf").size());
        assertEquals(
                tasks,
                map(CONTRACT, "paths", "/", "post", "requestBody", "content", "application/json", "examples")
                        .keySet());
        assertEquals(tasks, MINIMAL_REQUESTS.keySet(), "the tasks in this test");
    }

    /**
     * Generators name methods, and loaders of tools name tools, by the operation's id. Models read the descriptions.
     */
    @Test
    void everyOperationHasWhatGeneratorsAndAgentsNeed() {
        Set<Object> tags = list(CONTRACT, "tags").stream()
                .map(tag -> ((Map<?, ?>) tag).get("name"))
                .collect(Collectors.toSet());
        Set<String> ids = new TreeSet<>();
        for (Object path : map(CONTRACT, "paths").values()) {
            for (Object each : ((Map<?, ?>) path).values()) {
                Map<?, ?> operation = (Map<?, ?>) each;
                String id = String.valueOf(operation.get("operationId"));
                assertTrue(id.matches("[a-z][A-Za-z]{1,63}"), id);
                assertTrue(ids.add(id), id);
                assertTrue(tags.containsAll(list(operation, "tags")), id);
                assertTrue(operation.get("summary") instanceof String, id);
                assertTrue(operation.get("description") instanceof String, id);
            }
        }
        for (Task task : tasks()) {
            assertTrue(requestSchema(task).get("description") instanceof String, task.name());
            for (Field<?> field : fields(task)) {
                assertTrue(property(task, field).get("description") instanceof String, task + ": " + field.names());
            }
        }
        Map<?, ?> answers = map(CONTRACT, "paths", "/", "post", "responses");
        for (Object status : answers.keySet()) {
            Map<?, ?> json = map(resolved(map(answers, String.valueOf(status))), "content", "application/json");
            assertTrue(json.containsKey("example") || json.containsKey("examples"), status + " has no example");
        }
    }

    static List<Task> tasks() {
        return FUNCTION.tasks();
    }

    private static List<Field<?>> fields(Task task) {
        return Stream.concat(Fields.COMMON.stream(), task.fields().stream())
                .filter(field -> field != Fields.TASK)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void listsExactlyTheFieldsAndTheirNames(Task task) {
        Set<String> names = new TreeSet<>(Set.of("task"));
        fields(task).forEach(field -> names.addAll(field.names()));
        Map<?, ?> schema = requestSchema(task);

        assertEquals(names, new TreeSet<>(strings(map(schema, "properties").keySet())));
        assertEquals(false, schema.get("additionalProperties"));
        assertEquals(task.name(), map(schema, "properties", "task").get("const"));
        for (Field<?> field : fields(task)) {
            for (String name : field.names()) {
                assertEquals(
                        map(schema, "properties", field.names().getFirst()),
                        map(schema, "properties", name),
                        "aliases share one schema");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void hasTheTypesAndLimitsOfTheCode(Task task) {
        for (Field<?> field : fields(task)) {
            Map<?, ?> schema = property(task, field);
            String name = task.name() + "." + field.names().getFirst();
            for (Object example : optional(schema, "examples")) {
                assertAccepts(field, example, name);
            }
            if (schema.containsKey("enum")) {
                list(schema, "enum").forEach(value -> assertAccepts(field, value, name));
                assertRejects(field, "none-of-these", name);
            } else if (schema.containsKey("anyOf")) {
                checkList(field, schema, name);
            } else if (schema.containsKey("$ref")) {
                assertRejects(field, "no object", name);
            } else {
                checkPlain(field, schema, name);
            }
        }
    }

    private static void checkPlain(Field<?> field, Map<?, ?> schema, String name) {
        switch (String.valueOf(schema.get("type"))) {
            case "boolean" -> {
                assertAccepts(field, true, name);
                assertAccepts(field, "false", name);
                assertRejects(field, "maybe", name);
            }
            case "integer", "number" -> {
                BigDecimal minimum = (BigDecimal) Objects.requireNonNull(schema.get("minimum"), name);
                BigDecimal maximum = (BigDecimal) Objects.requireNonNull(schema.get("maximum"), name);
                BigDecimal step = BigDecimal.ONE.movePointLeft(Math.max(0, minimum.scale()));
                assertAccepts(field, minimum, name);
                assertAccepts(field, maximum, name);
                assertRejects(field, minimum.subtract(step), name);
                assertRejects(field, maximum.add(step), name);
                if ("integer".equals(schema.get("type"))) {
                    assertRejects(field, minimum.add(new BigDecimal("0.5")), name);
                } else {
                    assertAccepts(field, minimum.add(step), name);
                }
            }
            case "string" -> {
                assertRejects(field, Map.of(), name);
                if (schema.containsKey("maxLength") && !schema.containsKey("examples")) {
                    int maximum = ((BigDecimal) Objects.requireNonNull(schema.get("maxLength"))).intValueExact();
                    assertAccepts(field, "a".repeat(maximum), name);
                    assertRejects(field, "a".repeat(maximum + 1), name);
                }
                if (schema.containsKey("minLength")) {
                    assertRejects(field, "", name);
                }
            }
            case "object" -> assertRejects(field, "no object", name);
            default -> throw new AssertionError(name + " has no type: " + schema);
        }
    }

    /** Checks a field of one or several values, or of a number or a range. */
    private static void checkList(Field<?> field, Map<?, ?> schema, String name) {
        Map<?, ?> first = (Map<?, ?>) list(schema, "anyOf").getFirst();
        if ("number".equals(first.get("type"))) {
            assertAccepts(field, Objects.requireNonNull(first.get("maximum")), name);
            assertRejects(field, ((BigDecimal) Objects.requireNonNull(first.get("maximum"))).add(BigDecimal.ONE), name);
            assertRejects(field, Objects.requireNonNull(first.get("exclusiveMinimum")), name);
            return;
        }
        assertEquals("array", first.get("type"), name);
        Map<?, ?> item = resolved((Map<?, ?>) Objects.requireNonNull(first.get("items")));
        for (Object each : Stream.concat(optional(item, "enum").stream(), optional(item, "examples").stream())
                .toList()) {
            assertAccepts(field, each, name);
            assertAccepts(field, List.of(each), name);
        }
        assertRejects(field, "\u0000", name);
        Object minimum = first.get("minItems");
        int maximum = ((BigDecimal) Objects.requireNonNull(first.get("maxItems"), name)).intValueExact();
        assertTrue(field.expected().contains(maximum == 1 ? "one " : maximum + " "), name);
        if (minimum == null) {
            assertAccepts(field, List.of(), name);
        } else {
            assertRejects(field, List.of(), name);
        }
    }

    private static void assertAccepts(Field<?> field, Object value, String name) {
        assertTrue(fieldsWith(field, value).get(field) != null, () -> name + " should accept " + value);
    }

    private static void assertRejects(Field<?> field, Object value, String name) {
        ServiceException exception = assertThrows(
                ServiceException.class,
                () -> fieldsWith(field, value).get(field),
                () -> name + " should reject " + value);
        assertEquals(ErrorCode.INVALID_VALUE, exception.errorCode());
    }

    private static Fields fieldsWith(Field<?> field, Object value) {
        return Fields.of(Map.of(field.names().getFirst(), value));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void hasTheDefaultsOfTheCode(Task task) {
        for (Field<?> field : fields(task)) {
            Object value = property(task, field).get("default");
            if (value == null) {
                continue;
            }
            String name = field.names().getFirst();
            Map<String, Object> request =
                    new LinkedHashMap<>(Objects.requireNonNull(MINIMAL_REQUESTS.get(task.name()), task.name()));
            request.put("task", task.name());
            String without = observed(request);
            request.put(name, value);
            assertEquals(without, observed(request), task.name() + " with " + name + "=" + value + " and without it");
            request.put(name, otherValue(property(task, field), value));
            assertNotEquals(without, observed(request), () -> task.name() + " ignores " + request);
        }
    }

    private static Object otherValue(Map<?, ?> schema, Object value) {
        return switch (value) {
            case Boolean flag -> !flag;
            case BigDecimal number -> number.add(BigDecimal.ONE);
            default ->
                Stream.concat(optional(schema, "enum").stream(), optional(schema, "examples").stream())
                        .filter(other -> !other.equals(value))
                        .findFirst()
                        .orElseThrow();
        };
    }

    /** Returns everything observable of a request: its answer, the calls to EC2, and the log. */
    private static String observed(Map<String, Object> request) {
        FunctionUnderTest function = new FunctionUnderTest("us-west-2");
        // It has the first id, so that it is the instance whose lease is extended.
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", "2026-03-08T12:00:00Z");
        function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.0252").price("us-west-2a", "c7g.large", "0.0301");
        function.ec2().catalog().score("us-west-2a", 7);
        FunctionUnderTest.Answer answer = function.post(Json.text(request));
        // Calls to regions and sources run in parallel, and client tokens are random.
        String calls = function.aws().calls().stream()
                .map(one -> one.toString().replaceAll("ClientToken=[^,}]+|=[0-9a-f]{24}\\.", ""))
                .sorted()
                .collect(Collectors.joining("\n"));
        return answer.status() + answer.body() + calls + function.log();
    }

    @Test
    void hasTheLaunchSpecificationOfTheCode() {
        Task launch = FUNCTION.tasks().stream()
                .filter(task -> task.name().equals("launch"))
                .findFirst()
                .orElseThrow();
        Map<String, List<String>> names = fields(launch).stream()
                .collect(Collectors.toMap(field -> field.names().getFirst(), Field::names));
        checkInside("", schema("LaunchSpecification"), names);
        Map<?, ?> properties = map(schema("LaunchSpecification"), "properties");
        for (String object : List.of("Placement", "IamInstanceProfile", "Monitoring")) {
            checkInside(object, map(properties, object), Map.of());
        }
    }

    @Test
    void hasTheVolumesOfTheCode() {
        assertEquals(
                withLowerFirst(knownFields(Map.of("BlockDeviceMappings", List.of(Map.of("nonsense", 1))))),
                strings(map(schema("BlockDeviceMapping"), "properties").keySet()));
        assertEquals(
                withLowerFirst(knownFields(Map.of(
                        "BlockDeviceMappings",
                        List.of(Map.of("DeviceName", "/dev/xvdb", "Ebs", Map.of("nonsense", 1)))))),
                strings(map(schema("Ebs"), "properties").keySet()));
        map(schema("Ebs"), "properties").forEach((name, schema) -> {
            Map<?, ?> limits = (Map<?, ?>) schema;
            if (limits.containsKey("maximum")) {
                BigDecimal maximum = (BigDecimal) Objects.requireNonNull(limits.get("maximum"));
                BigDecimal minimum = (BigDecimal) Objects.requireNonNull(limits.get("minimum"));
                assertTrue(ebs(name, maximum) == null, () -> name + " is not accepted");
                assertEquals("InvalidValue", ebs(name, maximum.add(BigDecimal.ONE)));
                assertEquals("InvalidValue", ebs(name, minimum.subtract(BigDecimal.ONE)));
            }
            optional(limits, "enum").forEach(value -> assertTrue(ebs(name, value) == null, () -> name + "=" + value));
        });
        assertEquals("InvalidValue", ebs("Encrypted", false));
    }

    private static @Nullable String ebs(Object name, Object value) {
        FunctionUnderTest.Answer answer = launch(Map.of(
                "BlockDeviceMappings",
                List.of(Map.of("DeviceName", "/dev/xvdb", "Ebs", Map.of(String.valueOf(name), value)))));
        return answer.status() == 200 ? null : answer.error();
    }

    private static void checkInside(String object, Map<?, ?> schema, Map<String, List<String>> names) {
        Set<String> expected = new TreeSet<>();
        for (String name :
                knownFields(object.isEmpty() ? Map.of("nonsense", 1) : Map.of(object, Map.of("nonsense", 1)))) {
            expected.addAll(names.getOrDefault(name, List.of()));
            if (!names.containsKey(name)) {
                expected.addAll(
                        name.equals("zone")
                                ? List.of(
                                        "zone",
                                        "AvailabilityZone",
                                        "availabilityZone",
                                        "AvailabilityZoneId",
                                        "availabilityZoneId")
                                : lowerFirst(name));
            }
        }
        assertEquals(expected, new TreeSet<>(strings(map(schema, "properties").keySet())), object);
        assertEquals(false, schema.get("additionalProperties"), object);
    }

    private static Set<String> withLowerFirst(List<String> names) {
        return names.stream().flatMap(name -> lowerFirst(name).stream()).collect(Collectors.toSet());
    }

    private static List<String> lowerFirst(String name) {
        return List.of(name, Character.toLowerCase(name.charAt(0)) + name.substring(1));
    }

    /** Returns the fields that the error about an unknown field names. */
    private static List<String> knownFields(Map<String, ?> specification) {
        String details = launch(specification).details();
        assertTrue(details.contains("nonsense'"), details);
        return List.of(details.substring(details.lastIndexOf(": ") + 2, details.length() - 1)
                .split(", ", -1));
    }

    private static FunctionUnderTest.Answer launch(Map<String, ?> specification) {
        Map<String, Object> request = new LinkedHashMap<>(Objects.requireNonNull(MINIMAL_REQUESTS.get("launch")));
        request.put("task", "launch");
        request.put("launchSpecification", specification);
        FunctionUnderTest function = new FunctionUnderTest("us-west-2");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.0252");
        return function.post(Json.text(request));
    }

    @Test
    void describesTheAnswersOfTheTasks() throws Exception {
        Map<String, String> answers;
        try (StubAws aws = new StubAws("eu-west-1")) {
            answers = SpotHandler.priming(Region.EU_WEST_1, false, System.out).runTasks(aws);
        }
        answers.keySet().retainAll(SnapStartPriming.tasks());
        Set<String> events = new TreeSet<>();
        for (Map.Entry<String, String> entry : answers.entrySet()) {
            Map<?, ?> answer = FunctionUnderTest.answer(entry.getValue()).json();
            String event = String.valueOf(answer.get("event"));
            events.add(event);
            Map<?, ?> schema = resolved((Map<?, ?>) Objects.requireNonNull(Map.of(
                    "$ref", map(schema("Answer"), "discriminator", "mapping").get(event))));
            assertTrue(
                    String.valueOf(schema("Ask" + upperFirst(entry.getKey())).get("description"))
                            .contains("'" + event + "'"),
                    entry.getKey());
            Map<?, ?> row = resolved(map(schema, "properties", "data", "items"));
            for (Object one : list(answer, "data")) {
                Set<String> columns = strings(((Map<?, ?>) one).keySet());
                assertTrue(columns.containsAll(strings(list(row, "required"))), event + " has only " + columns);
                assertTrue(strings(map(row, "properties").keySet()).containsAll(columns), event + " has " + columns);
            }
            Map<?, ?> meta = map(schema, "properties", "meta");
            Set<String> entries = strings(map(answer, "meta").keySet());
            assertTrue(entries.containsAll(strings(list(meta, "required"))), event + " has only " + entries);
            assertTrue(strings(map(meta, "properties").keySet()).containsAll(entries), event + " has " + entries);
        }
        assertEquals(
                events,
                new TreeSet<>(strings(
                        map(schema("Answer"), "discriminator", "mapping").keySet())));
        assertEquals(events.size(), list(schema("Answer"), "oneOf").size());
    }

    @Test
    void listsExactlyTheErrorCodesWithTheirStatus() {
        assertEquals(
                Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList().stream()
                        .sorted()
                        .toList(),
                list(schema("Reason"), "oneOf").stream()
                        .map(one -> String.valueOf(((Map<?, ?>) one).get("const")))
                        .sorted()
                        .toList());
        Map<String, Set<String>> byStatus = new LinkedHashMap<>();
        for (ErrorCode errorCode : ErrorCode.values()) {
            byStatus.computeIfAbsent(String.valueOf(errorCode.status()), status -> new TreeSet<>())
                    .add(errorCode.code());
        }
        Map<?, ?> responses = map(CONTRACT, "paths", "/", "post", "responses");
        Set<String> statuses = new TreeSet<>(byStatus.keySet());
        statuses.add("200");
        assertEquals(statuses, new TreeSet<>(strings(responses.keySet())));
        byStatus.forEach((status, codes) -> {
            Map<?, ?> schema = map(resolved(map(responses, status)), "content", "application/json", "schema");
            Map<?, ?> narrowed = (Map<?, ?>) list(schema, "allOf").get(1);
            assertEquals(
                    status, String.valueOf(map(narrowed, "properties", "code").get("const")));
            assertEquals(codes, new TreeSet<>(strings(list(map(narrowed, "properties", "error"), "enum"))));
        });
    }

    private static FunctionUnderTest.Answer get(String path) {
        return FUNCTION.handle(FunctionUnderTest.event("GET", path, FunctionUnderTest.CALLER, "", false));
    }

    private static Map<?, ?> requestSchema(Task task) {
        return schema("Ask" + upperFirst(task.name()));
    }

    private static String upperFirst(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private static Map<?, ?> property(Task task, Field<?> field) {
        Map<?, ?> schema = map(requestSchema(task), "properties", field.names().getFirst());
        return map(CONTRACT, pointer(String.valueOf(schema.get("$ref"))));
    }

    private static Map<?, ?> schema(String name) {
        return map(CONTRACT, "components", "schemas", name);
    }

    /** Follows references, of which there may be several in a row. */
    private static Map<?, ?> resolved(Map<?, ?> schema) {
        Map<?, ?> found = schema;
        while (found.get("$ref") instanceof String reference) {
            found = map(CONTRACT, pointer(reference));
        }
        return found;
    }

    private static String[] pointer(String reference) {
        assertTrue(reference.startsWith("#/"), reference);
        return reference.substring(2).split("/", -1);
    }

    private static Map<?, ?> map(Map<?, ?> from, String... path) {
        Map<?, ?> found = from;
        for (String name : path) {
            found = (Map<?, ?>) Objects.requireNonNull(found.get(name), () -> String.join(" ", path));
        }
        return found;
    }

    private static List<?> list(Map<?, ?> from, String name) {
        return (List<?>) Objects.requireNonNull(from.get(name), name);
    }

    private static List<?> optional(Map<?, ?> from, String name) {
        return from.get(name) instanceof List<?> list ? list : List.of();
    }

    private static Set<String> strings(Collection<?> texts) {
        List<String> strings = new ArrayList<>();
        texts.forEach(text -> strings.add(String.valueOf(text)));
        return Set.copyOf(strings);
    }
}
