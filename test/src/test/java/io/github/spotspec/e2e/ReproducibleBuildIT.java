package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clean build elsewhere gives the same bytes, and so the same asset hash: nobody redeploys without a change. */
final class ReproducibleBuildIT {
    @Test
    void anotherCleanBuildGivesTheSameFunction(@TempDir Path copy) throws Exception {
        for (String name :
                List.of("pom.xml", "LICENSE", "function/pom.xml", "function/src", "infra/pom.xml", "test/pom.xml")) {
            copy(Deployed.PROJECT.resolve(name), copy.resolve(name));
        }
        Files.createDirectories(copy.resolve(".mvn"));

        // Offline, since the build that runs this test has fetched everything already.
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                        "-B",
                        "-q",
                        "-o",
                        "-Dmaven.test.skip=true",
                        "-pl",
                        "function",
                        "package")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);

        String jar = "function/target/spotspec-function.jar";
        assertArrayEquals(Files.readAllBytes(Deployed.PROJECT.resolve(jar)), Files.readAllBytes(copy.resolve(jar)));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
    }
}
