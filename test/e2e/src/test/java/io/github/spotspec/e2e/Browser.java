package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.ChildProcesses;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
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

/**
 * A headless Chromium with one page. It is driven by the Chrome DevTools Protocol directly, because that needs no
 * separate driver.
 */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String READY = "DevTools listening on ";
    private static final int TIMEOUT_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ChildProcesses children = new ChildProcesses();
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final Queue<String> pageErrors = new ConcurrentLinkedQueue<>();
    private final AtomicInteger last = new AtomicInteger();
    private final WebSocket page;

    private Browser(String program, Path profile) throws Exception {
        Process process = children.start(new ProcessBuilder(
                        program,
                        "--headless=new",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "--no-first-run",
                        "--disable-gpu",
                        "--disable-background-networking",
                        // Containers often forbid the namespaces that the sandbox needs. The page is our own.
                        "--no-sandbox",
                        "--no-proxy-server",
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        URI devTools = devTools(process);
        URI list = URI.create("http://" + devTools.getAuthority() + "/json/list");
        JsonNode pages = JSON.readTree(HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                .body());
        String url = pages.path(0).path("webSocketDebuggerUrl").asText();
        page = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(url), new Listener())
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        send("Page.enable", Map.of());
        send("Log.enable", Map.of());
        send("Runtime.enable", Map.of());
    }

    /** Returns the path of Chromium, or null if it is not on the PATH. */
    static @Nullable String program() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path program = Path.of(folder, name);
                if (Files.isExecutable(program)) {
                    return program.toString();
                }
            }
        }
        return null;
    }

    static Browser start(String program, Path profile) throws Exception {
        return new Browser(program, profile);
    }

    private static URI devTools(Process process) throws IOException {
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            if (line.startsWith(READY)) {
                // Drains the rest, because a full pipe would block the browser.
                Thread.ofVirtual().start(() -> err.lines().forEach(rest -> {}));
                return URI.create(line.substring(READY.length()));
            }
        }
        throw new IOException("the browser exited before it was ready");
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

    private JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = last.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        pending.put(id, answer);
        page.sendText(message.toString(), true).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        JsonNode got = answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (got.has("error")) {
            throw new AssertionError(method + ": " + got.path("error"));
        }
        return got.path("result");
    }

    /** Opens a URL and waits until the page has loaded. */
    void open(String url) throws Exception {
        send("Page.navigate", Map.of("url", "about:blank"));
        until("location.href === 'about:blank'");
        send("Page.navigate", Map.of("url", url));
        until("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /** Evaluates an expression in the page, and returns the result as text. */
    String read(String expression) throws Exception {
        return evaluate(expression).asText();
    }

    /** Runs a script in the page. */
    void run(String script) throws Exception {
        evaluate("{" + script + "}");
    }

    /** Waits until a condition holds in the page. */
    void until(String condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (System.nanoTime() < end) {
            // A page that is being left returns nothing, so the loop evaluates the condition again in the next page.
            JsonNode answer = send(
                    "Runtime.evaluate",
                    Map.of(
                            "expression",
                            "new Promise(done => { let tries = 100; const look = () => (" + condition
                                    + ") ? done(true) : --tries ? setTimeout(look, 20) : done(false); look(); })",
                            "awaitPromise",
                            true,
                            "returnByValue",
                            true));
            if (answer.path("result").path("value").asBoolean()) {
                return;
            }
        }
        throw new AssertionError(
                "condition not met: " + condition + "; the page shows: " + read("document.body.innerText"));
    }

    private JsonNode evaluate(String script) throws Exception {
        JsonNode answer =
                send("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value");
    }

    /** Types text into the focused element. */
    void type(String text) throws Exception {
        send("Input.insertText", Map.of("text", text));
    }

    /** Presses a key. */
    void press(Key key) throws Exception {
        send("Input.dispatchKeyEvent", key.event("keyDown"));
        send("Input.dispatchKeyEvent", key.event("keyUp"));
    }

    /** A key of the keyboard. */
    enum Key {
        TAB("Tab", 9, ""),
        ENTER("Enter", 13, "\r"),
        SPACE(" ", 32, " ");

        private final String key;
        private final int code;
        private final String text;

        Key(String key, int code, String text) {
            this.key = key;
            this.code = code;
            this.text = text;
        }

        private Map<String, ?> event(String type) {
            return Map.of("type", type, "key", key, "windowsVirtualKeyCode", code, "text", text);
        }
    }

    /** Emulates a screen size and a color scheme. */
    void emulate(int width, int height, boolean dark) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Saves a screenshot. */
    void screenshot(Path file) throws Exception {
        byte[] png = Base64.getDecoder()
                .decode(send("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .asText());
        Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
        Files.write(file, png);
    }

    /** Returns script errors and violations of the content security policy. */
    List<String> pageErrors() {
        return List.copyOf(pageErrors);
    }

    @Override
    public void close() {
        page.abort();
        children.close();
    }
}
