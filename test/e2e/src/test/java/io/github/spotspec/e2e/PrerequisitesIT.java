package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs {@code ./local} without the tools that it requires. */
final class PrerequisitesIT {
    private static final String OLD_NODE = "#!/bin/sh\n[ \"$1\" = --version ] && echo v18.20.4 || exit 1\n";
    private static final String ANY = "#!/bin/sh\nexit 0\n";

    @TempDir
    private Path path;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'' | Node.js", "node | npm", "node npm | Maven", "old-node npm mvn | v18.20.4"})
    void namesMissingToolInOneLine(String installed, String missing) throws Exception {
        Files.createSymbolicLink(path.resolve("dirname"), Path.of("/usr/bin/dirname"));
        for (String command : installed.split(" ")) {
            install(command);
        }

        ProcessBuilder builder = new ProcessBuilder(
                        "/bin/bash", LocalDeployment.PROJECT.resolve("local").toString())
                .redirectErrorStream(true);
        builder.environment().put("PATH", path.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(3, process.waitFor(), output);
        assertTrue(output.contains(missing), output);
        assertEquals(1, output.lines().count(), output);
    }

    private void install(String command) throws IOException {
        boolean old = command.equals("old-node");
        if (!command.isEmpty()) {
            Path file = Files.writeString(path.resolve(old ? "node" : command), old ? OLD_NODE : ANY);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
