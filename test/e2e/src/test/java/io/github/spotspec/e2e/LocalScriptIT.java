package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the script {@code ./local} in an empty folder, with a fake Maven. */
final class LocalScriptIT {
    private static final int FAILED = 9;
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        Files.copy(LocalDeployment.PROJECT.resolve("local"), folder.resolve("local"));
    }

    @Test
    void helpNamesEveryContextKey() throws Exception {
        String deploy = Files.readString(LocalDeployment.PROJECT.resolve("docs/deploy.md"));
        List<String> keys = KEY.matcher(deploy.substring(deploy.indexOf("| Key |"), deploy.indexOf("| Output |")))
                .results()
                .map(key -> key.group(1))
                .toList();
        assertTrue(keys.contains("regions"), keys.toString());

        String help = DocumentedCommand.of("./local --help").run(process -> {});

        assertEquals(
                keys.stream().sorted().toList(),
                Pattern.compile("(?m)^  (\\w+)=")
                        .matcher(help)
                        .results()
                        .map((MatchResult key) -> key.group(1))
                        .sorted()
                        .toList());
    }

    @Test
    void rebuildsWhenMavenRepositoryMoved() throws Exception {
        createMaven("exit " + FAILED);
        for (String sources : List.of("infra/src", "test/localcloud/src")) {
            Files.createDirectories(folder.resolve(sources));
        }
        for (String pom : List.of("pom.xml", "infra/pom.xml", "test/localcloud/pom.xml")) {
            Files.createFile(folder.resolve(pom));
        }
        for (String module : List.of("test/localcloud", "infra")) {
            Path target = Files.createDirectories(folder.resolve(module).resolve("target"));
            Files.createFile(target.resolve("own.jar"));
            Files.writeString(
                    target.resolve(module.equals("infra") ? "app.args" : "local.args"),
                    "-cp \"" + module + "/target/own.jar:/moved/away.jar\"\nNone\n");
        }

        Process local = start();

        assertEquals(1, local.errorReader().readAllLines().size());
        assertEquals(FAILED, local.waitFor());
    }

    @Test
    void interruptDuringBuildPrintsOneLine() throws Exception {
        createMaven("exec sleep 600");
        Process local = start();
        try (BufferedReader said = local.errorReader(StandardCharsets.UTF_8)) {
            assertNotNull(said.readLine(), "a line about the build");

            interrupt(local);

            assertEquals(1, said.readAllLines().size());
        }
        assertEquals(130, local.waitFor());
    }

    /** Sends the signal of Ctrl-C to a process that {@link #inATerminal} created. */
    static void interrupt(Process process) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-s", "INT", "--", "-" + process.pid())
                        .start()
                        .waitFor());
    }

    /** Returns a process that receives interrupts with its children, even if this process ignores them. */
    static ProcessBuilder inATerminal(String... command) {
        ProcessBuilder builder = new ProcessBuilder("env", "--default-signal=INT", "setsid");
        builder.command().addAll(List.of(command));
        return builder;
    }

    private Process start() throws IOException {
        ProcessBuilder builder = inATerminal("bash", "./local").directory(folder.toFile());
        builder.environment().merge("PATH", folder + ":", (path, first) -> first + path);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private void createMaven(String script) throws IOException {
        Path file = Files.writeString(folder.resolve("mvn"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
