package io.github.spotspec.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Deploys the service to the account of the AWS default chain, checks each promise, prints the report, and deletes
 * everything. The exit status is 0 if every promise held or could not be settled, 1 if one did not hold, 2 if the run
 * was not started, and 130 after Ctrl-C.
 */
public final class Acceptance {
    /** How many instances a run launches at most, also if no price is too low. */
    private static final int INSTANCES = 20;

    /** How many of them the service launches at most, also if a promise about repeated launches does not hold. */
    private static final int INSTANCES_OF_SERVICE = 5;

    /**
     * The most that the surplus CPU credits of an instance cost in an hour, in US dollars: $0.04 for each of two vCPUs.
     * The instances that the service launches use them, because EC2 launches T4g instances as unlimited by default.
     */
    private static final BigDecimal SURPLUS_CREDITS = new BigDecimal("0.08");

    /** The most that a public address and a volume of 8 GiB of an instance cost in an hour, in US dollars. */
    private static final BigDecimal ADDRESS_AND_VOLUME = new BigDecimal("0.007");

    /** The most that secrets, metrics, requests and logs of a run cost, in US dollars. */
    private static final BigDecimal REST = new BigDecimal("0.05");

    /**
     * With the 8 characters that follow, an id is no longer than 25 characters, so that CloudFormation does not shorten
     * it in the names that it generates.
     */
    private static final String PREFIX = "spotspec-accept-";

    /** How long a run and its teardown take, besides the waits of {@link Patience}. */
    private static final Duration SHORT_WAITS = Duration.ofMinutes(30);

    /** How many waits of {@link Patience} a run has. */
    private static final int LONG_WAITS = 3;

    /** How long Ctrl-C waits for the teardown, which deletes a stack and repeats what fails. */
    private static final Duration LONGEST_TEARDOWN = Duration.ofHours(4);

    private static final int NOT_HELD = 1;
    private static final int NOT_STARTED = 2;

    private final Run run;
    private final Path folder;
    private final boolean interruption;
    private final Report report;
    private final Teardown teardown;
    private final Deployment deployment;
    private final Instant start = Instant.now();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private boolean finishing;
    private final CountDownLatch ended = new CountDownLatch(1);

    private Acceptance(Run run, Path folder, boolean interruption) {
        this.run = run;
        this.folder = folder;
        this.interruption = interruption;
        deployment = new Deployment(run, folder);
        teardown = new Teardown(run, deployment, Teardown.Times.AWS);
        report =
                new Report("Acceptance run " + run.id() + " in " + run.account().region() + " at "
                        + System.getenv().getOrDefault("AWS_ENDPOINT_URL", "AWS") + ", " + Instant.now());
    }

    /**
     * Runs. The options are system properties: {@code live.yes} continues without asking, {@code live.fis} also
     * interrupts an instance, {@code live.patience} is a {@link Patience}, and {@code live.teardown} only deletes what
     * an earlier run left, whose id is the value.
     */
    public static void main(String[] args) throws Exception {
        Patience patience;
        Account account;
        try {
            patience = Patience.parse(System.getProperty("live.patience", "PT8M"));
            account = Account.ofDefaultChain();
        } catch (IllegalArgumentException e) {
            say("acceptance: " + e.getMessage());
            System.exit(NOT_STARTED);
            return;
        } catch (SdkException e) {
            say("acceptance: the AWS default chain gives no region or no working credentials: " + e.getMessage());
            System.exit(NOT_STARTED);
            return;
        }
        String earlier = System.getProperty("live.teardown", "");
        if (!earlier.isEmpty()) {
            if (!earlier.matches(PREFIX + "[0-9a-f]{8}")) {
                say("acceptance: live.teardown must be the id of a run, such as " + PREFIX + "0123abcd");
                System.exit(NOT_STARTED);
            }
            Run run = new Run(earlier, account, patience);
            say("This deletes what the run %s left in the account %s in %s, as %s."
                    .formatted(earlier, account.id(), account.region(), account.caller()));
            Acceptance acceptance = acceptance(run, false);
            if (!acceptance.isInItsRegion()) {
                System.exit(NOT_STARTED);
            }
            System.exit(acceptance.check(List.of()));
        }
        Instant end = Instant.now()
                .plus(SHORT_WAITS)
                .plus(patience.time().multipliedBy(LONG_WAITS))
                .truncatedTo(ChronoUnit.SECONDS);
        String objection = objection(account.caller(), System.getenv(), end);
        if (objection == null) {
            objection = objectionOfIam(account);
        }
        if (objection != null) {
            say("acceptance: " + objection);
            System.exit(NOT_STARTED);
        }
        boolean interruption = Boolean.getBoolean("live.fis");
        byte[] random = new byte[4];
        new java.security.SecureRandom().nextBytes(random);
        Run run = new Run(PREFIX + HexFormat.of().formatHex(random), account, patience);
        describe(run, interruption);
        if (lacksExpiration(System.getenv())) {
            say(
                    "The credentials are temporary, and no variable says when they expire. The teardown may need them until "
                            + end + ".");
        }
        if (!Boolean.getBoolean("live.yes") && !confirmed()) {
            say("acceptance: nothing was done, because the answer was not yes; -Dlive.yes continues without asking");
            System.exit(NOT_STARTED);
        }
        Acceptance acceptance = acceptance(run, interruption);
        System.exit(acceptance.check(acceptance.promises()));
    }

