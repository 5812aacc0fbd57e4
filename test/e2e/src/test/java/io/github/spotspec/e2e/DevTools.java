package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection to the browser or to one page of it, by the Chrome DevTools Protocol. */
final class DevTools implements AutoCloseable {
    /** How long to wait for an answer. */
    static final int TIMEOUT_SECONDS = 60;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final Queue<String> pageErrors = new ConcurrentLinkedQueue<>();
    private final AtomicInteger last = new AtomicInteger();
    private final WebSocket socket;

    DevTools(URI address) throws Exception {
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Listener())
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isLast) {
            text.append(data);
            if (isLast) {
                try {
                    receive(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    pageErrors.add(e.toString());
                }
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private void receive(JsonNode message) {
        CompletableFuture<JsonNode> waiting = pending.remove(message.path("id").asInt());
        if (waiting != null) {
            waiting.complete(message);
        }
        JsonNode entry = message.path("params").path("entry");
        if (message.path("method").asText().equals("Runtime.exceptionThrown")) {
            pageErrors.add(message.path("params").toString());
        } else if (entry.path("level").asText().equals("error")
                && !entry.path("source").asText().equals("network")) {
            pageErrors.add(entry.toString());
        }
    }

    /** Calls a method, and returns its result. */
    JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = last.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        pending.put(id, answer);
        socket.sendText(message.toString(), true).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        JsonNode got = answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (got.has("error")) {
            throw new AssertionError(method + ": " + got.path("error"));
        }
        return got.path("result");
    }

    /** Returns script errors and violations of the content security policy. */
    List<String> pageErrors() {
        return List.copyOf(pageErrors);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
