package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs the command line client in its own environment. */
final class SpotClient {
    /** The bit of SIGINT, which is signal 2, in a set of signals. */
    private static final long SIGINT = 1 << 1;

    private static final String IGNORED = "this process ignores SIGINT, like the background jobs of scripts";

    /** What a terminal turns into SIGINT. */
    private static final String CTRL_C = "\u0003";

    static final Path SCRIPT = LocalDeployment.PROJECT.resolve("spot");

    static final String NO_CURL = "curl 7.75 or newer is not on the PATH";

    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Path folder;
    private final Path curlCalls;

    /** Creates a client without a URL and credentials. */
    SpotClient(Path folder) throws IOException {
        this.folder = folder;
        curlCalls = folder.resolve("called");
        if (!Files.exists(curlCalls)) {
            Files.createFile(curlCalls);
        }
        Path commands = createCommand(folder, "curl", """
                #!/bin/sh
                # Records the arguments of curl.
                printf '%%s\\n' "$*" >>'%s'
                PATH=${PATH#*:} exec curl "$@"
                """.formatted(curlCalls));
        environment.put("PATH", commands + ":" + System.getenv("PATH"));
        environment.put("HOME", folder.toString());
        environment.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
        environment.put("AWS_REGION", LocalDeployment.HOME);
        environment.put("NO_PROXY", "127.0.0.1,localhost");
    }

    /** Returns whether curl can sign requests. */
    static boolean hasCurl() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "curl --aws-sigv4 aws:amz --version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** Creates an executable, and returns its folder. */
    static Path createCommand(Path folder, String name, String script) throws IOException {
        Path commands = Files.createDirectories(folder.resolve("bin"));
        Path command = Files.writeString(commands.resolve(name), script);
        if (!command.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + command + " a command");
        }
        return commands;
    }

    SpotClient with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Shortens the pauses between requests to a tenth of a second. */
    SpotClient withBriefPauses() throws IOException {
        createCommand(folder, "sleep", "#!/bin/sh\nexec /bin/sleep 0.1\n");
        return this;
    }

    SpotClient signedBy(AccessKey key) {
        return with("AWS_ACCESS_KEY_ID", key.id()).with("AWS_SECRET_ACCESS_KEY", key.secret());
    }

    /** The exit status and the output of a command. */
    record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return runWith("", arguments);
    }

    /** Runs the client with text on its standard input. */
    Result runWith(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of(arguments));
        return runCommand(input, command);
    }

    /** Runs a documented command in the same environment. */
    Result runCommand(DocumentedCommand command) throws IOException, InterruptedException {
        return runCommand("", command.in(LocalDeployment.PROJECT).command());
    }

    /** Runs any command in the same environment. */
    Result runCommand(String input, List<String> command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("spot", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Result ran = new Result(process.waitFor(), out, Files.readString(errors));
        Files.delete(errors);
        return ran;
    }

    /**
     * Runs the client, and interrupts it as Ctrl-C does.
     *
     * @param shown the text on standard error to wait for
     */
    Result interrupt(String shown, String... arguments) throws IOException, InterruptedException {
        return interrupt(errors -> Files.readString(errors).contains(shown), arguments);
    }

    /**
     * Runs the client, and interrupts it as Ctrl-C does.
     *
     * @param file the file whose creation to wait for
     */
    Result interrupt(Path file, String... arguments) throws IOException, InterruptedException {
        return interrupt(errors -> Files.exists(file), arguments);
    }

    private interface Condition {
        boolean isMet(Path errors) throws IOException;
    }

    private Result interrupt(Condition condition, String... arguments) throws IOException, InterruptedException {
        assumeFalse(ignoresInterrupts(), IGNORED);
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("spot", ".err");
        Path out = Files.createTempFile("spot", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(errors.toFile()).redirectOutput(out.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        while (process.isAlive() && !condition.isMet(errors)) {
            Thread.onSpinWait();
        }
        // The children get the signal as well, as in a terminal.
        List<String> signal = new ArrayList<>(List.of("kill", "-INT", Long.toString(process.pid())));
        process.descendants().map(child -> Long.toString(child.pid())).forEach(signal::add);
        new ProcessBuilder(signal)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        Result ran = new Result(process.waitFor(), Files.readString(out), Files.readString(errors));
        Files.delete(errors);
        Files.delete(out);
        return ran;
    }

    /** Returns whether this process, and so each of its children, ignores SIGINT. Then no shell can handle it. */
    private static boolean ignoresInterrupts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(
                                        line.substring("SigIgn:".length()).strip(), 16)
                                & SIGINT)
                        != 0);
    }

    /** Returns whether {@code script} of util-linux is installed, which simulates a terminal. */
    static boolean hasTerminal() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", String.join(" ", inTerminal("true")))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** Returns a command in a terminal that echoes input unless the command turns that off. */
    private static List<String> inTerminal(String command) {
        return List.of("script", "--quiet", "--return", "--echo", "always", "--command", command, "/dev/null");
    }

    /**
     * Something that a person types into a terminal.
     *
     * @param prompt the end of the output to wait for
     * @param text what to type then
     */
    record Typed(String prompt, String text) {}

    /** Runs the client in a terminal, in which a person types in turn. The output contains everything visible. */
    Result runInTerminal(String arguments, Typed... typed) throws IOException, InterruptedException {
        boolean interrupts = Stream.of(typed).anyMatch(one -> one.text().contains(CTRL_C));
        assumeFalse(interrupts && ignoresInterrupts(), IGNORED);
        ProcessBuilder builder =
                new ProcessBuilder(inTerminal("sh '" + SCRIPT + "' " + arguments)).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        try (var in = process.getOutputStream();
                var out = process.getInputStream()) {
            int done = 0;
            for (int next = out.read(); next >= 0; next = out.read()) {
                seen.write(next);
                if (done < typed.length && seen.toString(StandardCharsets.UTF_8).endsWith(typed[done].prompt())) {
                    in.write(typed[done].text().getBytes(StandardCharsets.UTF_8));
                    in.flush();
                    done++;
                }
            }
        }
        return new Result(process.waitFor(), seen.toString(StandardCharsets.UTF_8), "");
    }

    /** Returns the arguments of each call of curl. */
    List<String> curlCalls() throws IOException {
        return Files.readAllLines(curlCalls);
    }

    /** Returns the remaining temporary files. */
    List<Path> temporaryFiles() throws IOException {
        try (var files = Files.list(Path.of(environment.get("TMPDIR")))) {
            return files.toList();
        }
    }
}