    /**
     * Returns why a run cannot start with the caller's credentials, or null if it can.
     *
     * @param environment the environment variables. The AWS CLI exports when credentials expire; other sources renew
     *     theirs
     * @param end until when the credentials must be valid
     */
    static @Nullable String objection(String caller, Map<String, String> environment, Instant end) {
        if (caller.endsWith(":root")) {
            return "the credentials are those of the root user, who cannot assume roles; use an administrator's";
        }
        String expiration = environment.get("AWS_CREDENTIAL_EXPIRATION");
        try {
            return expiration == null
                            || !OffsetDateTime.parse(expiration).toInstant().isBefore(end)
                    ? null
                    : "the credentials expire at " + expiration + ", but the teardown may need them until " + end
                            + "; export new ones, or lower live.patience";
        } catch (DateTimeParseException e) {
            return "AWS_CREDENTIAL_EXPIRATION is '" + expiration + "'; it must be a time such as 2026-03-04T05:06:07Z";
        }
    }

    /** Returns whether the environment has temporary credentials and does not say when they expire. */
    static boolean lacksExpiration(Map<String, String> environment) {
        return !environment.getOrDefault("AWS_SESSION_TOKEN", "").isEmpty()
                && !environment.containsKey("AWS_CREDENTIAL_EXPIRATION");
    }

    /** Asks IAM, which answers some sessions with an error, such as those of GetSessionToken without an MFA code. */
    private static @Nullable String objectionOfIam(Account account) {
        try {
            account.iam().listRoles();
            return null;
        } catch (SdkException e) {
            return "the credentials cannot list the account's roles, which the teardown must: " + Promise.words(e);
        }
    }

    private static Acceptance acceptance(Run run, boolean interruption) throws IOException {
        Path folder = Files.createDirectories(
                Path.of(System.getProperty("live.folder", "target/acceptance")).resolve(run.id()));
        return new Acceptance(run, folder.toAbsolutePath(), interruption);
    }

    /** Returns whether the bucket of an earlier run is in this region, or is gone. Otherwise says where it is. */
    private boolean isInItsRegion() throws InterruptedException {
        String region = run.account().region();
        try {
            String bucket = deployment.bucketRegion();
            if (bucket.isEmpty() || bucket.equals(region)) {
                return true;
            }
            say("acceptance: the run was in " + bucket + " and not in " + region
                    + "; nothing was deleted. Use AWS_REGION=" + bucket);
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception e) {
            say("acceptance: cannot find out in which region the run was; nothing was deleted: " + Promise.words(e));
        }
        return false;
    }

    private static void describe(Run run, boolean interruption) {
        Account account = run.account();
        BigDecimal most = AcceptanceApp.MAX_PRICE
                .add(ADDRESS_AND_VOLUME)
                .multiply(BigDecimal.valueOf(INSTANCES))
                .add(SURPLUS_CREDITS.multiply(BigDecimal.valueOf(INSTANCES_OF_SERVICE)))
                .add(REST)
                .setScale(2, RoundingMode.CEILING);
        say("""
                This deploys a stack to the account %s in %s as %s,
                launches up to %d Spot Instances of type %s for minutes, and deletes everything.
                It costs at most $%s%s and takes about half an hour on AWS.
                Everything that it makes has the tag %s, or its name starts with %s. It touches nothing else.
                If this process is killed, delete what is left with: %s\
                """.formatted(
                        account.id(),
                        account.region(),
                        account.caller(),
                        INSTANCES,
                        AcceptanceApp.TYPE,
                        most,
                        interruption ? ", and $0.50 for AWS FIS," : "",
                        Run.TAG,
                        run.id(),
                        command(run)));
    }

