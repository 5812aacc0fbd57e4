package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code ./local} with the documented commands, after the build. */
final class LocalIT {
    private static final int STATUS = 7;

    /** How long to wait before listing the processes again. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final Path ARGUMENTS = LocalDeployment.PROJECT.resolve("test/localcloud/target/local.args");
    private static @Nullable FileTime built;

    @TempDir
    private Path folder;

    /** Prevents a rebuild of the modules under test, even if a source changes meanwhile. */
    @BeforeAll
    static void takeWhatIsBuilt() throws IOException {
        built = Files.getLastModifiedTime(ARGUMENTS);
        Files.setLastModifiedTime(ARGUMENTS, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    }

    @AfterAll
    static void sayWhenItWasBuilt() throws IOException {
        Files.setLastModifiedTime(ARGUMENTS, Objects.requireNonNull(built));
    }

    /** The URL and the example commands that it prints. */
    private record Shown(String url, String commands) {
        static Shown read(BufferedReader out) throws IOException {
            out.readLine();
            String url = Objects.requireNonNull(out.readLine());
            out.readLine();
            StringBuilder commands = new StringBuilder();
            for (String line = out.readLine(); line != null && !line.isEmpty(); line = out.readLine()) {
                commands.append(line).append('\n');
            }
            return new Shown(url, commands.toString());
        }
    }

    @Test
    @Tag("long")
    void shownCommandsPriceAndStoppingLeavesNoProcess() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        DocumentedCommand mfa = DocumentedCommand.of("./local mfa");
        DocumentedCommand keeper = DocumentedCommand.of("./local keeper");
        Process local = start(DocumentedCommand.of("./local"), LocalDeployment.PROJECT);
        Shown shown;
        List<ProcessHandle> processes;
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            shown = Shown.read(out);
            assertPrices(shown);
            String code = mfa.run(at(shown.url() + "#token=eyJ"));
            assertFalse(code.contains("eyJ"), code);
            assertTrue(code.matches("(?s)(.*\n)?[0-9]{6}\n.*"), "another process shows a code: " + code);
            assertEquals(1, keeper.run(at(shown.url())).lines().count(), "no lease ends");
            processes = local.descendants().toList();
            assertTrue(processes.size() >= 1, "the function runs");
        } finally {
            local.destroy();
        }

        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it must end when it is stopped");
        for (ProcessHandle process : processes) {
            process.onExit().get(30, TimeUnit.SECONDS);
        }
        DocumentedCommand.Result ended = mfa.runUnchecked(at(shown.url() + "#token=eyJ"));
        assertEquals(1, ended.status(), "what has ended shows no code");
        assertFalse(ended.output().contains("eyJ"), ended.output());
        assertEquals(1, keeper.runUnchecked(at(shown.url())).status(), "what has ended has no keeper");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptWhileDeployingEndsWithOneLine(boolean hasSetsid) throws Exception {
        ProcessBuilder builder = LocalScriptIT.inATerminal(
                        "env", "PATH=" + (hasSetsid ? System.getenv("PATH") : pathWithoutSetsid()), "./local")
                .directory(LocalDeployment.PROJECT.toFile());
        jdk(builder);
        Process local = builder.start();
        try (BufferedReader said = local.errorReader(StandardCharsets.UTF_8)) {
            assertTrue(Objects.requireNonNull(said.readLine()).startsWith("local cloud at "));
            List<ProcessHandle> processes = await(local, "app.args");

            LocalScriptIT.interrupt(local);

            assertEquals(List.of("./local: stopped"), said.readAllLines());
            for (ProcessHandle process : processes) {
                process.onExit().get(30, TimeUnit.SECONDS);
            }
        } finally {
            local.destroy();
        }
        assertEquals(130, local.waitFor());
    }

