package io.github.spotspec.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.CdkCli;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.ec2.SpotRequest;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.service.Faults;
import io.github.spotspec.local.wire.AwsError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.model.StsException;

/** Runs the acceptance run, unchanged, as a process against a local cloud. */
final class AcceptanceIT {
    private static final String REGION = "us-west-2";
    /** The rows of a run, in order, so that none vanishes. */
    private static final Path GOLDEN = Path.of(System.getProperty("project", ""))
            .resolve("test/e2e/src/test/resources/io/github/spotspec/acceptance/rows.txt");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| (.*?) \\| (.*?) \\| (.*) \\|$");

    /** The local cloud has no bills and no log of Lambda's restores. FIS was not asked for. */
    private static final Set<String> NOT_SETTLED_HERE = new TreeSet<>(Set.of(
            "How long SnapStart takes to restore, and the function then to answer",
            "How long after endWhenIdle an idle instance ends",
            "The service notices an interruption (AWS FIS)",
            "Which errors of a fleet mean that there is no capacity",
            "Which minute begins an hour on the bill"));

    private static final List<String> TEARDOWN = List.of(
            "Every step of the teardown succeeds",
            "No fleet, instance, spot request or launch template of the run is left",
            "No user, role, instance profile, policy or MFA device with the run's name is left",
            "Nothing else in the region has the run's tag");

    private final LocalCloud cloud;
    private final Path folder;
    private final Set<String> before;

    AcceptanceIT(@TempDir Path folder) throws Exception {
        this.folder = folder;
        cloud = LocalCloud.start(folder.resolve("cloud"), 7);
        cloud.state().host().runSnapshotHooks(false);
        before = everything();
    }

    private final Thread time = Thread.ofVirtual().unstarted(this::passTime);

    @BeforeEach
    void startTime() {
        time.start();
    }

    @AfterEach
    void close() {
        time.interrupt();
        cloud.close();
    }

    /** Fires the schedules every second, because minutes are long for a test. */
    private void passTime() {
        try {
            while (true) {
                Thread.sleep(1_000);
                fireSchedules();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fireSchedules() {
        if (cloud.state().events().ruleArns().stream().noneMatch(arn -> arn.contains("spotspec-accept-"))) {
            return;
        }
        try {
            cloud.state().events().fireSchedules("spotspec-accept-");
        } catch (AwsError | IllegalArgumentException deleted) {
            // The teardown deletes a function before its schedule, or the schedule in between.
        }
    }

    private Set<String> everything() {
        Set<String> ids = new TreeSet<>(cloud.state().resourceIds());
        ids.addAll(cloud.state().objects().buckets().keySet());
        cloud.stacks().all().forEach(stack -> ids.add("stack " + stack.name()));
        cloud.state().launchTemplates().all().forEach(template -> ids.add(template.id()));
        cloud.state().instanceStore().allRequests().stream()
                .filter(SpotRequest::isAlive)
                .forEach(request -> ids.add(request.id()));
        ids.addAll(alive());
        return ids;
    }

    private List<String> alive() {
        return cloud.state().instanceStore().all().stream()
                .filter(Instance::isAlive)
                .map(Instance::id)
                .toList();
    }

    /** Starts the run. */
    private Process start(String... options) throws Exception {
        return start(Map.of(), options);
    }

    private Process start(Map<String, String> environment, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                // As in a terminal: Ctrl-C reaches the run and its children, even if this process ignores it.
                "env",
                "--default-signal=INT",
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dproject=" + System.getProperty("project"),
                "-Dlive.patience=PT0.3S",
                "-Dlive.folder=" + folder.resolve("out"),
                "-Djavax.net.ssl.trustStoreType=PKCS12",
                "-Djavax.net.ssl.trustStore=" + cloud.tls().store()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Acceptance.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command);
        CdkCli.local(
                builder,
                cloud.secureUrl(),
                REGION,
                cloud.admin().id(),
                cloud.admin().secret());
        builder.environment().putAll(environment);
        // For the CDK CLI.
        builder.environment().put("AWS_CA_BUNDLE", certificate().toString());
        // The unit tests of infra run the template checks of the CDK.
        builder.environment().put("CDK_VALIDATION", "false");
        builder.environment().put("CDK_HOME", folder.resolve("cdk-home").toString());
        return builder.redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("out.md").toFile())
                .start();
    }

    /** Writes the certificate of the local cloud in the form that Node.js reads. */
    private Path certificate() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(cloud.tls().store())) {
            store.load(in, null);
        }
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(
                        store.getCertificate(store.aliases().nextElement()).getEncoded());
        return Files.writeString(
                folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    }

