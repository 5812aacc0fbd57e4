package io.github.spotspec.e2e;

import io.github.spotspec.local.ChildProcesses;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium. It is driven by the Chrome DevTools Protocol directly, because that needs no separate driver.
 */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String READY = "DevTools listening on ";

    private final ChildProcesses children = new ChildProcesses();
    private final URI address;
    private final DevTools tools;

    private Browser(String program, Path profile) throws Exception {
        Process process = children.start(new ProcessBuilder(
                        program,
                        "--headless=new",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "--no-first-run",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--disable-background-networking",
                        // Containers often forbid the namespaces that the sandbox needs. The page is our own.
                        "--no-sandbox",
                        "--no-proxy-server",
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        address = devTools(process);
        tools = new DevTools(address);
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

    /** Opens a page that shares no cookies and no storage with other pages. */
    Page newPage() throws Exception {
        String context = tools.send("Target.createBrowserContext", Map.of())
                .path("browserContextId")
                .asText();
        String target = tools.send("Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
                .path("targetId")
                .asText();
        return new Page(new DevTools(address.resolve("/devtools/page/" + target)));
    }

    @Override
    public void close() {
        tools.close();
        children.close();
    }
}
