package io.github.spotspec.local;

import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Topics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The main class of {@code ./local}. It starts a local cloud, deploys the app of {@code cdk.json} with the CDK CLI and
 * the given context, and enrolls an MFA device for the operator. Then it either shows how to call the URL and waits
 * until it is stopped, or runs a command and exits with the command's status. While it runs, {@code ./local mfa} shows
 * the device's codes, and {@code ./local keeper} runs the keeper.
 */
public final class Local {
    private static final String REGION = "us-west-2";
    private static final String REGIONS = "us-west-2,us-east-1,eu-west-1";
    private static final long SEED = 42;
    private static final long TICK = Duration.ofSeconds(1).toMillis();

    /**
     * How late the local cloud may say that a stack is still changing. The CDK CLI would ask again only after five
     * seconds, so a late answer saves it most of this pause. It sets no limit for an answer.
     */
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(25);

    private static final String RUN_USER_DATA = "--run-user-data";

    /** The folders of servers, which the PATH of a user often lacks. */
    private static final String SERVERS = File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/usr/local/sbin";

    /** The same statuses that a shell returns in these cases. */
    private static final int USAGE = 2;

    private static final int NO_COMMAND = 127;

    private static final int INTERRUPTED = 130;

    /** The prefix of the app's message about an invalid key or value. */
    private static final String APP = "spotspec: ";

    /** Whether a signal is ending this process. Its children then end too, which is not an error. */
    private static final AtomicBoolean STOPPING = new AtomicBoolean();

    private static final AtomicBoolean ENDED = new AtomicBoolean();

    private final LocalCloud cloud;
    private final ChildProcesses children;
    private final Path project;
    private final Path output;
    private final List<String> context;
    private final boolean runsUserData;
    private final boolean tokens;

    private Local(
            LocalCloud cloud,
            ChildProcesses children,
            Path project,
            Path output,
            List<String> context,
            boolean runsUserData) {
        this.cloud = cloud;
        this.children = children;
        this.project = project;
        this.output = output;
        this.context = context;
        this.runsUserData = runsUserData;
        this.tokens = context.stream().anyMatch(given -> given.startsWith("urlAuth=token"));
    }

    /**
     * Runs until it is stopped, or until the command after {@code --} ends.
     *
     * @param args the folder from which {@code ./local} was called, then its arguments
     */
    public static void main(String[] args) {
        onExit(() -> {
            if (!ENDED.get()) {
                say("./local: stopped");
            }
        });
        int status = 1;
        try {
            status = run(Path.of(args[0]), Arrays.asList(args).subList(1, args.length));
        } catch (CdkCli.Failed e) {
            reportError(appMessage(String.valueOf(e.getMessage())));
        } catch (IOException | InterruptedException | RuntimeException e) {
            reportError("./local failed: " + e);
        } finally {
            ENDED.set(!STOPPING.get() && status != INTERRUPTED);
            // Exits in every case, because the servers' threads would keep the process alive.
            System.exit(status);
        }
    }

