package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the documented user data {@code docs/save-work.sh} against an instance metadata service on loopback. */
final class SaveWorkIT {
    private static final Path SCRIPT = LocalDeployment.PROJECT.resolve("docs/save-work.sh");
    private static final String NOTICE = "{\"action\":\"terminate\",\"time\":\"2026-03-01T12:02:00Z\"}";
    private static final String TOKEN = "token-of-the-instance";

    private final HttpServer server = server();
    private final Path folder;
    private List<Metadata> polls = List.of();
    private int poll = -1;
    private int withoutToken;

    SaveWorkIT(@TempDir Path folder) {
        this.folder = folder;
    }

    /** What the metadata shows during one check of the script. */
    private record Metadata(
            @Nullable String notice, @Nullable String lease, boolean answers) {
        static Metadata of(@Nullable String lease) {
            return new Metadata(null, lease, true);
        }

        /** Ends the script. */
        static Metadata interrupted() {
            return new Metadata(NOTICE, null, true);
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void savesOnInterruption() throws Exception {
        assertEquals(
                List.of("interruption"),
                saves(List.of(Metadata.of(in(3_600)), Metadata.of(in(3_600)), Metadata.interrupted())));
        assertEquals(0, withoutToken, "IMDSv2 refuses requests without a token");
    }

    @Test
    void savesOnceBeforeTheLeaseEnds() throws Exception {
        String lease = in(200);

        assertEquals(
                List.of("lease", "interruption"),
                saves(List.of(
                        Metadata.of(in(3_600)),
                        Metadata.of(lease),
                        Metadata.of(lease),
                        Metadata.of(lease),
                        Metadata.interrupted())));
    }

    @Test
    void savesAgainBeforeTheEndOfAnExtendedLease() throws Exception {
        assertEquals(
                List.of("lease", "lease", "interruption"),
                saves(List.of(
                        Metadata.of(in(200)), Metadata.of(in(7_200)), Metadata.of(in(100)), Metadata.interrupted())));
    }

    @Test
    void savesWhenTheLeaseIsOver() throws Exception {
        assertEquals(
                List.of("lease", "interruption"),
                saves(List.of(Metadata.of("2026-02-28T23:59:59Z"), Metadata.interrupted())));
    }

    @Test
    void goesOnWithoutLeaseAndWithoutAnswers() throws Exception {
        assertEquals(
                List.of("interruption"),
                saves(List.of(
                        Metadata.of(null),
                        Metadata.of(""),
                        Metadata.of("tomorrow, perhaps"),
                        new Metadata(null, in(60), false),
                        Metadata.interrupted())));
    }

    @Test
    void passesShellCheck() throws Exception {
        assumeTrue(SpotClientIT.isInstalled("shellcheck"), "shellcheck is not on the PATH");
        Process process = new ProcessBuilder("shellcheck", "--severity=style", SCRIPT.toString())
                .redirectErrorStream(true)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    /** Runs the script until it sees an interruption, and returns for what it saved work. */
    private List<String> saves(List<Metadata> shown) throws IOException, InterruptedException {
        polls = shown;
        Path log = folder.resolve("saved");
        Path save = folder.resolve("save-work");
        // The shell writes the command. If this process did, another thread's child might hold the file open for
        // writing, and Linux then refuses to run it.
        ProcessBuilder script = new ProcessBuilder(
                        "sh",
                        "-c",
                        "printf '#!/bin/sh\\necho \"$1\" >>%s\\n' \"$LOG\" >\"$SAVE_WORK\""
                                + " && chmod +x \"$SAVE_WORK\" && : >\"$LOG\" && . \"$0\" && wait",
                        SCRIPT.toString())
                .redirectErrorStream(true);
        script.environment().put("LOG", log.toString());
        script.environment().put("SAVE_WORK", save.toString());
        script.environment().put("POLL_SECONDS", "0");
        script.environment().put("NO_PROXY", "*");
        script.environment()
                .put(
                        "IMDS_URL",
                        "http://" + server.getAddress().getAddress().getHostAddress() + ":"
                                + server.getAddress().getPort());
        Process process = script.start();
        // The shell waits for the part of the script that runs in the background.
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("", output);
        return Files.readAllLines(log);
    }

    private HttpServer server() {
        try {
            HttpServer metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            metadata.createContext("/", this::answer);
            metadata.start();
            return metadata;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/latest/api/token")) {
            answerToken(exchange);
            return;
        }
        if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"))) {
            withoutToken++;
            respond(exchange, 401, "");
            return;
        }
        if (path.endsWith("/spot/instance-action")) {
            poll++;
        }
        Metadata shown = polls.get(Math.min(poll, polls.size() - 1));
        String value = switch (path) {
            case "/latest/meta-data/spot/instance-action" -> shown.notice();
            case "/latest/meta-data/tags/instance/spotspec:lease" -> shown.lease();
            default -> null;
        };
        if (shown.answers()) {
            respond(exchange, value == null ? 404 : 200, value == null ? "" : value);
        } else {
            respond(exchange, 503, "");
        }
    }

    private static void answerToken(HttpExchange exchange) throws IOException {
        String life = exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token-ttl-seconds");
        boolean valid = exchange.getRequestMethod().equals("PUT")
                && life != null
                && life.matches("[1-9][0-9]{0,4}")
                && Integer.parseInt(life) <= 21_600;
        respond(exchange, valid ? 200 : 400, valid ? TOKEN : "");
    }

    private static void respond(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private static String in(int seconds) {
        return Instant.now()
                .plusSeconds(seconds)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