    private static void answer(Process run, String input) throws IOException {
        try (OutputStream in = run.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Waits until the run has ended, and returns what it printed. */
    private String report(Process run) throws Exception {
        boolean ended = run.waitFor(3, TimeUnit.MINUTES);
        run.destroyForcibly();
        assertTrue(ended, () -> "the run hangs: " + read("err"));
        return read("out.md") + read("err");
    }

    private String read(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the names of all rows. */
    private static List<String> rows(String report) {
        return ROW.matcher(report)
                .results()
                .map(row -> row.group(1).strip())
                .filter(name -> !name.equals("Promise or question"))
                .toList();
    }

    /** Waits until the run has launched an instance. */
    private void awaitInstance(Process run) {
        while (run.isAlive() && alive().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private Account account(Identities.AccessKey key) {
        return new Account(
                Region.of(REGION),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret())),
                URI.create(cloud.url()));
    }

    /** Returns the run's roles that a user can assume who may assume every role of the account. */
    private List<String> rolesThatOthersCanAssume() {
        Identities identities = cloud.state().identities();
        identities.putUserPolicy(
                "caller",
                "assume",
                PolicyDocument.parse(Map.of(
                        "Version",
                        "2012-10-17",
                        "Statement",
                        List.of(Map.of("Effect", "Allow", "Action", "sts:AssumeRole", "Resource", "*")))));
        Account other = account(cloud.caller());
        List<String> roles = identities.roleArns().stream()
                .filter(arn -> arn.contains("/spotspec-accept-"))
                .toList();
        assertTrue(roles.size() > ConditionKey.values().length, roles.toString());
        return roles.stream()
                .filter(arn -> {
                    try {
                        other.sts().assumeRole(request -> request.roleArn(arn).roleSessionName("other"));
                        return true;
                    } catch (StsException denied) {
                        return false;
                    }
                })
                .toList();
    }

    /**
     * Returns the instances that no keeper ends and that do not end without the run either, or that may use surplus
     * credits.
     */
    private List<String> endless() {
        return cloud.state().instanceStore().all().stream()
                .filter(instance -> !instance.tags().containsKey(InstancePromises.SERVICE))
                .filter(instance -> !endsWithoutTheRun(instance.launchSpecification()))
                .map(instance -> instance.id() + " " + instance.tags())
                .toList();
    }

    private static boolean endsWithoutTheRun(LaunchSpecification launch) {
        String userData = launch.options().userData();
        Instant until = launch.market().validUntil();
        boolean restarts = launch.market().interruption().equals("stop");
        return launch.options().shutdownBehavior().equals("terminate")
                && "standard".equals(launch.options().cpuCredits())
                && userData != null
                && new String(Base64.getDecoder().decode(userData), StandardCharsets.UTF_8)
                        .contains(restarts ? "/per-boot" : "shutdown -h +60")
                && (!launch.market().persistent()
                        || (until != null && until.isBefore(Instant.now().plus(Duration.ofHours(1)))));
    }

    /** Returns the promises with a result. */
    private static List<String> rows(String report, String result) {
        List<String> found = new ArrayList<>();
        Matcher row = ROW.matcher(report);
        while (row.find()) {
            if (row.group(2).equals(result)) {
                found.add(row.group(1));
            }
        }
        return found;
    }

    /** Returns the words of the row whose name starts with some text. */
    private static String words(String report, String name) {
        return ROW.matcher(report)
                .results()
                .filter(row -> row.group(1).startsWith(name))
                .findFirst()
                .orElseThrow()
                .group(3)
                .strip();
    }

    /** Returns the names of rows in the document that match no row of the report. */
    private static List<String> documentedRowsThatAreMissing(String report) throws IOException {
        String document =
                Files.readString(Path.of(System.getProperty("project", "")).resolve("docs/acceptance.md"));
        List<String> names = Pattern.compile("[*]([^*\n]+)[*]")
                .matcher(document.substring(
                        document.indexOf("## What it settles"), document.indexOf("## Against the local cloud")))
                .results()
                .map(name -> name.group(1))
                .toList();
        assertTrue(names.size() > 15, names.toString());
        List<String> reported = rows(report);
        return names.stream()
                .filter(name -> reported.stream()
                        .noneMatch(Pattern.compile(Pattern.quote(name).replace("…", "\\E.*\\Q"))
                                .asMatchPredicate()))
                .toList();
    }

    /** Writes to the consoles what the user data of the run writes, because no instance boots in the local cloud. */
    private void writeLeases() {
        for (Instance instance : cloud.state().instanceStore().all()) {
            String lease = instance.tags().get(InstancePromises.LEASE);
            if (lease != null) {
                instance.console()
                        .write("acceptance: %s at %s\n"
                                .formatted(lease, Instant.now().truncatedTo(ChronoUnit.SECONDS)));
            }
        }
    }

    /** Takes most of a minute, because it deploys, launches and rotates all that an importer would. */
    @Test
    void reportsAllPromisesAndLeavesNothing() throws Exception {
        cloud.faults().choose((action, region) -> {
            if (action.equals("ec2:GetConsoleOutput")) {
                writeLeases();
            }
            return null;
        });
        Process run = start();
        answer(run, "yes\n");
        awaitInstance(run);
        List<String> assumed = rolesThatOthersCanAssume();
        String report = report(run);

        assertEquals(List.of(), rows(report, "NOT HELD"), report);
        assertEquals(0, run.exitValue(), report);
        assertEquals(Files.readString(GOLDEN).lines().toList(), rows(report), report);
        assertEquals(List.of(), documentedRowsThatAreMissing(report), report);
        assertEquals(NOT_SETTLED_HERE, new TreeSet<>(rows(report, "not settled")), report);
        assertTrue(
                words(report, "How long SnapStart").startsWith("Lambda reports no restore; the first answer"), report);
        assertTrue(words(report, "How long the metadata").matches("\\d+ s"), report);
        assertEquals(before, everything(), report);
        assertEquals(List.of(), endless(), report);
        assertEquals(List.of(), assumed);
    }

    @Test
    @Tag("long")
    void reportsOnlyThePromiseThatAFaultBreaks() throws Exception {
        cloud.state().secrets().moveCurrentWithOtherStages(true);

        Process run = start("-Dlive.yes=true");
        String report = report(run);

        assertEquals(
                List.of("A put with a label of its own leaves AWSCURRENT where it is"),
                rows(report, "NOT HELD"),
                report);
        assertEquals(1, run.exitValue(), report);
        assertEquals(before, everything(), report);
    }

    /**
     * Sends what interrupts the run's instance, and no other one. Only the notice is simulated, not the interruption.
     */
    @Test
    @Tag("long")
    void noticesInterruptionByFis() throws Exception {
        String other = launchAnother();
        before.addAll(everything());
        cloud.faults().choose((action, region) -> {
            if (action.equals("fis:StartExperiment")) {
                addToService(other);
            }
            return null;
        });

        Process run = start("-Dlive.yes=true", "-Dlive.fis=true");
        String report = report(run);

        assertTrue(rows(report, "held").contains("The service notices an interruption (AWS FIS)"), report);
        assertEquals(List.of(), rows(report, "NOT HELD"), report);
        assertEquals(1, cloud.state().experiments().tagsByArn().size(), report);
        assertEquals(before, everything(), report);
    }

    /** Launches an instance that is not the run's, and returns its id. */
    private String launchAnother() {
        Account account = account(cloud.admin());
        return account.ec2()
                .runInstances(request -> request.imageId(cloud.state().images().id(REGION, "al2023-arm64"))
                        .instanceType(AcceptanceApp.TYPE)
                        .minCount(1)
                        .maxCount(1)
                        .instanceMarketOptions(market -> market.marketType("spot")))
                .instances()
                .getFirst()
                .instanceId();
    }

    /** Gives an instance the service's tag, so that AWS FIS could take it for the one that the run launched. */
    private void addToService(String id) {
        String service = cloud.state().instanceStore().all().stream()
                .map(instance -> instance.tags().get(InstancePromises.SERVICE))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        cloud.state().instanceStore().tag(id, Map.of(InstancePromises.SERVICE, service, Run.TAG, "another"));
    }

    /** Presses Ctrl-C while AWS answers a request, and again while it answers a later one. */
    private void pressCtrlC(AtomicReference<@Nullable Process> run, String... actions) {
        Deque<String> left = new ConcurrentLinkedDeque<>(List.of(actions));
        cloud.faults().choose((action, region) -> {
            Process running = run.get();
            if (running != null && action.equals(left.peek())) {
                left.remove();
                interrupt(running);
            }
            return null;
        });
    }

    /** Sends the signal of Ctrl-C to the run and its children. */
    private static void interrupt(Process run) {
        try {
            new ProcessBuilder("kill", "-s", "INT", "--", "-" + run.pid())
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The second Ctrl-C comes during the teardown. */
    @ParameterizedTest
    @ValueSource(strings = {"cloudformation:ExecuteChangeSet", "ec2:RunInstances"})
    @Tag("long")
    void leavesNothingAfterCtrlC(String action) throws Exception {
        AtomicReference<@Nullable Process> process = new AtomicReference<>();
        pressCtrlC(process, action, "cloudformation:DeleteStack");
        Process run = start("-Dlive.yes=true");
        process.set(run);

        String report = report(run);

        assertTrue(report.contains("acceptance: stopped"), report);
        assertEquals(4, rows(report, "held").stream().filter(TEARDOWN::contains).count(), report);
        assertEquals(List.of(), rows(report, "NOT HELD"), report);
        assertEquals(before, everything(), report);
    }

    /** Kills the run, as a machine that runs out of memory does, while AWS answers a request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cloudformation:ExecuteChangeSet",
                "ec2:RunInstances",
                "iam:CreateAccessKey",
                "cloudformation:DeleteStack"
            })
    @Tag("long")
    void teardownDeletesEverythingOfKilledRun(String action) throws Exception {
        tearDownKilled(action::equals);
    }

    /** EC2 then launches again what the teardown ends, until the request is canceled. */
    @Test
    @Tag("long")
    void teardownDeletesPersistentRequestOfKilledRun() throws Exception {
        tearDownKilled(action -> cloud.state().instanceStore().allRequests().stream()
                .anyMatch(request -> request.isAlive()
                        && request.launchSpecification().market().persistent()));
    }

    /**
     * Kills a run at the first request for whose action a condition is met. The CDK CLI survives, if it is running.
     * Then deletes what is left, with the id that the run printed first.
     */
    private void tearDownKilled(Predicate<String> when) throws Exception {
        AtomicReference<@Nullable Process> process = new AtomicReference<>();
        Set<ProcessHandle> children = ConcurrentHashMap.newKeySet();
        cloud.faults().choose((action, region) -> {
            Process running = process.get();
            if (running != null && when.test(action)) {
                running.descendants().forEach(children::add);
                running.destroyForcibly();
            }
            return null;
        });
        Process run = start("-Dlive.yes=true");
        process.set(run);
        String killed = report(run);
        cloud.faults().choose(null);
        assertEquals(128 + 9, run.exitValue(), killed);
        Matcher id = Pattern.compile("-Dlive.teardown=(\\S+)").matcher(killed);
        assertTrue(id.find(), killed);
        assertNotEquals(before, everything(), killed);

        Process teardown = start("-Dlive.teardown=" + id.group(1));
        String report = report(teardown);
        children.forEach(ProcessHandle::destroyForcibly);

        assertEquals(TEARDOWN, rows(report, "held"), report);
        assertEquals(0, teardown.exitValue(), report);
        assertEquals(before, everything(), report);
    }

    @Test
    void finishesTeardownOfAnEarlierRunAfterCtrlC() throws Exception {
        String id = "spotspec-accept-0123abcd";
        cloud.state().objects().createBucket(id);
        cloud.stacks().createChangeSet(REGION, id, "set", true, "{\"Resources\": {}}", Map.of(), Map.of());
        AtomicReference<@Nullable Process> process = new AtomicReference<>();
        pressCtrlC(process, "cloudformation:DeleteStack");
        Process run = start("-Dlive.teardown=" + id);
        process.set(run);

        String report = report(run);

        assertTrue(report.contains(id + " left in the account " + LocalCloud.ACCOUNT + " in " + REGION), report);
        assertEquals(TEARDOWN, rows(report, "held"), report);
        assertEquals(List.of(), cloud.stacks().all(), report);
        assertEquals(before, everything(), report);
    }

    /** Another build in the same checkout deletes the folder. Here a file is in its place. */
    @Test
    void printsReportThoughItsFolderIsGone() throws Exception {
        Path out = folder.resolve("out");
        AtomicBoolean replaced = new AtomicBoolean();
        cloud.faults().choose((action, region) -> {
            if (action.equals("cloudformation:DescribeStacks") && replaced.compareAndSet(false, true)) {
                replaceByFile(out);
            }
            return null;
        });
        Process run = start("-Dlive.teardown=spotspec-accept-0123abcd");
        String report = report(run);

        assertTrue(replaced.get(), report);
        assertEquals(TEARDOWN, rows(report, "held"), report);
        assertEquals(0, run.exitValue(), report);
    }

    private static void replaceByFile(Path out) {
        try {
            Files.delete(out.resolve("spotspec-accept-0123abcd"));
            Files.delete(out);
            Files.createFile(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In another region, the teardown would delete the user's keys and leave the service. */
    @Test
    void deletesNothingOfAnEarlierRunInAnotherRegion() throws Exception {
        String id = "spotspec-accept-0123abcd";
        cloud.state().objects().createBucket(id, "eu-west-1");
        Set<String> left = everything();
        Process run = start("-Dlive.teardown=" + id);
        String report = report(run);

        assertEquals(2, run.exitValue(), report);
        assertTrue(report.contains("AWS_REGION=eu-west-1"), report);
        assertEquals(left, everything(), report);
    }

    @Test
    void rejectsPatienceThatOutlastsLeases() throws Exception {
        Process run = start("-Dlive.yes=true", "-Dlive.patience=PT30M");
        String report = report(run);

        assertEquals(2, run.exitValue(), report);
        assertTrue(report.contains("live.patience is 'PT30M'") && report.contains("PT20M"), report);
        assertEquals(before, everything());
    }

    @Test
    void rejectsCredentialsThatExpireBeforeTheTeardown() throws Exception {
        String soon = Instant.now()
                .plus(Duration.ofMinutes(20))
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        Process run = start(Map.of("AWS_CREDENTIAL_EXPIRATION", soon.replace("Z", "+00:00")), "-Dlive.yes=true");
        String report = report(run);

        assertEquals(2, run.exitValue(), report);
        assertTrue(report.contains("the credentials expire at"), report);
        assertEquals(before, everything());
    }

    @Test
    void rejectsTheRootUser() {
        String objection =
                Acceptance.objection("arn:aws:iam::123456789012:root", Map.of(), Instant.parse("2026-03-04T05:06:07Z"));

        assertTrue(objection != null && objection.contains("root user"), objection);
    }

    @Test
    void warnsOfTemporaryCredentialsWithUnknownEnd() {
        assertTrue(Acceptance.lacksExpiration(Map.of("AWS_SESSION_TOKEN", "token")));
        assertFalse(Acceptance.lacksExpiration(
                Map.of("AWS_SESSION_TOKEN", "token", "AWS_CREDENTIAL_EXPIRATION", "2026-03-04T05:06:07Z")));
        assertFalse(Acceptance.lacksExpiration(Map.of("AWS_ACCESS_KEY_ID", "AKIA")));
    }

    /** As for sessions of GetSessionToken without an MFA code. */
    @Test
    void rejectsCredentialsThatCannotUseIam() throws Exception {
        cloud.faults()
                .choose((action, region) -> action.startsWith("iam:")
                        ? new Faults.Fault.ErrorResponse(403, "InvalidClientTokenId", "The token is invalid")
                        : null);
        Process run = start("-Dlive.yes=true");
        String report = report(run);

        assertEquals(2, run.exitValue(), report);
        assertTrue(report.contains("cannot list the account's roles") && report.contains("The token"), report);
        assertEquals(before, everything());
    }

    @Test
    void doesNothingWithoutConfirmation() throws Exception {
        Process run = start();
        answer(run, "no\n");
        String report = report(run);

        assertEquals(2, run.exitValue(), report);
        assertEquals(before, everything());
    }
}