    /** Runs an action when this process ends, for whatever reason. */
    private static void onExit(Runnable last) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            STOPPING.set(true);
            last.run();
        }));
    }

    private static void reportError(String fault) {
        if (!STOPPING.get()) {
            say(fault);
        }
    }

    /** Returns the app's own message if the app printed one, and the whole output otherwise. */
    private static String appMessage(String printed) {
        return printed.lines()
                .filter(line -> line.contains(APP))
                .findFirst()
                .map(line -> "./local: " + line.substring(line.indexOf(APP) + APP.length()))
                .orElse(printed);
    }

    private static int run(Path folder, List<String> args) throws IOException, InterruptedException {
        Path project = Path.of("").toAbsolutePath();
        Path shared = Files.createDirectories(project.resolve("target/local"));
        if (args.equals(List.of("mfa"))) {
            return showCode(shared);
        }
        if (args.equals(List.of("keeper"))) {
            return runKeeper(shared);
        }
        boolean runsUserData = !args.isEmpty() && args.getFirst().equals(RUN_USER_DATA);
        int start = runsUserData ? 1 : 0;
        int end = start;
        while (end + 1 < args.size()
                && args.get(end).equals("-c")
                && args.get(end + 1).matches("(?s)[^=]+=.*")) {
            end += 2;
        }
        List<String> context = args.subList(start, end);
        List<String> rest = args.subList(end, args.size());
        if (!rest.isEmpty() && (!rest.getFirst().equals("--") || rest.size() == 1)) {
            say(
                    "usage: ./local [mfa | keeper | [--run-user-data] [-c KEY=VALUE …] [-- COMMAND [ARGUMENT …]]]; more with"
                            + " ./local --help");
            return USAGE;
        }
        List<String> command = rest.isEmpty() ? List.of() : rest.subList(1, rest.size());
        if (!command.isEmpty() && !isInstalled(folder, command.getFirst())) {
            say("./local: unknown command " + command.getFirst());
            return NO_COMMAND;
        }
        Path output = Files.createTempDirectory(shared, "run-");
        ChildProcesses children = new ChildProcesses();
        AtomicReference<LocalCloud> started = new AtomicReference<>();
        onExit(() -> {
            children.close();
            Optional.ofNullable(started.get()).ifPresent(LocalCloud::close);
            delete(output);
        });
        LocalCloud cloud = LocalCloud.start(shared, SEED);
        started.set(cloud);
        cloud.state().host().limit(LambdaHost.Limits.SMALL);
        cloud.faults().choose((action, region) -> {
            if (action.equals("cloudformation:DescribeStacks")) {
                cloud.stacks().awaitChanges(LONGEST_ANSWER);
            }
            return null;
        });
        return new Local(cloud, children, project, output, context, runsUserData).deployAndRun(folder, command);
    }

    private int deployAndRun(Path folder, List<String> command) throws IOException, InterruptedException {
        Instant start = Instant.now();
        say("local cloud at " + cloud.url() + "; deploying with the CDK CLI");
        Stack stack = deploy();
        String url = output(stack, "Url");
        String minter = tokens ? output(stack, "MinterName") : null;
        OperatorDevice.enrol(cloud, stack, output(stack, "SecretName"), url, output);
        ControlServer control = ControlServer.start(
                url, output, cloud.state().instanceStore(), cloud.state().clock(), () -> keeper(stack));
        say("deployed in " + Duration.between(start, Instant.now()).toSeconds() + " s");
        if (!command.isEmpty()) {
            Thread.ofVirtual().start(this::tick);
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(folder.toFile()).inheritIO();
            CdkCli.local(
                    builder,
                    cloud.url(),
                    REGION,
                    cloud.caller().id(),
                    cloud.caller().secret());
            builder.environment().put("SPOT_URL", url);
            if (minter != null) {
                builder.environment().put("SPOT_MINTER", minter);
            }
            // The command may call spot by its name.
            builder.environment().merge("PATH", project.toString(), (path, spot) -> spot + File.pathSeparator + path);
            Path programs =
                    InstanceSsh.create(output.resolve("ssh"), control.url(), name -> find(name, path() + SERVERS));
            if (programs != null) {
                builder.environment().merge("PATH", programs + File.pathSeparator, (path, first) -> first + path);
            }
            return children.start(builder).waitFor();
        }
        show(url, minter);
        tick();
        return 0;
    }

    private Stack deploy() throws IOException, InterruptedException {
        CdkCli cdk = new CdkCli(cloud, children, project, output, line -> {
            String[] columns = line.split(" *\\| *");
            if (columns.length > 4 && columns[3].endsWith("_COMPLETE")) {
                say("  " + columns[4]);
            }
        });
        List<String> deploy = new ArrayList<>(List.of("deploy", "--require-approval", "never"));
        deploy.addAll(List.of("-c", "regions=" + REGIONS));
        String caller = cloud.state().identities().userArn(cloud.caller().user());
        deploy.addAll(List.of("-c", (tokens ? "minters=" : "invokers=") + caller));
        deploy.addAll(context);
        cdk.run(project, REGION, deploy.toArray(String[]::new));
        Stack stack = cloud.stacks().find(REGION, "Spotspec");
        if (stack == null) {
            throw new IllegalStateException("the CDK CLI did not deploy a stack");
        }
        return stack;
    }

    private static String output(Stack stack, String name) {
        return stack.outputs().stream()
                .filter(output -> output.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    /** Shows a code of the operator's MFA device, for the running service or for the service that SPOT_URL names. */
    private static int showCode(Path shared) throws IOException, InterruptedException {
        OperatorDevice device = select("./local mfa", OperatorDevice.running(shared), OperatorDevice::url);
        if (device == null) {
            return 1;
        }
        OperatorDevice.Code code = device.show(InstantSource.system(), time -> {
            Duration left = Duration.between(Instant.now(), time);
            say("the current code was shown before, and AWS accepts each code once; the next one comes in "
                    + left.toSeconds() + " s");
            Thread.sleep(left);
        });
        System.out.println(code.digits());
        say("for " + device.url() + "; valid once, within "
                + Duration.between(Instant.now(), code.until()).toSeconds() + " s");
        return 0;
    }

    /** Runs the keeper of the running service, or of the service that SPOT_URL names, and shows what it published. */
    private static int runKeeper(Path shared) throws IOException, InterruptedException {
        ControlClient client = select("./local keeper", ControlClient.running(shared), ControlClient::service);
        if (client == null) {
            return 1;
        }
        ControlServer.KeeperRun run = client.runKeeper();
        for (Topics.Message message : run.messages()) {
            System.out.println("event: " + message.attributes().get("event"));
            System.out.println("subject: " + message.subject() + "\n\n" + message.text() + "\n");
        }
        if (!run.succeeded()) {
            say("./local keeper: the keeper failed, or another run of it has not ended; try again");
            return 1;
        }
        if (run.messages().isEmpty()) {
            say("the keeper has published no message");
        }
        return 0;
    }

    /** Runs the keeper of a stack, as its schedule does. */
    private ControlServer.KeeperRun keeper(Stack stack) {
        List<Topics.Message> before = messages();
        boolean succeeded = cloud.state().events().fireSchedules(stack.name() + "-SpotKeeper");
        List<Topics.Message> after = messages();
        return new ControlServer.KeeperRun(succeeded, after.subList(before.size(), after.size()));
    }

    /** Returns the messages of all topics. There is only one topic here. */
    private List<Topics.Message> messages() {
        Topics topics = cloud.state().topics();
        return topics.arns().stream()
                .flatMap(arn -> topics.messages(arn).stream())
                .toList();
    }

    /** Returns the only running service, or that which SPOT_URL names. If there is none, says so and returns null. */
    private static <T> @Nullable T select(String command, List<T> all, Function<T, String> urlOf) {
        String url = withoutToken(System.getenv("SPOT_URL"));
        List<T> running = all.stream()
                .filter(service -> url == null || url.equals(urlOf.apply(service)))
                .toList();
        if (running.size() == 1) {
            return running.getFirst();
        }
        say(
                running.isEmpty()
                        ? command + ": no service is running" + (url == null ? "" : " at " + url)
                                + "; start one with ./local in another terminal"
                        : command + ": several services are running; set SPOT_URL to the URL of one: "
                                + String.join(" ", running.stream().map(urlOf).toList()));
        return null;
    }

    /**
     * Returns a URL without its query and fragment, because they may hold a token for a browser or for spot, which must
     * not be printed.
     */
    private static @Nullable String withoutToken(@Nullable String url) {
        return url == null ? null : url.replaceFirst("(?s)[?#].*", "");
    }

    private void show(String url, @Nullable String minter) {
        String signed = "curl -s --aws-sigv4 aws:amz:%s:lambda --user %s:%s"
                .formatted(REGION, cloud.caller().id(), cloud.caller().secret());
        System.out.println("""

                %s

                %s \\
                  -d '{"task":"price","types":["m7g.large","m6g.large"],"products":["Linux/UNIX"]}' \\
                  %s

                ./local mfa, in another terminal, shows the code of the operator's MFA device.
                ./local keeper runs the keeper, and shows the messages that it publishes.
                Ctrl-C stops everything.
                """.formatted(url, minter == null ? signed : tokenCommands(signed, minter), url));
    }

    /** Does the same as {@code aws lambda invoke}. The token is the first member of the answer. */
    private String tokenCommands(String signed, String minter) {
        return """
                TOKEN=$(%s \\
                  -d '{"tasks":["price"],"life":"10m"}' \\
                  %s/2015-03-31/functions/%s/invocations | cut -d '"' -f 4)
                curl -s -H "Authorization: Bearer $TOKEN"\
                """.formatted(signed, cloud.url(), minter);
    }

    /** Advances the simulation until the process ends. */
    private void tick() {
        Simulation simulation = new Simulation(cloud, SEED);
        UserDataRunner userData = new UserDataRunner(
                cloud.state().instanceStore(), cloud.state().clock(), children, output.resolve("instances"));
        try {
            while (true) {
                simulation.tick();
                if (runsUserData) {
                    userData.tick();
                }
                Thread.sleep(TICK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isInstalled(Path folder, String command) {
        return command.contains("/")
                ? Files.isExecutable(folder.resolve(command))
                : find(command, path()).isPresent();
    }

    private static Optional<Path> find(String command, String path) {
        return Arrays.stream(path.split(File.pathSeparator))
                .map(one -> Path.of(one, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String path() {
        return System.getenv().getOrDefault("PATH", "");
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            say("cannot delete " + folder + ": " + e.getMessage());
        }
    }

    private static void say(String line) {
        System.err.println(line);
    }
}