    /** Returns a PATH with the commands of this process's PATH except setsid, which macOS lacks. */
    private String pathWithoutSetsid() throws IOException {
        Path commands = Files.createDirectory(folder.resolve("commands"));
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isDirectory(Path.of(directory))) {
                try (Stream<Path> files = Files.list(Path.of(directory))) {
                    for (Path file : files.toList()) {
                        Path link = commands.resolve(file.getFileName().toString());
                        if (!file.endsWith("setsid") && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                            Files.createSymbolicLink(link, file);
                        }
                    }
                }
            }
        }
        return commands.toString();
    }

    /** Returns the descendants of a process, as soon as the command line of one contains a word. */
    private static List<ProcessHandle> await(Process process, String word) {
        Instant until = Instant.now().plusSeconds(60);
        while (Instant.now().isBefore(until)) {
            List<ProcessHandle> started = process.descendants().toList();
            if (started.stream()
                    .anyMatch(one -> one.info().commandLine().orElse("").contains(word))) {
                return started;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        throw new AssertionError("nothing started " + word);
    }

    /** Simulates a checkout that was moved after the build. */
    @Test
    @Tag("long")
    void runsWithoutHomeInFolderWithApostrophe() throws Exception {
        Path moved = Files.createDirectory(folder.resolve("somebody's checkout"));
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        for (String name : List.of("infra", "test", "node_modules", "pom.xml", "cdk.json", "package-lock.json")) {
            Files.createSymbolicLink(moved.resolve(name), LocalDeployment.PROJECT.resolve(name));
        }
        Files.copy(LocalDeployment.PROJECT.resolve("local"), moved.resolve("local"));

        ProcessBuilder builder = new ProcessBuilder("bash", "./local", "--", "printenv", "SPOT_URL")
                .directory(moved.toFile())
                .redirectErrorStream(true);
        jdk(builder);
        builder.environment().remove("HOME");
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process local = builder.start();
        String output = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, local.waitFor(), output);
        assertTrue(output.contains("http://127.0.0.1:"), output);
        assertFalse(output.contains("building"), output);
        assertEquals(List.of(), names(temporary), "temporary files");
        assertFalse(
                names(moved.resolve("target/local")).stream().anyMatch(name -> name.startsWith("run-")),
                "the folder of a run");
    }

    /** Counts the requests of the CDK CLI, because its pause between two of them is longer than the deployment. */
    @Test
    @Tag("long")
    void cliAsksOnceForStatusOfStackThatIsDeployed() throws Exception {
        Path requests = folder.resolve("requests");
        Path recorder = Files.writeString(folder.resolve("recorder.js"), """
                const { ClientRequest } = require('node:http');
                const { end } = ClientRequest.prototype;
                ClientRequest.prototype.end = function (body, ...rest) {
                    const [action] = /^Action=\\w+/.exec(body) ?? [];
                    if (action) require('node:fs').appendFileSync(process.env.REQUESTS, action + '\\n');
                    return end.call(this, body, ...rest);
                };
                """);
        ProcessBuilder builder = new ProcessBuilder(
                        LocalDeployment.JAVA, "@" + ARGUMENTS, folder.toString(), "--", "true")
                .directory(LocalDeployment.PROJECT.toFile())
                .inheritIO();
        builder.environment().put("NODE_OPTIONS", "--require " + recorder);
        builder.environment().put("REQUESTS", requests.toString());

        assertEquals(0, builder.start().waitFor());

        List<String> actions = Files.readAllLines(requests);
        List<String> afterExecution = actions.subList(actions.indexOf("Action=ExecuteChangeSet"), actions.size());
        assertEquals(
                1, Collections.frequency(afterExecution, "Action=DescribeStacks"), () -> "requests: " + afterExecution);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> folder.relativize(file).toString()).toList();
        }
    }

    @Test
    void rejectsUnknownContextKeyInOneSentence() throws Exception {
        Process local = start(ProcessBuilder.Redirect.PIPE, "-c", "region=us-east-1");
        List<String> said = local.errorReader(StandardCharsets.UTF_8).readAllLines();

        assertEquals(1, local.waitFor());
        for (String key : List.of("region", "regions", "invokers", "mfaTasks", "urlAuth", "minters", "dashboard")) {
            assertTrue(said.getLast().matches(".*\\b" + key + "\\b.*"), said.getLast());
        }
        assertEquals(2, said.size(), said.toString());
    }

    private static void assertPrices(Shown shown) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", shown.commands())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), output);
        assertTrue(output.startsWith("{\"event\":\"priced\","), output);
    }

    @Test
    @Tag("long")
    void shownCommandsMintTokenAndPrice() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Process local = start(DocumentedCommand.of("./local -c urlAuth=token"), LocalDeployment.PROJECT);
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            Shown shown = Shown.read(out);
            assertPrices(shown);
            assertEquals(
                    "TokenMissing",
                    new SpotUrl(shown.url(), LocalDeployment.HOME)
                            .unsigned("{}", List.of())
                            .error());
        } finally {
            local.destroy();
        }
        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it must end when it is stopped");
    }

    @Test
    @Tag("long")
    void runsCommandInWorkingDirectoryWithUrlAndKeys() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Files.createSymbolicLink(folder.resolve("spot"), SpotClient.SCRIPT);
        Path script = Files.writeString(
                folder.resolve("local"),
                "#!/bin/sh\nexec "
                        + LocalDeployment.quoted(
                                LocalDeployment.PROJECT.resolve("local").toString()) + " \"$@\"\n");
        assertTrue(script.toFile().setExecutable(true));

        Process local = start(DocumentedCommand.of("./local -- ./spot price"), folder);
        String table = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, local.waitFor(), table);
        assertTrue(table.contains("us-west-2a"), table);
    }

    @Test
    void shellLaunchesAndEndsWithDeviceCodes() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        DocumentedCommand.Result day = DocumentedCommand.of("./local -- bash").runInShell(builder -> {
            jdk(builder);
            builder.environment().put("XDG_CACHE_HOME", folder.toString());
        });

        assertEquals(0, day.status(), day.output());
        Matcher instance = Pattern.compile("\\bi-[0-9a-f]{17}\\b").matcher(day.output());
        List<String> shown = instance.results().map(MatchResult::group).toList();
        assertEquals(1, Set.copyOf(shown).size(), day.output());
        assertTrue(shown.size() >= 3, "launched, listed, ended: " + day.output());
    }

    @Test
    @Tag("long")
    void jobAndLoginWorkAsDocumented() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        assumeTrue(SshServer.isInstalled(), "sshd is not installed");
        DocumentedCommand script = DocumentedCommand.of("./local --run-user-data -- bash");
        Matcher block = Pattern.compile("(?ms)^```text\\n(\\$ .*?)^```$")
                .matcher(Files.readString(LocalDeployment.PROJECT.resolve("docs/jobs.md")));
        assertTrue(block.find(), "docs/jobs.md has no transcript");
        String transcript = block.group(1);

        DocumentedCommand.Result ran = script.runInShell(builder -> {
            jdk(builder);
            builder.environment().put("XDG_CACHE_HOME", folder.toString());
        });

        assertEquals(0, ran.status(), ran.output());
        assertEquals(
                script.text().lines().skip(1).toList(),
                transcript
                        .lines()
                        .filter(line -> line.startsWith("$ "))
                        .map(line -> line.substring(2))
                        .toList());
        String afterStart = ran.output().replaceFirst("(?s)^.*\\ndeployed in [0-9]+ s\\n", "");
        assertEquals(shape(transcript.replaceAll("(?m)^\\$ .*\\n", "")), shape(afterStart));
    }

    /** Returns what does not differ between two runs. */
    private static String shape(String output) {
        return output.replace("\r", "")
                .replaceAll("\\bi-[0-9a-f]{17}\\b", "INSTANCE")
                .replaceAll("\\bsir-[0-9a-z]+\\b", "REQUEST")
                .replaceAll("\\b(shutting-down|terminated)\\b", "ended")
                // EC2 shows the address of an instance until it is terminated.
                .replaceAll(" ADDRESS| 172\\.31\\.[0-9.]+", "")
                .replaceAll("\\bus-west-2[a-z]\\b", "ZONE")
                .replaceAll("\\b([0-9]+[hms])+( [0-9]+[hms])?\\b", "TIME")
                .replaceAll("[0-9]+(\\.[0-9]+)?", "0")
                .replaceAll("-{2,}", "--")
                .replaceAll(" +", " ")
                .replaceAll("(?m) $", "");
    }

    @Test
    @Tag("long")
    void passesMinterAndExitStatusOfCommand() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Process local = start(DocumentedCommand.of("./local -c urlAuth=token -- sh -c"), LocalDeployment.PROJECT);
        try (Writer in = local.outputWriter(StandardCharsets.UTF_8)) {
            in.write(DocumentedCommand.of("./local mfa").text() + "\nexit " + STATUS + "\n");
        }

        String printed = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(printed.matches("http://127\\.0\\.0\\.1:[0-9]+/#token=ey[^\n]+\n[0-9]{6}\n"), printed);
        assertEquals(STATUS, local.waitFor());
    }

    @Test
    void rejectsUnusableCommandsBeforeStarting() throws Exception {
        assertEquals(127, status("--", "no-such-command-as-this"));
        assertEquals(127, status("--", "./none"));
        assertEquals(2, status("--"));
        assertEquals(2, status("sh"));
        assertEquals(2, status("mfa", "more"));
        assertEquals(2, status("keeper", "more"));
        assertEquals(2, status("-c"));
        assertEquals(2, status("-c", "urlAuth"));
        assertEquals(2, status("-c", "urlAuth=token", "sh"));
    }

    private static Consumer<ProcessBuilder> at(String url) {
        return builder -> {
            jdk(builder);
            builder.environment().put("SPOT_URL", url);
        };
    }

    private static void jdk(ProcessBuilder builder) {
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    }

    private int status(String... arguments) throws IOException, InterruptedException {
        Process local = start(arguments);
        local.getInputStream().transferTo(OutputStream.nullOutputStream());
        return local.waitFor();
    }

    private static Process start(DocumentedCommand command, Path folder) throws IOException {
        ProcessBuilder builder = command.in(folder).redirectError(ProcessBuilder.Redirect.DISCARD);
        jdk(builder);
        return builder.start();
    }

    private Process start(String... arguments) throws IOException {
        return start(ProcessBuilder.Redirect.DISCARD, arguments);
    }

    private Process start(ProcessBuilder.Redirect errors, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(LocalDeployment.JAVA, "@" + ARGUMENTS, folder.toString()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .directory(LocalDeployment.PROJECT.toFile())
                .redirectError(errors)
                .start();
    }
}
