package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./local} does once everything is built. */
final class LocalIT {
    private static final int STATUS = 7;

    @TempDir
    private Path folder;

    @Test
    void aCommandFindsTheServiceAndNothingIsLeftWhenItIsStopped() throws Exception {
        Process local = start("--", "sh", "-c", "env; pwd; exec sleep 600");
        Map<String, String> environment = new HashMap<>();
        List<ProcessHandle> processes;
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.startsWith("/")) {
                environment.put(line.split("=", 2)[0], line.substring(line.indexOf('=') + 1));
                line = out.readLine();
            }
            assertEquals(folder.toRealPath().toString(), line, "the command runs where ./local was called");

            SpotUrl url = new SpotUrl(of(environment, "SPOT_URL"), of(environment, "AWS_REGION"));
            AccessKey caller = new AccessKey(
                    of(environment, "AWS_ACCESS_KEY_ID"), of(environment, "AWS_SECRET_ACCESS_KEY"), "caller", true);
            SpotUrl.Answer answer =
                    url.post(Ask.to("price").with("types", List.of("m7g.large")).toString(), caller);
            assertEquals(200, answer.status(), answer.text());
            assertTrue(printed(url(environment), "mfa").matches("[0-9]{6}\n"), "another process shows a code");
            processes = local.descendants().toList();
            assertTrue(processes.size() >= 2, "the command and the function run");
        } finally {
            local.destroy();
        }

        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it ends when told to");
        for (ProcessHandle process : processes) {
            process.onExit().get(30, TimeUnit.SECONDS);
        }
        assertEquals("", printed(url(environment), "mfa"), "what has ended shows no code");
    }

    @Test
    void aCommandGetsTheMinterAndACodeOfTheServiceThatItRunsBesideAndItsStatusIsItsOwn() throws Exception {
        String mfa = Deployed.JAVA + " @test/target/local.args " + folder + " mfa";
        String command = "echo $SPOT_MINTER && cd " + Deployed.PROJECT + " && " + mfa + " && exit " + STATUS;
        Process local = start("-c", "urlAuth=token", "--", "sh", "-c", command);

        String printed = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(printed.matches("Spotspec-SpotMinter[A-Za-z0-9-]+\n[0-9]{6}\n"), printed);
        assertEquals(STATUS, local.waitFor());
    }

    @Test
    void withTokensWhatItShowsMakesOneAndPricesWithIt() throws Exception {
        assumeTrue(shell("curl --aws-sigv4 aws:amz --version").status() == 0, "curl 7.75 or newer is not on the PATH");
        Process local = start("-c", "urlAuth=token:1h");
        try (BufferedReader out = local.inputReader(StandardCharsets.UTF_8)) {
            out.readLine();
            String url = out.readLine();
            out.readLine();
            StringBuilder shown = new StringBuilder();
            for (String line = out.readLine(); line != null && !line.isEmpty(); line = out.readLine()) {
                shown.append(line).append('\n');
            }

            Ran asked = shell(shown.toString());
            assertEquals(0, asked.status(), asked.output());
            assertTrue(asked.output().startsWith("{\"event\":\"priced\","), asked.output());
            assertEquals(
                    "TokenMissing",
                    new SpotUrl(Objects.requireNonNull(url), "us-west-2")
                            .unsigned("{}", List.of())
                            .error());
        } finally {
            local.destroy();
        }
        assertTrue(local.waitFor(30, TimeUnit.SECONDS), "it ends when told to");
    }

    @Test
    void whatCannotBeRunIsSaidBeforeAnythingIsStarted() throws Exception {
        assertEquals(127, status("--", "no-such-command-as-this"));
        assertEquals(127, status("--", "./none"));
        assertEquals(2, status("--"));
        assertEquals(2, status("sh"));
        assertEquals(2, status("mfa", "more"));
        assertEquals(2, status("-c"));
        assertEquals(2, status("-c", "urlAuth=token", "sh"));
    }

    private record Ran(int status, String output) {}

    private static Ran shell(String commands) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", commands)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(shell.waitFor(), output);
    }

    private static Map<String, String> url(Map<String, String> environment) {
        return Map.of("SPOT_URL", of(environment, "SPOT_URL"));
    }

    private static String of(Map<String, String> environment, String variable) {
        return Objects.requireNonNull(environment.get(variable), variable);
    }

    private int status(String... arguments) throws IOException, InterruptedException {
        Process local = start(arguments);
        local.getInputStream().transferTo(OutputStream.nullOutputStream());
        return local.waitFor();
    }

    private String printed(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Process local = start(environment, arguments);
        String printed = new String(local.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(printed.isEmpty() ? 1 : 0, local.waitFor());
        return printed;
    }

    private Process start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Deployed.JAVA, "@" + Deployed.PROJECT.resolve("test/target/local.args"), folder.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Deployed.PROJECT.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        return builder.start();
    }
}
