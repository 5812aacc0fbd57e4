package io.github.spotspec.local;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs the real CDK CLI, in the version that package.json pins, against a local cloud. */
public final class CdkCli {
    /**
     * Does what {@code setsid} does, which macOS lacks, and exits with the status of the command. Ignores Ctrl-C
     * itself, so that the command remains its child until it ends.
     */
    private static final String SESSION_IN_NODE = "process.on('SIGINT', () => {});"
            + "require('node:child_process')"
            + ".spawn(process.argv[1], process.argv.slice(2), {detached: true, stdio: 'inherit'})"
            + ".on('exit', status => process.exit(status ?? 1));";

    private final LocalCloud cloud;
    private final ChildProcesses children;
    private final Path project;
    private final Path output;
    private final Consumer<String> progress;

    /**
     * Creates a CLI.
     *
     * @param children tracks the CLI's processes
     * @param project the folder with this project's {@code package.json}, in which {@code npm ci} has run
     * @param output the folder for the synthesized apps and the CLI's own files
     * @param progress receives each line that the CLI prints
     */
    public CdkCli(LocalCloud cloud, ChildProcesses children, Path project, Path output, Consumer<String> progress) {
        this.cloud = cloud;
        this.children = children;
        this.project = project;
        this.output = output;
        this.progress = progress;
    }

    /** Thrown when the CLI fails. */
    public static final class Failed extends IOException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /**
     * Runs a command in a folder, with a home region for the stacks that it deploys, and returns its output.
     *
     * @throws Failed if the exit status is not 0
     */
    public String run(Path folder, String region, String... arguments) throws IOException, InterruptedException {
        // Ctrl-C in the terminal must reach only this process, which then ends the CLI.
        List<String> command = new ArrayList<>(inOwnSession());
        command.addAll(
                List.of("node", project.resolve("node_modules/aws-cdk/bin/cdk").toString()));
        command.addAll(Arrays.asList(arguments));
        // Replaces the CLI's build step, because everything that it deploys is already built.
        command.addAll(List.of(
                "--build",
                "true",
                "--no-notices",
                "--no-version-reporting",
                "--ci",
                "--no-color",
                "--output",
                output.resolve("cdk.out").toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        local(builder, cloud.url(), region, cloud.admin().id(), cloud.admin().secret());
        builder.environment().put("CDK_HOME", output.resolve("cdk-home").toString());
        // Skips the CDK's own template validation, because it takes most of a synthesis. The construct's unit tests run
        // it.
        builder.environment().put("CDK_VALIDATION", "false");
        keepTemporaryFilesIn(Files.createDirectories(output.resolve("tmp")), builder.environment());
        Process process = children.start(builder);
        process.getOutputStream().close();
        StringBuilder printed = new StringBuilder();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS")) {
                    printed.append(line).append('\n');
                    progress.accept(line);
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new Failed("cdk " + arguments[0] + " failed:\n" + printed);
        }
        return printed.toString();
    }

    /**
     * Returns the beginning of a command that runs in a session of its own, so that no Ctrl-C in a terminal reaches it.
     */
    public static List<String> inOwnSession() {
        return isInstalled("setsid") ? List.of("setsid") : List.of("node", "-e", SESSION_IN_NODE, "--");
    }

    /** Returns whether a command is on the PATH. */
    private static boolean isInstalled(String command) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, command)));
    }

    /**
     * Sets the folder for temporary files, because each app's JVM leaves a folder with the files that jsii has
     * unpacked.
     */
    private static void keepTemporaryFilesIn(Path folder, Map<String, String> environment) {
        environment.put("TMPDIR", folder.toString());
        environment.merge(
                "JDK_JAVA_OPTIONS", "\"-Djava.io.tmpdir=" + folder + "\"", (given, added) -> given + " " + added);
    }

    /**
     * Configures a process to use the local cloud instead of AWS, whatever this process's environment says, and to use
     * this process's JDK.
     */
    public static void local(ProcessBuilder builder, String endpoint, String region, String keyId, String secret) {
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("CDK_"));
        environment.put("AWS_ENDPOINT_URL", endpoint);
        environment.put("AWS_REGION", region);
        environment.put("AWS_ACCESS_KEY_ID", keyId);
        environment.put("AWS_SECRET_ACCESS_KEY", secret);
        environment.put("AWS_CONFIG_FILE", "/dev/null");
        environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("CDK_DISABLE_CLI_TELEMETRY", "true");
        environment.put("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20");
        environment.put("NO_PROXY", "127.0.0.1,localhost");
        environment.put("no_proxy", "127.0.0.1,localhost");
        environment.put(
                "PATH",
                Path.of(System.getProperty("java.home"), "bin")
                        + File.pathSeparator
                        + environment.getOrDefault("PATH", ""));
    }
}
