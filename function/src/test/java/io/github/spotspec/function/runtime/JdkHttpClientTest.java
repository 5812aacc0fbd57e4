package io.github.spotspec.function.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;

/** Tests the client over a socket, with a server that answers or closes the connection as each test specifies. */
final class JdkHttpClientTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A request, and the number of its connection. */
    private record ReceivedRequest(int connection, List<String> head, String body) {}

    /** The next response, a character for each byte; null closes the connection. */
    private record PlannedResponse(@Nullable String text) {}

    private final BlockingQueue<ReceivedRequest> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<PlannedResponse> responses = new LinkedBlockingQueue<>();
    private final SdkHttpClient client = new JdkHttpClient(LONG, LONG, null);
    private ServerSocket server;

    @BeforeEach
    void startServer() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private void serve() {
        for (int connection = 1; !server.isClosed(); connection++) {
            try (Socket socket = server.accept()) {
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    List<String> head = new ArrayList<>();
                    int length = 0;
                    for (; !line.isEmpty(); line = in.readLine()) {
                        head.add(line);
                        if (line.startsWith("Content-Length: ")) {
                            length = Integer.parseInt(line.substring(16));
                        }
                    }
                    char[] body = new char[length];
                    assertEquals(length, length == 0 ? 0 : in.read(body));
                    received.add(new ReceivedRequest(connection, head, new String(body)));
                    String answer = responses.take().text();
                    if (answer == null) {
                        break;
                    }
                    socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
                }
            } catch (IOException closed) {
                // The client or the test closed it.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static PlannedResponse response(int status, String headers, String body) {
        return sent(status, headers + "Content-Length: %d\r\n".formatted(body.length()), body);
    }

    private static PlannedResponse sent(int status, String headers, String content) {
        return new PlannedResponse("HTTP/1.1 %d Said\r\n%s\r\n%s".formatted(status, headers, content));
    }

    private static String compressed(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toString(ISO_8859_1);
    }

    private ExecutableHttpRequest post(String body) {
        return post(body, 3);
    }

    private ExecutableHttpRequest post(String body, int tries) {
        return client.prepareRequest(HttpExecuteRequest.builder()
                .request(SdkHttpFullRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/path?query=a%20b"))
                        .putHeader("amz-sdk-request", "attempt=1; max=" + tries)
                        .putHeader("Content-Length", Integer.toString(body.length()))
                        .putHeader("X-One", "1")
                        .putHeader("X-More", List.of("2", "3"))
                        .build())
                .contentStreamProvider(() -> new ByteArrayInputStream(body.getBytes(UTF_8)))
                .build());
    }

    private static String body(HttpExecuteResponse answer) throws IOException {
        try (var body = answer.responseBody().orElseThrow()) {
            return new String(body.readAllBytes(), UTF_8);
        }
    }

    @Test
    void sendsRequestAndReturnsResponse() throws Exception {
        responses.add(response(200, "X-Said: yes\r\n", "all"));

        HttpExecuteResponse answer = post("Action=Ask").call();

        assertEquals(200, answer.httpResponse().statusCode());
        assertEquals("Said", answer.httpResponse().statusText().orElse(""));
        assertEquals("yes", answer.httpResponse().firstMatchingHeader("x-said").orElse(""));
        assertEquals("all", body(answer));
        ReceivedRequest request = received.take();
        assertEquals("POST /path?query=a%20b HTTP/1.1", request.head().getFirst());
        assertTrue(request.head().containsAll(List.of("X-One: 1", "X-More: 2,3", "Accept: */*")), request.toString());
        assertEquals("Action=Ask", request.body());
    }

    @Test
    void readsBodyOfErrorResponse() throws Exception {
        responses.add(response(503, "", "<Code>RequestLimitExceeded</Code>"));

        HttpExecuteResponse answer = post("").call();

        assertEquals(503, answer.httpResponse().statusCode());
        assertEquals("<Code>RequestLimitExceeded</Code>", body(answer));
    }

    @Test
    void readsCompressedResponsesAndReusesConnection() throws Exception {
        String page = "<item>m7g.large</item>".repeat(10_000);
        String content = compressed(page);
        responses.add(response(200, "content-encoding: GZIP\r\n", content));
        responses.add(sent(
                400,
                "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                "%x\r\n%s\r\n0\r\n\r\n".formatted(content.length(), content)));
        responses.add(response(200, "", "short"));

        HttpExecuteResponse first = post("").call();
        assertEquals(page, body(first));
        assertEquals(page, body(post("").call()));
        assertEquals("short", body(post("").call()));

        // The SDK would otherwise decompress the body again, or miss bytes.
        assertEquals(Optional.empty(), first.httpResponse().firstMatchingHeader("Content-Encoding"));
        assertEquals(Optional.empty(), first.httpResponse().firstMatchingHeader("Content-Length"));
        for (int i = 0; i < 3; i++) {
            ReceivedRequest request = received.take();
            assertTrue(request.head().contains("Accept-Encoding: gzip"), request.toString());
            assertEquals(1, request.connection());
        }
    }

    @Test
    void returnsStatusOfEmptyCompressedResponse() throws Exception {
        responses.add(response(200, "Content-Encoding: gzip\r\n", ""));
        responses.add(sent(403, "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));

        assertEquals("", body(post("").call()));
        assertEquals(403, post("").call().httpResponse().statusCode());
    }

    @Test
    void releasesConnectionIfBodyIsNotCompressed() throws Exception {
        responses.add(response(200, "Content-Encoding: gzip\r\n", "<item/>"));
        responses.add(response(200, "", "short"));

        assertThrows(IOException.class, () -> post("").call());
        assertEquals("short", body(post("").call()));
        assertEquals(1, received.take().connection());
        assertEquals(1, received.take().connection());
    }

    @Test
    void failsForIncompleteCompressedResponse() throws Exception {
        String content = compressed("<item>m7g.large</item>".repeat(10_000));
        responses.add(response(200, "Content-Encoding: gzip\r\n", content.substring(0, content.length() / 2)));

        HttpExecuteResponse answer = post("").call();

        assertThrows(IOException.class, () -> body(answer));
    }

    @Test
    void doesNotFollowRedirects() throws Exception {
        responses.add(response(301, "Location: http://127.0.0.1:1/\r\n", ""));

        assertEquals(301, post("").call().httpResponse().statusCode());
    }

    @Test
    void reusesConnection() throws Exception {
        responses.add(response(200, "", "first"));
        responses.add(response(200, "", "second"));

        assertEquals("first", body(post("").call()));
        assertEquals("second", body(post("").call()));
        assertEquals(1, received.take().connection());
        assertEquals(1, received.take().connection());
    }

    @Test
    void replacesClosedConnection() throws Exception {
        responses.add(response(200, "", "first"));
        assertEquals("first", body(post("a").call()));
        assertEquals(1, received.take().connection());

        responses.add(new PlannedResponse(null));
        responses.add(response(200, "", "second"));

        assertEquals("second", body(post("b").call()));
        assertEquals("b", received.take().body());
        ReceivedRequest again = received.take();
        assertEquals("b", again.body());
        assertEquals(2, again.connection());
    }

    @Test
    void doesNotRetrySingleAttemptCall() throws Exception {
        responses.add(response(200, "", "first"));
        assertEquals("first", body(post("a", 1).call()));
        responses.add(new PlannedResponse(null));

        assertThrows(IOException.class, () -> post("b", 1).call());
        responses.add(response(200, "", "third"));
        assertEquals("third", body(post("c", 1).call()));

        assertEquals(
                List.of("a", "b", "c"),
                List.of(
                        received.take().body(),
                        received.take().body(),
                        received.take().body()));
    }

    @Test
    void endsAbortedCall() throws Exception {
        ExecutableHttpRequest request = post("");
        CountDownLatch ended = new CountDownLatch(1);
        FutureTask<HttpExecuteResponse> call = new FutureTask<>(request);
        Thread.ofPlatform().daemon().start(() -> {
            call.run();
            ended.countDown();
        });
        received.take();

        request.abort();

        assertTrue(ended.await(LONG.toSeconds() / 2, TimeUnit.SECONDS), "the aborted call did not end");
        ExecutionException failed = assertThrows(ExecutionException.class, call::get);
        assertTrue(failed.getCause() instanceof IOException, failed.toString());
    }
}
