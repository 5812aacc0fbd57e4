package io.github.spotspec.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The real CDK CLI, as package.json pins it, against a local cloud. */
public final class CdkCli {
    private final LocalCloud cloud;
    private final Path project;
    private final Path output;
    private final String region;
    private final Consumer<String> progress;

    /**
     * Makes a CLI.
     *
     * @param project the folder with this project's {@code package.json}, whose {@code npm ci} has run
     * @param output the folder that takes the synthesized apps and the CLI's own files
     * @param region the home region of what is deployed
     * @param progress takes what the CLI prints, line by line
     */
    public CdkCli(LocalCloud cloud, Path project, Path output, String region, Consumer<String> progress) {
        this.cloud = cloud;
        this.project = project;
        this.output = output;
        this.region = region;
        this.progress = progress;
    }

    /** The CLI did not succeed. */
    public static final class Failed extends IOException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /**
     * Runs a command in a folder, and returns what it printed.
     *
     * @throws Failed if it exits with anything but 0
     */
    public String run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("node", project.resolve("node_modules/aws-cdk/bin/cdk").toString()));
        command.addAll(Arrays.asList(arguments));
        // What is deployed is what is built already; stops do no good to a program.
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
        builder.environment().putAll(environment());
        Process process = builder.start();
        process.getOutputStream().close();
        StringBuilder printed = new StringBuilder();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                printed.append(line).append('\n');
                progress.accept(line);
            }
            if (process.waitFor() != 0) {
                throw new Failed("cdk " + arguments[0] + " failed:\n" + printed);
            }
            return printed.toString();
        } finally {
            process.destroy();
        }
    }

    private Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL",
                cloud.url(),
                "AWS_REGION",
                region,
                "AWS_ACCESS_KEY_ID",
                cloud.admin().id(),
                "AWS_SECRET_ACCESS_KEY",
                cloud.admin().secret(),
                "AWS_CONFIG_FILE",
                "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE",
                "/dev/null",
                "AWS_EC2_METADATA_DISABLED",
                "true",
                "CDK_DISABLE_CLI_TELEMETRY",
                "true",
                "CDK_HOME",
                output.resolve("cdk-home").toString(),
                "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION",
                "20");
    }
}
