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
    private static final String CONSTRUCT = "spotspec-cdk-0.1.0-SNAPSHOT.jar";

    @Test
    void anotherCleanBuildGivesTheSameJarsAndTheSameAsset(@TempDir Path copy, @TempDir Path here, @TempDir Path there)
            throws Exception {
        for (String name : List.of(
                "pom.xml",
                "LICENSE",
                "function/pom.xml",
                "function/src",
                "infra/pom.xml",
                "infra/src",
                "test/pom.xml")) {
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
                        "function,infra",
                        "package")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);

        for (String jar : List.of("function/target/spotspec-function.jar", "infra/target/" + CONSTRUCT)) {
            assertArrayEquals(
                    Files.readAllBytes(Deployed.PROJECT.resolve(jar)), Files.readAllBytes(copy.resolve(jar)), jar);
        }
        Synthesized one = Synthesized.of(Deployed.PROJECT, here);
        Synthesized other = Synthesized.of(copy, there);
        assertEquals(one.template(), other.template());
        assertEquals(one.asset().getFileName(), other.asset().getFileName());
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
