package io.github.spotspec.e2e;

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

/** The client at the top of the project, run as people run it, in an environment of its own. */
final class SpotClient {
    static final Path SCRIPT = LocalDeployment.PROJECT.resolve("spot");

    static final String NO_CURL = "curl 7.75 or newer is not on the PATH";

    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Path curlCalls;

    /** A client that knows nothing yet. */
    SpotClient(Path folder) throws IOException {
        curlCalls = folder.resolve("called");
        if (!Files.exists(curlCalls)) {
            Files.createFile(curlCalls);
        }
        Path commands = createCommand(folder, "curl", """
                #!/bin/sh
                # Notes how curl is called.
                printf '%%s\\n' "$*" >>'%s'
                PATH=${PATH#*:} exec curl "$@"
                """.formatted(curlCalls));
        environment.put("PATH", commands + ":" + System.getenv("PATH"));
        environment.put("HOME", folder.toString());
        environment.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
        environment.put("AWS_REGION", LocalDeployment.HOME);
        environment.put("NO_PROXY", "127.0.0.1,localhost");
    }

    /** Returns whether curl can sign. */
    static boolean hasCurl() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "curl --aws-sigv4 aws:amz --version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** Makes a command, and returns the folder that it is in. */
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

    SpotClient signedBy(AccessKey key) {
        return with("AWS_ACCESS_KEY_ID", key.id()).with("AWS_SECRET_ACCESS_KEY", key.secret());
    }

    /** What came of a command. */
    record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return runWith("", arguments);
    }

    /** Runs it with something on its standard input. */
    Result runWith(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of(arguments));
        return runCommand(input, command);
    }

    /** Runs a command of the documents in the same environment. */
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

    /** Returns whether there can be a terminal without anybody at it: util-linux has one. */
    static boolean hasTerminal() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", String.join(" ", inTerminal("true")))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** A terminal that shows what is typed, unless it is told not to. */
    private static List<String> inTerminal(String command) {
        return List.of("script", "--quiet", "--return", "--echo", "always", "--command", command, "/dev/null");
    }

    /**
     * Runs it in a terminal, where all that is to be seen is its output.
     *
     * @param prompt what it asks with
     * @param typed what is typed then
     */
    Result runInTerminal(String prompt, String typed, String arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(inTerminal("sh '" + SCRIPT + "' " + arguments)).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        try (var in = process.getOutputStream();
                var out = process.getInputStream()) {
            boolean asks = false;
            for (int next = out.read(); next >= 0; next = out.read()) {
                seen.write(next);
                if (!asks && seen.toString(StandardCharsets.UTF_8).endsWith(prompt)) {
                    asks = true;
                    in.write((typed + "\n").getBytes(StandardCharsets.UTF_8));
                    in.flush();
                }
            }
        }
        return new Result(process.waitFor(), seen.toString(StandardCharsets.UTF_8), "");
    }

    /** Returns the arguments with which curl was called. */
    List<String> curlCalls() throws IOException {
        return Files.readAllLines(curlCalls);
    }

    /** Returns what it left behind where temporary files go. */
    List<Path> temporaryFiles() throws IOException {
        try (var files = Files.list(Path.of(environment.get("TMPDIR")))) {
            return files.toList();
        }
    }
}
