package io.github.spotspec.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.CdkCli;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.ec2.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the acceptance run, unchanged, as a process against a local cloud. */
final class AcceptanceIT {
    private static final String REGION = "us-west-2";
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (.*?) \\| (.*?) \\| (.*) \\|$");

    /** The local cloud has no instances that boot, no bills, no FIS and no log of Lambda's restores. */
    private static final Set<String> NOT_SETTLED_HERE = new TreeSet<>(Set.of(
            "How long EC2 keeps the console output of an ended instance",
            "How long EC2 takes to show console output",
            "How long SnapStart takes to restore, and the function then to answer",
            "How long after endWhenIdle an idle instance ends",
            "How long the metadata takes to show a moved lease",
            "The service notices an interruption (AWS FIS)",
            "Which errors of a fleet mean that there is no capacity",
            "Which minute begins an hour on the bill"));

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
                if (cloud.state().events().ruleArns().stream().anyMatch(arn -> arn.contains("spotspec-accept-"))) {
                    cloud.state().events().fireSchedules("spotspec-accept-");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<String> everything() {
        Set<String> ids = new TreeSet<>(cloud.state().resourceIds());
        ids.addAll(cloud.state().objects().buckets().keySet());
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
        List<String> command = new ArrayList<>(List.of(
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

    private String report(Process run, String input) throws Exception {
        try (OutputStream in = run.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
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
        List<String> reported =
                ROW.matcher(report).results().map(row -> row.group(1).strip()).toList();
        return names.stream()
                .filter(name -> reported.stream()
                        .noneMatch(Pattern.compile(Pattern.quote(name).replace("…", "\\E.*\\Q"))
                                .asMatchPredicate()))
                .toList();
    }

    /** Takes most of a minute, because it deploys, launches and rotates all that an importer would. */
    @Test
    void reportsAllPromisesAndLeavesNothing() throws Exception {
        Process run = start();
        String report = report(run, "yes\n");

        assertEquals(List.of(), rows(report, "NOT HELD"), report);
        assertEquals(0, run.exitValue(), report);
        assertEquals(List.of(), documentedRowsThatAreMissing(report), report);
        assertEquals(NOT_SETTLED_HERE, new TreeSet<>(rows(report, "not settled")), report);
        assertEquals(before, everything(), report);
        assertEquals(List.of(), alive(), report);
    }

    @Test
    @Tag("long")
    void reportsOnlyThePromiseThatAFaultBreaks() throws Exception {
        cloud.state().secrets().moveCurrentWithOtherStages(true);

        Process run = start("-Dlive.yes=true");
        String report = report(run, "");

        assertEquals(
                List.of("A put with a label of its own leaves AWSCURRENT where it is"),
                rows(report, "NOT HELD"),
                report);
        assertEquals(1, run.exitValue(), report);
        assertEquals(before, everything(), report);
    }

    @Test
    @Tag("long")
    void leavesNothingAfterCtrlC() throws Exception {
        Process run = start("-Dlive.yes=true");
        while (run.isAlive() && alive().isEmpty()) {
            Thread.onSpinWait();
        }

        // SIGTERM, which a JVM handles like SIGINT.
        run.destroy();
        String report = report(run, "");

        assertTrue(report.contains("acceptance: stopped"), report);
        assertEquals(List.of(), rows(report, "NOT HELD"), report);
        assertEquals(before, everything(), report);
        assertEquals(List.of(), alive(), report);
    }

    @Test
    void doesNothingWithoutConfirmation() throws Exception {
        Process run = start();
        String report = report(run, "no\n");

        assertEquals(2, run.exitValue(), report);
        assertEquals(before, everything());
    }
}
