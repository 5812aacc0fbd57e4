package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.ec2.ImageNames;
import io.github.spotspec.function.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares the reference of requests with the code. */
final class RequestsDocumentTest {
    private static final Pattern HEADING = Pattern.compile("(?m)^## ");
    private static final Pattern WORD = Pattern.compile("`(\\w+)`");
    private static final Pattern VALUES = Pattern.compile("(`[^`]+`|\\d+)(, (`[^`]+`|\\d+))*");
    private static final Pattern EVENT = Pattern.compile("event '(\\w+)'");

    private final String requests = read("requests.md");
    private final FunctionUnderTest function = new FunctionUnderTest();
    private final List<Task> tasks = function.tasks();
    private final Map<?, ?> contract = function.handle(
                    FunctionUnderTest.event("GET", "/openapi.json", FunctionUnderTest.CALLER, "", false))
            .json();

    private static String read(String document) {
        try {
            return Files.readString(Path.of("..", "docs", document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The section of the document about the fields of some tasks, which its heading names. */
    private record Section(List<String> tasks, String text) {
        /** Returns the rows of fields, which have a default. Tables of answers have no such column. */
        List<List<String>> rows() {
            return RequestsDocumentTest.rows(text).stream()
                    .filter(row -> row.size() == 3)
                    .toList();
        }

        Stream<String> fields() {
            return rows().stream().flatMap(row -> words(row.getFirst()).stream());
        }
    }

    /** Returns the sections about fields of some tasks. */
    private List<Section> sections() {
        return HEADING.splitAsStream(requests)
                .filter(section -> section.startsWith("Fields of `"))
                .map(section -> new Section(
                        words(section.lines().findFirst().orElseThrow()), section.substring(section.indexOf('\n'))))
                .toList();
    }

    private String section(String heading) {
        return HEADING.splitAsStream(requests)
                .filter(section -> section.startsWith(heading + "\n"))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the rows of all tables, without their headers. */
    private static List<List<String>> rows(String text) {
        return Pattern.compile("(?m)^\\| (`.*) \\|$(?!\n\\|-)")
                .matcher(text)
                .results()
                .map(row -> Arrays.stream(row.group(1).split("\\|", -1))
                        .map(String::strip)
                        .toList())
                .toList();
    }

    private static List<String> words(String text) {
        return WORD.matcher(text).results().map(found -> found.group(1)).toList();
    }

    private static List<String> sorted(Stream<String> names) {
        return names.distinct().sorted().toList();
    }

    private Map<?, ?> schema(String name) {
        Map<?, ?> found = contract;
        for (String step : List.of("components", "schemas", name)) {
            found = (Map<?, ?>) Objects.requireNonNull(found.get(step), name);
        }
        return found;
    }

    private Map<?, ?> requestSchema(String task) {
        return schema("Ask" + Character.toUpperCase(task.charAt(0)) + task.substring(1));
    }

    /** Returns the default of a task's field as the document must write it, if there is one. */
    private Stream<String> defaults(String task, String field) {
        Map<?, ?> fields =
                (Map<?, ?>) Objects.requireNonNull(requestSchema(task).get("properties"));
        if (!(fields.get(field) instanceof Map<?, ?> reference)) {
            return Stream.of();
        }
        String pointer = String.valueOf(reference.get("$ref"));
        Object value = schema(pointer.substring(pointer.lastIndexOf('/') + 1)).get("default");
        return Stream.ofNullable(value).map(it -> it instanceof BigDecimal ? it.toString() : "`" + it + "`");
    }

    @Test
    void listsExactlyTheErrorCodesWithTheirStatus() {
        assertEquals(
                Arrays.stream(ErrorCode.values())
                        .map(errorCode -> "`" + errorCode.code() + "` " + errorCode.status())
                        .sorted()
                        .toList(),
                rows(read("troubleshoot.md")).stream()
                        .filter(row -> row.getFirst().matches("`[A-Z]\\w+`")
                                && row.get(1).matches("\\d{3}"))
                        .map(row -> row.getFirst() + " " + row.get(1))
                        .sorted()
                        .toList());
    }

    @Test
    void listsEveryImageNameWithItsArchitectures() {
        assertEquals(
                ImageNames.names().stream()
                        .map(name -> "`" + name + "` "
                                + Stream.of("arm64", "x86_64")
                                        .filter(architecture -> ImageNames.parameter(name, architecture)
                                                .isPresent())
                                        .collect(Collectors.joining(", ")))
                        .toList(),
                rows(read("launch.md")).stream()
                        .map(row -> row.getFirst() + " " + row.get(2))
                        .toList());
    }

    @Test
    void listsExactlyTheTasksWithTheirEvent() {
        Map<String, String> events = new TreeMap<>();
        for (Task task : tasks) {
            Matcher event =
                    EVENT.matcher(String.valueOf(requestSchema(task.name()).get("description")));
            assertTrue(event.find(), task.name());
            events.put(task.name(), event.group(1));
        }

        Map<String, String> named = new TreeMap<>();
        for (List<String> row : rows(section("Tasks"))) {
            List<String> names = words(row.getFirst());
            List<String> listed = words(row.get(2));
            assertEquals(names.size(), listed.size(), row.toString());
            for (int i = 0; i < names.size(); i++) {
                named.put(names.get(i), listed.get(i));
            }
        }
        assertEquals(events, named);
    }

    @Test
    void listsExactlyTheCommonFields() {
        String text = section("Fields of all tasks");
        List<String> names = tasks.stream().map(Task::name).toList();

        assertEquals(
                sorted(Stream.concat(
                        Fields.COMMON.stream()
                                .filter(field -> field != Fields.TASK)
                                .map(field -> field.names().getFirst()),
                        AllowedRegions.FIELD.names().stream())),
                sorted(words(text).stream().filter(word -> !names.contains(word))));
    }

    @Test
    void listsExactlyTheFieldsOfEveryTask() {
        List<String> listed = new ArrayList<>(List.of("check"));
        for (Section section : sections()) {
            listed.addAll(section.tasks());
            assertEquals(
                    sorted(section.tasks().stream().flatMap(this::fields)),
                    sorted(section.fields()),
                    section.tasks().toString());
        }

        assertEquals(
                tasks.stream().map(Task::name).sorted().toList(),
                listed.stream().sorted().toList());
        assertEquals(
                List.of(),
                fields("check")
                        .filter(field -> fields("launch").noneMatch(field::equals))
                        .toList(),
                "check has the fields of a launch");
    }

    /** Returns the names of a task's fields, without the common ones. */
    private Stream<String> fields(String name) {
        return tasks.stream()
                .filter(task -> task.name().equals(name))
                .flatMap(task -> task.fields().stream())
                .filter(field -> field != AllowedRegions.FIELD)
                .map(field -> field.names().getFirst());
    }

    @Test
    void hasTheDefaultsOfTheContract() {
        for (Section section : sections()) {
            for (List<String> row : section.rows()) {
                List<String> defaults = words(row.getFirst()).stream()
                        .flatMap(field -> section.tasks().stream()
                                .flatMap(task -> defaults(task, field))
                                .distinct())
                        .toList();
                String listed = row.get(2);
                assertEquals(
                        String.join(", ", defaults), VALUES.matcher(listed).matches() ? listed : "", row.toString());
            }
        }
    }
}
