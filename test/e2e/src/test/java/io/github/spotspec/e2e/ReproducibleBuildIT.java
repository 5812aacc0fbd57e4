package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a clean build in another folder produces the same archives, templates and assets, so that nothing is
 * redeployed without a change.
 */
@Tag("long")
final class ReproducibleBuildIT {
    @Test
    void cleanBuildsGiveEqualArchivesAndAsset(@TempDir Path elsewhere, @TempDir Path here, @TempDir Path there)
            throws Exception {
        // Some tools fail on such a path.
        Path copy = elsewhere.resolve("somebody's copy");
        for (String name : List.of(
                "pom.xml",
                "cdk.json",
                "LICENSE",
                "function/pom.xml",
                "function/src",
                "infra/pom.xml",
                "infra/src",
                "test/localcloud/pom.xml",
                "test/e2e/pom.xml")) {
            Folders.copy(LocalDeployment.PROJECT.resolve(name), copy.resolve(name));
        }
        Files.createDirectories(copy.resolve(".mvn"));

        // Offline, because the current build has downloaded everything.
        ProcessBuilder maven = new ProcessBuilder(
                        Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                        "-B",
                        "-q",
                        "-o",
                        "-Dmaven.test.skip=true",
                        // Source checks do not change the output.
                        "-Danalysis=-proc:none",
                        "-Dspotless.check.skip",
                        "-pl",
                        "function,infra",
                        "package")
                .directory(copy.toFile())
                .redirectErrorStream(true);
        // Manifests name Maven's JDK, but Failsafe sets the JDK of the tests.
        maven.environment().put("JAVA_HOME", System.getProperty("maven.jdk"));
        Process process = maven.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);

        for (String module : List.of("function", "infra")) {
            assertEquals(archives(LocalDeployment.PROJECT.resolve(module)), archives(copy.resolve(module)));
        }

        CloudAssembly one = CloudAssembly.of(LocalDeployment.PROJECT, here);
        CloudAssembly other = CloudAssembly.of(copy, there);
        assertEquals(one.template(), other.template());
        assertEquals(one.asset().getFileName(), other.asset().getFileName());
        assertArrayEquals(Files.readAllBytes(PackagedFunction.PACKAGE), Files.readAllBytes(one.asset()));
    }

    /** Returns the hash of each jar and zip of a module, by name. */
    private static Map<String, String> archives(Path module) throws Exception {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.list(module.resolve("target"))) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(jar|zip)"))
                    .toList()) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                hashes.put(file.getFileName().toString(), HexFormat.of().formatHex(hash));
            }
        }
        assertFalse(hashes.isEmpty(), module.toString());
        return hashes;
    }
}
