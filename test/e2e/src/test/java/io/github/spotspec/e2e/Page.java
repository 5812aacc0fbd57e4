package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A page of the browser. */
final class Page {
    private final DevTools tools;

    Page(DevTools tools) throws Exception {
        this.tools = tools;
        tools.send("Page.enable", Map.of());
        tools.send("Log.enable", Map.of());
        tools.send("Runtime.enable", Map.of());
    }

    /** Opens a URL and waits until the page has loaded. */
    void open(String url) throws Exception {
        tools.send("Page.navigate", Map.of("url", "about:blank"));
        until("location.href === 'about:blank'");
        tools.send("Page.navigate", Map.of("url", url));
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
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DevTools.TIMEOUT_SECONDS);
        while (System.nanoTime() < end) {
            // A page that is being left returns nothing, so the loop evaluates the condition again in the next page.
            JsonNode answer = tools.send(
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
        JsonNode answer = tools.send(
                "Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value");
    }

    /**
     * Scrolls to an element and clicks on its middle with the mouse.
     *
     * @param element an expression whose value is the element
     */
    void click(String element) throws Exception {
        JsonNode point = evaluate("""
                (() => {
                  const element = %s;
                  if (!element) throw new Error('no such element');
                  element.scrollIntoView({block: 'center', behavior: 'instant'});
                  const {x, y, width, height} = element.getBoundingClientRect();
                  const [left, top] = [x + width / 2, y + height / 2];
                  const found = document.elementFromPoint(left, top);
                  if (!element.contains(found)) throw new Error('covered by ' + found?.outerHTML.slice(0, 200));
                  return [left, top];
                })()""".formatted(element));
        for (String type : List.of("mousePressed", "mouseReleased")) {
            tools.send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            point.path(0).asDouble(),
                            "y",
                            point.path(1).asDouble(),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    /** Types text into the focused element. */
    void type(String text) throws Exception {
        tools.send("Input.insertText", Map.of("text", text));
    }

    /** Presses a key. */
    void press(Key key) throws Exception {
        tools.send("Input.dispatchKeyEvent", key.event("keyDown"));
        tools.send("Input.dispatchKeyEvent", key.event("keyUp"));
    }

    /** A key of the keyboard. */
    enum Key {
        TAB("Tab", 9, ""),
        ENTER("Enter", 13, "\r"),
        SPACE(" ", 32, " "),
        ESCAPE("Escape", 27, "");

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
        tools.send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        tools.send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Saves a screenshot. */
    void screenshot(Path file) throws Exception {
        byte[] png = Base64.getDecoder()
                .decode(tools.send("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .asText());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, png);
    }

    /** Returns script errors and violations of the content security policy. */
    List<String> pageErrors() {
        return tools.pageErrors();
    }

    void close() throws Exception {
        tools.send("Page.close", Map.of());
        tools.close();
    }
}
