package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./local} does once everything is built, by the commands of the documents. */
final class LocalIT {
    private static final int STATUS = 7;

    private static final Path ARGUMENTS = Deployed.PROJECT.resolve("test/target/local.args");
    private static @Nullable FileTime built;

    @TempDir
    private Path folder;

    /** Has it not build anew what tests run on, even if somebody edits a source meanwhile. */
    @BeforeAll
    static void takeWhatIsBuilt() throws IOException {
        built = Files.getLastModifiedTime(ARGUMENTS);
        Files.setLastModifiedTime(ARGUMENTS, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    }

    @AfterAll
    static void sayWhenItWasBuilt() throws IOException {
        Files.setLastModifiedTime(ARGUMENTS, Objects.requireNonNull(built));
    }

    /** What it shows: the URL, and the commands that price. */
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
    void whatItShowsPricesAndNothingIsLeftWhenItIsStopped() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        DocumentedCommand mfa = DocumentedCommand.of("./local mfa");
        Process local = start(DocumentedCommand.of("./local"), Deployed.PROJECT);
        Shown shown;
        List<ProcessHandle> processes;
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            shown = Shown.read(out);
            assertPrices(shown);
            String code = mfa.run(at(shown.url()));
            assertTrue(code.matches("(?s)(.*\n)?[0-9]{6}\n.*"), "another process shows a code: " + code);
            processes = local.descendants().toList();
            assertTrue(processes.size() >= 1, "the function runs");
        } finally {
            local.destroy();
        }

        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it ends when told to");
        for (ProcessHandle process : processes) {
            process.onExit().get(30, TimeUnit.SECONDS);
        }
        assertEquals(1, mfa.tried(at(shown.url())).status(), "what has ended shows no code");
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
    void withTokensWhatItShowsMakesOneAndPricesWithIt() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Process local = start(DocumentedCommand.of("./local -c urlAuth=token"), Deployed.PROJECT);
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            Shown shown = Shown.read(out);
            assertPrices(shown);
            assertEquals(
                    "TokenMissing",
                    new SpotUrl(shown.url(), Deployed.HOME)
                            .unsigned("{}", List.of())
                            .error());
        } finally {
            local.destroy();
        }
        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it ends when told to");
    }

    @Test
    void aCommandIsRunWhereItWasCalledWithTheServicesUrlAndKeys() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Files.createSymbolicLink(folder.resolve("spot"), SpotClient.SCRIPT);
        Path script = Files.writeString(
                folder.resolve("local"), "#!/bin/sh\nexec " + Deployed.PROJECT.resolve("local") + " \"$@\"\n");
        assertTrue(script.toFile().setExecutable(true));

        Process local = start(DocumentedCommand.of("./local -- ./spot price"), folder);
        String table = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, local.waitFor(), table);
        assertTrue(table.contains("us-west-2a"), table);
    }

    @Test
    void aShellOfItLaunchesAndEndsWithCodesOfTheDevice() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        DocumentedCommand.Ran day = DocumentedCommand.of("./local -- bash").typed(LocalIT::jdk);

        assertEquals(0, day.status(), day.output());
        Matcher instance = Pattern.compile("\\bi-[0-9a-f]{17}\\b").matcher(day.output());
        List<String> shown = instance.results().map(MatchResult::group).toList();
        assertEquals(1, Set.copyOf(shown).size(), day.output());
        assertTrue(shown.size() >= 3, "launched, listed, ended: " + day.output());
    }

    @Test
    void aCommandGetsTheMinterAndACodeOfTheServiceThatItRunsBesideAndItsStatusIsItsOwn() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Process local = start(DocumentedCommand.of("./local -c urlAuth=token -- sh -c"), Deployed.PROJECT);
        try (Writer in = local.outputWriter(StandardCharsets.UTF_8)) {
            in.write(DocumentedCommand.of("./local mfa").text() + "\nexit " + STATUS + "\n");
        }

        String printed = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(printed.matches("http://127\\.0\\.0\\.1:[0-9]+/#token=ey[^\n]+\n[0-9]{6}\n"), printed);
        assertEquals(STATUS, local.waitFor());
    }

    @Test
    void whatCannotBeRunIsSaidBeforeAnythingIsStarted() throws Exception {
        assertEquals(127, status("--", "no-such-command-as-this"));
        assertEquals(127, status("--", "./none"));
        assertEquals(2, status("--"));
        assertEquals(2, status("sh"));
        assertEquals(2, status("mfa", "more"));
        assertEquals(2, status("-c"));
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
        List<String> command = new ArrayList<>(List.of(Deployed.JAVA, "@" + ARGUMENTS, folder.toString()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .directory(Deployed.PROJECT.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
