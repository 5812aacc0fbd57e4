package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README is what callers go by, so what it leaves out does not exist for them. */
final class ReadmeTest {
    private final String readme;

    ReadmeTest() throws IOException {
        readme = Files.readString(Path.of("..", "README.md"));
    }

    @Test
    void namesEveryReasonWithItsStatus() {
        assertEquals(
                List.of(),
                Arrays.stream(Reason.values())
                        .map(reason -> "| `" + reason.word() + "` | " + reason.status() + " |")
                        .filter(row -> !readme.contains(row))
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
                        .filter(name -> !readme.contains("`" + name + "`"))
                        .toList());
    }
}
