package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What callers go by: what it leaves out does not exist for them. */
final class RequestsDocumentTest {
    private final String requests = read("requests.md");

    private static String read(String document) {
        try {
            return Files.readString(Path.of("..", "docs", document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void namesEveryReasonWithItsStatus() {
        assertEquals(
                List.of(),
                Arrays.stream(Reason.values())
                        .map(reason -> "| `" + reason.word() + "` | " + reason.status() + " |")
                        .filter(row -> !requests.contains(row))
                        .toList());
    }

    @Test
    void everyReasonHasWhatToDoAboutIt() {
        assertEquals(
                Arrays.stream(Reason.values()).map(Reason::word).sorted().toList(),
                read("troubleshoot.md")
                        .lines()
                        .filter(line -> line.matches("\\| `[A-Z][A-Za-z0-9]+` \\| .+ \\|"))
                        .map(line -> line.split("`", -1)[1])
                        .sorted()
                        .toList());
    }

    @Test
    void namesEveryTaskAndField() {
        List<Task> tasks = new FunctionUnderTest().tasks();

        Stream<String> names = Stream.concat(
                tasks.stream().map(Task::name),
                tasks.stream()
                        .flatMap(task -> task.fields().stream())
                        .map(field -> field.names().getFirst()));

        assertEquals(
                List.of(),
                names.distinct()
                        .filter(name -> !requests.contains("`" + name + "`"))
                        .toList());
    }
}