    /** Returns the command that deletes what a run left. */
    private static String command(Run run) {
        return "AWS_REGION=" + run.account().region() + " mvn verify -Plive -Dlive.teardown=" + run.id();
    }

    private static boolean confirmed() throws IOException {
        System.err.print("Type yes to continue: ");
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return line != null && line.strip().equals("yes");
    }

    /** Settles promises and then deletes everything, also after Ctrl-C. Returns the exit status. */
    private int check(List<Promise> promises) throws Exception {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(main)));
        try {
            for (Promise promise : promises) {
                settle(promise);
            }
        } catch (InterruptedException stopped) {
            say("acceptance: stopped");
        } finally {
            protectFromInterrupts();
            finish();
        }
        return status();
    }

    /** Stops the checks after Ctrl-C, and keeps the process until everything is deleted. */
    private void stop(Thread main) {
        if (ended.getCount() == 0) {
            return;
        }
        say("acceptance: deleting everything; this takes minutes");
        synchronized (this) {
            stopping.set(true);
            if (!finishing) {
                main.interrupt();
            }
        }
        try {
            if (!ended.await(LONGEST_TEARDOWN.toMinutes(), TimeUnit.MINUTES)) {
                say("acceptance: things of " + run.id() + " may be left");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins the teardown, which Ctrl-C must not interrupt. */
    private synchronized void protectFromInterrupts() {
        finishing = true;
        Thread.interrupted();
    }

    private List<Promise> promises() {
        return Stream.of(
                        List.of(new Promise("The CDK CLI deploys the stack", this::deploy)),
                        Ec2Promises.first(),
                        RequestPromises.all(),
                        SecretPromises.first(),
                        InstancePromises.launch(),
                        InstancePromises.operator(),
                        FleetPromises.all(),
                        Ec2Promises.all(),
                        InstancePromises.life(),
                        InstancePromises.interruption(interruption),
                        SecretPromises.all(),
                        Ec2Promises.last())
                .flatMap(List::stream)
                .toList();
    }

    private Result deploy(Run deployed) throws Exception {
        Instant start = Instant.now();
        deployed.deployed(deployment.deploy(interruption));
        return Result.held(Duration.between(start, Instant.now()).toSeconds() + " s");
    }

    private void settle(Promise promise) throws InterruptedException {
        Result result = promise.settle(run);
        // A call that Ctrl-C interrupts says nothing about its promise.
        if (stopping.get() || Thread.interrupted()) {
            throw new InterruptedException();
        }
        add(promise, result);
    }

    private void add(Promise promise, Result result) {
        report.add(promise, result);
        String words = result.words().isEmpty() ? "" : " – " + result.words();
        say("%4d s  %-12s %s%s"
                .formatted(
                        Duration.between(start, Instant.now()).toSeconds(), result.outcome(), promise.words(), words));
    }

    /** Deletes everything, checks that nothing is left, and prints the report. */
    private void finish() throws InterruptedException {
        try {
            boolean deleted = finish(new Promise("Every step of the teardown succeeds", ignored -> teardown.run()));
            for (Promise promise : teardown.promises()) {
                deleted &= finish(promise);
            }
            System.out.println();
            System.out.println(report);
            if (!deleted) {
                say("acceptance: delete what is left with: " + command(run));
            }
            write();
        } finally {
            ended.countDown();
        }
    }

    /** Writes the report into the folder, which another build may have deleted. */
    private void write() {
        Path file = folder.resolve("report.md");
        try {
            Files.createDirectories(folder);
            Files.writeString(file, report.toString());
            say("The report is also in " + file);
        } catch (IOException e) {
            say("acceptance: cannot write the report to " + file + ": " + e);
        }
    }

    private boolean finish(Promise promise) throws InterruptedException {
        Result result = promise.settle(run);
        add(promise, result);
        return result.outcome() == Result.Outcome.HELD;
    }

    private int status() {
        return report.allHeld() ? 0 : NOT_HELD;
    }

    static void say(String line) {
        System.err.println(line);
    }
}
