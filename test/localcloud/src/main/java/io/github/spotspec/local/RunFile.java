package io.github.spotspec.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files in which a running {@code ./local} leaves JSON for other processes of the same user, such as {@code ./local
 * mfa}. Only the owner can read them.
 */
final class RunFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunFile() {}

    /**
     * What a running process left.
     *
     * @param folder the folder of its run
     */
    record Found(Path folder, JsonNode content) {}

    /** Writes a file of this process. No other process sees a part of it. */
    static void write(Path folder, String name, ObjectNode content) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Path complete = Files.createTempFile(
                folder,
                "new",
                null,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                complete,
                content.deepCopy()
                        .put("pid", self.pid())
                        .put("started", started(self))
                        .toString());
        Files.move(complete, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Returns the files of the processes that are running.
     *
     * @param shared the folder that contains the folders of all runs
     */
    static List<Found> ofRunning(Path shared, String name) throws IOException {
        if (!Files.isDirectory(shared)) {
            return List.of();
        }
        List<Found> running = new ArrayList<>();
        try (Stream<Path> runs = Files.list(shared)) {
            for (Path file : runs.map(run -> run.resolve(name))
                    .filter(Files::isReadable)
                    .sorted()
                    .toList()) {
                JsonNode content;
                try {
                    content = JSON.readTree(Files.readString(file));
                } catch (NoSuchFileException e) {
                    // Its process has just ended.
                    continue;
                }
                // A process that was killed leaves its folder behind.
                if (ProcessHandle.of(content.path("pid").asLong())
                        .filter(process ->
                                started(process).equals(content.path("started").asText()))
                        .isPresent()) {
                    running.add(new Found(file.resolveSibling(""), content));
                }
            }
        }
        return running;
    }

    private static String started(ProcessHandle process) {
        return process.info().startInstant().map(Object::toString).orElse("");
    }
}
