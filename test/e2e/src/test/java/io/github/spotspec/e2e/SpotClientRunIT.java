package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.ChildProcesses;
import io.github.spotspec.local.UserDataRunner;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.Faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code spot run}. The user data of the instances runs on this computer. */
final class SpotClientRunIT extends SpotClientBase {
    static final int NOT_RUN = 125;
    private static final int EXPIRED = 124;
    private static final int INTERRUPTED = 130;
    private static final String CTRL_C = "\u0003";
    private static final Duration TICK = Duration.ofMillis(20);

    private final ChildProcesses children = new ChildProcesses();
    private volatile boolean over;
    private Thread ticking = Thread.ofVirtual().unstarted(() -> {});

    SpotClientRunIT(LocalDeployment service) {
        super(service);
    }

    @BeforeEach
    void runUserData() {
        UserDataRunner runner = new UserDataRunner(
                service.instanceStore(), service.cloud().state().clock(), children, folder.resolve("instances"));
        ticking = Thread.ofVirtual().start(() -> {
            while (!over) {
                runner.tick();
                LockSupport.parkNanos(TICK.toNanos());
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        over = true;
        ticking.join();
        children.close();
        service.clear();
    }

    /** Returns a client that pauses only briefly between requests. */
    private SpotClient impatient() throws Exception {
        return signed().withBriefPauses();
    }

    private static String[] run(String options, String... command) {
        return Stream.concat(
                        Stream.concat(Stream.of("run", "m7g.large"), Arrays.stream(options.split(" ")))
                                .filter(word -> !word.isEmpty()),
                        Stream.concat(Stream.of("--"), Arrays.stream(command)))
                .toArray(String[]::new);
    }

    @Test
    void exitsAsTheCommandAndEndsTheInstance() throws Exception {
        SpotClient client = impatient();
        SpotClient.Result ran = client.run(run("", "sh", "-c", "echo \"it's $1\"; echo two >&2; exit 3", "sh", "one"));

        assertEquals(3, ran.status(), ran.err());
        assertEquals(List.of("it's one", "two"), ran.lines());
        assertEquals(List.of(), service.alive());
        assertEquals(
                1,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
        assertEquals(List.of(), client.temporaryFiles());
    }

    private boolean isOfThisTest(Instance instance) {
        return Files.exists(folder.resolve("instances").resolve(instance.id()));
    }

    /** Returns the scripts of a workflow's steps, in order. */
    private static List<String> scripts(Path workflow) throws IOException {
        List<String> lines = Files.readAllLines(workflow);
        List<String> scripts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.strip().equals("run: |")) {
                int indent = line.indexOf("run:");
                scripts.add(lines.stream()
                        .skip(i + 1L)
                        .takeWhile(next -> next.isBlank()
                                || next.length() - next.stripLeading().length() > indent)
                        .collect(Collectors.joining("\n")));
            } else if (line.strip().startsWith("run: ")) {
                scripts.add(line.strip().substring("run: ".length()));
            }
        }
        return scripts;
    }

    /** Runs the steps as GitHub runs them: in bash, in a folder with the client. */
    @Test
    void workflowOfTheExampleRunsAndEndsItsInstance() throws Exception {
        List<String> scripts = scripts(LocalDeployment.PROJECT.resolve("examples/people-and-machines/job.yml"));
        assertEquals(2, scripts.size(), scripts.toString());
        Path workspace = Files.createDirectory(folder.resolve("workspace"));
        Files.createSymbolicLink(workspace.resolve("spot"), SpotClient.SCRIPT);
        SpotClient client = impatient().with("RUN", "job-7-1");

        SpotClient.Result ran = client.runCommand("", step(workspace, scripts.getFirst()));
        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(ran.lines().contains("working"), ran.out());

        // What a cancelled step leaves, which has no time to clean up.
        for (String name : List.of("job-7-1", "job-7-11")) {
            client.run("launch", "m7g.large", "-y", "--tag", "Name=" + name);
        }
        SpotClient.Result ended = client.runCommand("", step(workspace, scripts.getLast()));
        assertEquals(DONE, ended.status(), ended.err());
        assertEquals(
                List.of("job-7-11"),
                service.alive().stream()
                        .map(instance -> instance.tags().get("Name"))
                        .toList());
    }

    private static List<String> step(Path workspace, String script) {
        return List.of("bash", "-e", "-c", "cd '" + workspace + "'\n" + script);
    }

    @Test
    void runsWithTokenAndWithoutAwsKey() throws Exception {
        SpotClient client = loggedInWithToken("launch,console,end").withBriefPauses();

        SpotClient.Result ran = client.run(run("", "sh", "-c", "echo $((6 * 7)); exit 3"));

        assertEquals(3, ran.status(), ran.err());
        assertEquals(List.of("42"), ran.lines());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void runsScriptWithArgumentsAndVariables() throws Exception {
        Path script = Files.writeString(
                folder.resolve("job.sh"), "#!/bin/sh\nprintf '%s\\n' \"$@\" \"$PLACE\" \"$SECOND\" \"$HOME\"\n");
        SpotClient client = impatient().with("SECOND", "it's \"2\" $x");

        SpotClient.Result ran = client.run(
                "run",
                "m7g.large",
                "--script",
                script.toString(),
                "--env",
                "PLACE=a b",
                "--env",
                "SECOND",
                "--",
                "x y",
                "*");

        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(List.of("x y", "*", "a b", "it's \"2\" $x"), ran.lines().subList(0, 4));
        assertTrue(client.curlCalls().stream().noneMatch(call -> call.contains("a b")), "arguments are public");
    }

    @Test
    void showsLongOutputOnceInOrder() throws Exception {
        SpotClient.Result ran =
                impatient().run(run("", "sh", "-c", "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done"));

        assertEquals(DONE, ran.status(), ran.err());
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 5_000; i++) {
            expected.add("line " + i);
        }
        assertEquals(expected, ran.lines());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsAgainAfterInterruption(boolean withToken) throws Exception {
        Path first = folder.resolve("first");
        Path done = folder.resolve("done");
        Thread reclaiming = Thread.ofVirtual().start(() -> {
            awaitFile(first);
            service.alive().forEach(service.cloud()::reclaim);
        });

        SpotClient client =
                withToken ? loggedInWithToken("launch,console,connect,end").withBriefPauses() : impatient();
        SpotClient.Result ran = client.run(run("--retries 2", "sh", "-c", interruptible(first, done)));
        reclaiming.join();

        assertRanAgain(ran, done);
    }

    /** Returns a command that does not end at first, and is done at once if it starts again. */
    private static String interruptible(Path first, Path done) {
        return "[ -e '%1$s' ] || { : >'%1$s'; exec /bin/sleep 600; }; echo x >>'%2$s'; echo done"
                .formatted(first, done);
    }

    private void assertRanAgain(SpotClient.Result ran, Path done) throws IOException {
        assertEquals(DONE, ran.status(), ran.err());
        assertEquals(List.of("done"), ran.lines());
        assertEquals(List.of("x"), Files.readAllLines(done));
        assertEquals(List.of(), service.alive());
        assertEquals(
                2,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
    }

    @Test
    void waitsForCapacityAfterInterruption() throws Exception {
        Path first = folder.resolve("first");
        Path done = folder.resolve("done");
        AtomicInteger refusals = new AtomicInteger();
        Thread reclaiming = Thread.ofVirtual().start(() -> {
            awaitFile(first);
            service.cloud()
                    .faults()
                    .choose((action, region) -> action.equals("ec2:RunInstances") && refusals.incrementAndGet() <= 8
                            ? new Fault.ErrorResponse(500, "InsufficientInstanceCapacity", "There is no capacity.")
                            : null);
            service.alive().forEach(service.cloud()::reclaim);
        });

        SpotClient.Result ran = impatient().run(run("--retries 1", "sh", "-c", interruptible(first, done)));
        reclaiming.join();

        assertRanAgain(ran, done);
        assertTrue(refusals.get() > 8, refusals + " launches");
    }

    @Test
    void repeatedRunStartsAgainIfItWasInterruptedMeanwhile() throws Exception {
        Path first = folder.resolve("first");
        Path done = folder.resolve("done");
        String command = interruptible(first, done);
        SpotClient.Result detached = impatient().run(run("--key reclaimed --retries 2 --detach", "sh", "-c", command));
        assertEquals(DONE, detached.status(), detached.err());
        awaitFile(first);
        service.alive().forEach(service.cloud()::reclaim);

        assertRanAgain(impatient().run(run("--key reclaimed --retries 2", "sh", "-c", command)), done);
    }

    @Test
    void repeatedRunReturnsStatusOfFinishedOne() throws Exception {
        String[] run = run("--key finished", "sh", "-c", "echo once; exit 7");
        assertEquals(7, impatient().run(run).status());

        SpotClient.Result again = impatient().run(run);

        assertEquals(7, again.status(), again.err());
        assertEquals(List.of("once"), again.lines());
        assertEquals(
                1,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
    }

    private static void awaitFile(Path file) {
        while (!Files.exists(file)) {
            LockSupport.parkNanos(TICK.toNanos());
        }
    }

    /** Runs a command that does not end, and does something to its instance when it has started. */
    private SpotClient.Result disturbed(Consumer<Instance> disturb, String options) throws Exception {
        Path started = folder.resolve("started");
        Thread disturbing = Thread.ofVirtual().start(() -> {
            awaitFile(started);
            service.alive().forEach(disturb);
        });
        SpotClient.Result ran = impatient().run(run(options, "sh", "-c", ": >'" + started + "'; exec /bin/sleep 600"));
        disturbing.join();
        return ran;
    }

    @Test
    void reportsInterruptionWithoutRetries() throws Exception {
        SpotClient.Result ran = disturbed(service.cloud()::reclaim, "");

        assertEquals(NOT_RUN, ran.status(), ran.err());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void doesNotRunAgainWhatSomebodyEnded() throws Exception {
        SpotClient.Result ran = disturbed(service.instanceStore()::terminate, "--retries 3");

        assertEquals(NOT_RUN, ran.status(), ran.err());
        assertEquals(
                1,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
    }

    @Test
    void reportsEndOfLease() throws Exception {
        SpotClient.Result ran = disturbed(
                instance -> {
                    service.instanceStore().tag(instance.id(), Map.of("spotspec:lease", "2026-01-01T00:00:00Z"));
                    service.instanceStore().terminate(instance);
                },
                "--timeout 30m");

        assertEquals(EXPIRED, ran.status(), ran.err());
    }

    @Test
    void detachesAndFollowsWithSameKey() throws Exception {
        Path go = folder.resolve("go");
        String command = "while [ ! -e '" + go + "' ]; do /bin/sleep 0.1; done; exit 7";
        SpotClient.Result detached = impatient().run(run("--key mine --detach", "sh", "-c", command));
        assertEquals(DONE, detached.status(), detached.err());
        assertEquals(List.of(service.alive().getFirst().id()), detached.lines());

        Files.createFile(go);
        SpotClient.Result followed = impatient().run(run("--key mine", "sh", "-c", command));

        assertEquals(7, followed.status(), followed.err());
        assertEquals(
                1,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
    }

    @Test
    void repeatedRunFollowsNewestRetry() throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        Path go = folder.resolve("go");
        String[] run = run(
                "--key retried --retries 3",
                "sh",
                "-c",
                "[ -e '%1$s' ] || { : >'%1$s'; exec /bin/sleep 600; }; : >'%2$s'; while [ ! -e '%3$s' ]; do /bin/sleep 0.1; done; exit 7"
                        .formatted(first, second, go));
        Thread reclaiming = Thread.ofVirtual().start(() -> {
            awaitFile(first);
            service.alive().forEach(service.cloud()::reclaim);
        });
        assertEquals(INTERRUPTED, impatient().interrupt(second, run).status());
        reclaiming.join();
        Instance retry = service.alive().getFirst();

        Files.createFile(go);
        SpotClient.Result followed = impatient().run(run);

        assertEquals(7, followed.status(), followed.err());
        assertTrue(followed.err().contains(retry.id()), followed.err());
        assertEquals(
                2,
                service.instanceStore().all().stream()
                        .filter(this::isOfThisTest)
                        .count());
    }

    @Test
    void saysThatTheInstanceWasNotEnded() throws Exception {
        service.cloud()
                .faults()
                .choose((action, region) -> action.equals("ec2:TerminateInstances")
                        ? new Fault.ErrorResponse(403, "OperationNotPermitted", "not this one")
                        : null);

        SpotClient.Result ran = impatient().run(run("", "true"));

        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(ran.err().contains(service.alive().getFirst().id() + " was not ended"), ran.err());
    }

    @Test
    void saysHowToReturnWhenInterruptedByUser() throws Exception {
        SpotClient.Result ran = impatient().interrupt("launched", run("", "sh", "-c", "exec /bin/sleep 600"));

        assertEquals(INTERRUPTED, ran.status(), ran.err());
        String id = service.alive().getFirst().id();
        assertTrue(ran.err().contains("spot logs " + id + " --follow"), ran.err());
        assertTrue(ran.err().contains("spot end " + id), ran.err());
    }

    @ParameterizedTest
    @CsvSource({"y, 0", "n, 1", "'', 1"})
    void asksInTerminalWhetherToEndTheInstance(String answer, int left) throws Exception {
        assumeTrue(SpotClient.hasTerminal(), "script of util-linux is not installed");

        SpotClient.Result ran = impatient()
                .runInTerminal(
                        "run m7g.large -- sh -c 'echo working; exec /bin/sleep 600'",
                        new SpotClient.Typed("working\r\n", CTRL_C),
                        new SpotClient.Typed("[y/N] ", answer + "\n"));

        assertEquals(INTERRUPTED, ran.status(), ran.out());
        assertEquals(left, service.alive().size(), ran.out());
        assertEquals(left == 1, ran.out().contains("--follow"), ran.out());
    }

    @Test
    void failsWith125IfNothingWasLaunched() throws Exception {
        SpotClient client = impatient();

        assertEquals(NOT_RUN, client.run("run", "m7g.large").status());
        assertEquals(NOT_RUN, client.run(run("--count 2", "true")).status());
        assertEquals(NOT_RUN, client.run(run("--env 1A=x", "true")).status());
        assertEquals(NOT_RUN, client.run(run("--env NOT_SET_HERE", "true")).status());
        assertEquals(NOT_RUN, client.run(run("--retries x", "true")).status());
        assertEquals(
                NOT_RUN,
                client.run("run", "m7g.large", "--", "echo", "x".repeat(16_384)).status());
        assertFalse(client.run(run("--zone us-west-2z", "true")).err().isEmpty());
        assertEquals(List.of(), service.alive());
    }
}
