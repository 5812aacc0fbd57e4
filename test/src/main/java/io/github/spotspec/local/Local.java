package io.github.spotspec.local;

import io.github.spotspec.local.cloudformation.Stack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What {@code ./local} runs: starts a local cloud, deploys the app of {@code cdk.json} to it with the CDK CLI, and then
 * either shows how to call the URL and waits to be stopped, or runs a command and exits with its status.
 */
public final class Local {
    private static final String REGION = "us-west-2";
    private static final String REGIONS = "us-west-2,us-east-1,eu-west-1";
    private static final long SEED = 42;

    private Local() {}

    /** Runs, until stopped or until the command given after {@code --} ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> command = command(args);
        Instant start = Instant.now();
        Path project = Path.of("").toAbsolutePath();
        Path folder = project.resolve("target/local");
        LocalCloud cloud = LocalCloud.start(folder, SEED);
        Runtime.getRuntime().addShutdownHook(new Thread(cloud::close));
        say("local cloud at " + cloud.url() + "; deploying with the CDK CLI");
        String url = deploy(cloud, project, folder);
        say("deployed after " + Duration.between(start, Instant.now()).toSeconds() + " s");
        if (command.isEmpty()) {
            show(cloud, url);
            new CountDownLatch(1).await();
        } else {
            System.exit(run(cloud, url, command));
        }
    }

    private static List<String> command(String[] args) {
        if (args.length > 0 && (!args[0].equals("--") || args.length == 1)) {
            System.err.println("usage: ./local [-- COMMAND [ARGUMENT …]]");
            System.exit(2);
        }
        return args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
    }

    private static String deploy(LocalCloud cloud, Path project, Path folder) throws IOException, InterruptedException {
        CdkCli cdk = new CdkCli(cloud, project, folder, REGION, line -> {
            String[] columns = line.split(" *\\| *");
            if (columns.length > 4 && columns[3].endsWith("_COMPLETE")) {
                say("  " + columns[4]);
            }
        });
        try {
            cdk.run(
                    project,
                    "deploy",
                    "--require-approval",
                    "never",
                    "-c",
                    "regions=" + REGIONS,
                    "-c",
                    "invokers=" + cloud.identities().userArn(cloud.caller().user()));
        } catch (CdkCli.Failed e) {
            say(String.valueOf(e.getMessage()));
            System.exit(1);
        }
        Stack stack = cloud.stacks().find(REGION, "Spotspec");
        if (stack == null) {
            throw new IllegalStateException("the CLI deployed no stack");
        }
        return stack.outputs().stream()
                .filter(output -> output.name().equals("Url"))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static void show(LocalCloud cloud, String url) {
        System.out.println(
                """

                %s

                curl -s --aws-sigv4 aws:amz:%s:lambda --user %s:%s \\
                  -H 'content-type: application/json' \\
                  -d '{"task":"price","region":"%s","types":["m7g.large","m6g.large"],"products":["Linux/UNIX"]}' \\
                  %s

                Ctrl-C stops everything.
                """.formatted(url, REGION, cloud.caller().id(), cloud.caller().secret(), REGION, url));
    }

    private static int run(LocalCloud cloud, String url, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("SPOT_URL", url);
        builder.environment().put("AWS_ENDPOINT_URL", cloud.url());
        builder.environment().put("AWS_REGION", REGION);
        builder.environment().put("AWS_ACCESS_KEY_ID", cloud.caller().id());
        builder.environment().put("AWS_SECRET_ACCESS_KEY", cloud.caller().secret());
        builder.environment().remove("AWS_SESSION_TOKEN");
        builder.environment().remove("AWS_PROFILE");
        return builder.start().waitFor();
    }

    private static void say(String line) {
        System.err.println(line);
    }
}
