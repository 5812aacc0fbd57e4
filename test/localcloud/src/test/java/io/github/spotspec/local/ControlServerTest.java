package io.github.spotspec.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ControlServer.KeeperRun;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.market.Capacity;
import io.github.spotspec.local.service.Faults;
import io.github.spotspec.local.state.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the endpoint through which other processes reach a running local cloud. */
final class ControlServerTest {
    private static final KeeperRun RUN =
            new KeeperRun(true, List.of(new Topics.Message("Lease ending", "Soon.", Map.of("event", "lease-ending"))));

    private final AtomicInteger runs = new AtomicInteger();
    private final HttpClient http = HttpClient.newHttpClient();
    private ControlServer control;

    @TempDir
    Path shared;

    @BeforeEach
    void start() throws IOException {
        InstantSource clock = InstantSource.system();
        control = ControlServer.start(
                "http://127.0.0.1:1",
                Files.createDirectory(shared.resolve("run-1")),
                new InstanceStore(new Capacity(42), clock, new Random(42), new Faults()::visibility),
                clock,
                () -> {
                    runs.incrementAndGet();
                    return RUN;
                });
    }

    @AfterEach
    void stop() {
        control.close();
        http.close();
    }

    private ControlClient client() throws IOException {
        return ControlClient.running(shared).getFirst();
    }

    private int status(String path, HttpRequest.Builder request) throws Exception {
        return http.send(request.uri(URI.create(control.url() + path)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static HttpRequest.Builder post() {
        return HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody());
    }

    @Test
    void anotherProcessRunsKeeperWithTokenOfFile() throws Exception {
        assertEquals(RUN, client().runKeeper());
        assertEquals("http://127.0.0.1:1", client().service());
    }

    @Test
    void rejectsRequestWithoutToken() throws Exception {
        String token = client().token();

        assertEquals(401, status("/keeper", post()));
        assertEquals(401, status("/keeper", post().header("authorization", "Bearer " + token.substring(1))));
        assertEquals(401, status("/keeper?token=" + token, post()));
        assertEquals(404, status("/other", post().header("authorization", "Bearer " + token)));
        assertThrows(
                IOException.class, () -> new ControlClient("", control.url(), "x").runKeeper(), "another run's token");

        assertEquals(0, runs.get());
    }

    @Test
    void onlyOwnerCanReadToken() throws Exception {
        Path file = shared.resolve("run-1").resolve(ControlServer.FILE);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(client().token().length() >= 40, "guessable");
        assertFalse(client().toString().contains(client().token()));
    }

    @Test
    void unknownInstanceHasNoKeys() throws Exception {
        assertEquals(404, status("/instances/i-0123456789abcdef0/keys/ec2-user", HttpRequest.newBuilder()));
    }
}
