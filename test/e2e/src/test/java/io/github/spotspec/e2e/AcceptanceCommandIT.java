package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.CdkCli;
import io.github.spotspec.local.LocalCloud;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the documented command of the acceptance run in a new checkout, against a local cloud. */
@Tag("long")
final class AcceptanceCommandIT {
    private static final String ID = "spotspec-accept-0123abcd";

    private final Path folder;
    private final Path checkout;
    private final LocalCloud cloud;

    AcceptanceCommandIT(@TempDir Path folder) throws Exception {
        this.folder = folder;
        checkout = folder.resolve("new checkout");
        cloud = LocalCloud.start(folder.resolve("cloud"), LocalDeployment.SEED);
    }

    @BeforeEach
    void copy() throws Exception {
        for (String name : List.of(
                "pom.xml",
                "LICENSE",
                "package.json",
                "package-lock.json",
                "function/pom.xml",
                "function/src",
                "function/target/shrink/shrunk.jar",
                "infra/pom.xml",
                "infra/src",
                "test/localcloud/pom.xml",
                "test/localcloud/src",
                "test/e2e/pom.xml",
                "test/e2e/src")) {
            Folders.copy(LocalDeployment.PROJECT.resolve(name), checkout.resolve(name));
        }
        Files.createDirectories(checkout.resolve(".mvn"));
        Files.writeString(
                checkout.resolve(".mvn/maven.config"),
                String.join(
                        "\n",
                        "-B",
                        "-T2",
                        // The current build has downloaded everything.
                        "-o",
                        // The current build has shrunk the function's jar.
                        "-Dmaven.antrun.skip",
                        // Source checks do not change the output.
                        "-Danalysis=-proc:none",
                        "-Dtest.analysis=-proc:none",
                        "-Dspotless.check.skip"));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private record Ran(int status, String output) {}

    /**
     * Runs the documented command.
     *
     * @param options what comes after the command, or an empty text
     * @param input what is typed
     */
    private Ran run(String options, String input) throws Exception {
        DocumentedCommand documented = DocumentedCommand.of("mvn verify -Plive");
        Path output = folder.resolve("output");
        ProcessBuilder builder = new DocumentedCommand(documented.text() + options)
                .in(checkout)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(Files.writeString(folder.resolve("input"), input).toFile());
        CdkCli.local(
                builder,
                cloud.url(),
                LocalDeployment.HOME,
                cloud.admin().id(),
                cloud.admin().secret());
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        Path.of(System.getProperty("maven.home"), "bin") + File.pathSeparator + System.getenv("PATH"),
                        "JAVA_HOME",
                        System.getProperty("maven.jdk"),
                        "MAVEN_OPTS",
                        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"));
        Process maven = builder.start();
        boolean ended = maven.waitFor(15, TimeUnit.MINUTES);
        maven.descendants().forEach(ProcessHandle::destroyForcibly);
        maven.destroyForcibly();
        String printed = Files.readString(output);
        assertTrue(ended, printed);
        return new Ran(maven.exitValue(), printed);
    }

    private Set<String> everything() {
        Set<String> ids = new TreeSet<>(cloud.state().resourceIds());
        ids.addAll(cloud.state().objects().buckets().keySet());
        return ids;
    }

    /** Both in one test, because the first builds all modules. */
    @Test
    void deletesWhatAnEarlierRunLeftAndFailsWithoutConfirmation() throws Exception {
        Set<String> before = everything();
        cloud.state().objects().createBucket(ID);
        cloud.state().objects().put(ID, "asset.zip", new byte[1]);

        Ran teardown = run(" -Dlive.teardown=" + ID, "");

        assertEquals(0, teardown.status(), teardown.output());
        assertTrue(teardown.output().contains("| Every step of the teardown succeeds | held |"), teardown.output());
        assertTrue(
                Files.exists(checkout.resolve("target/acceptance").resolve(ID).resolve("report.md")));
        assertEquals(before, everything(), teardown.output());

        Ran refused = run("", "no\n");

        assertNotEquals(0, refused.status(), refused.output());
        assertTrue(refused.output().contains("Type yes to continue: "), refused.output());
        assertTrue(refused.output().contains("acceptance: nothing was done"), refused.output());
        assertEquals(before, everything(), refused.output());
    }
}
