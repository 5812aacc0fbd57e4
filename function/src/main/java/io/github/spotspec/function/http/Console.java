package io.github.spotspec.function.http;

import io.github.spotspec.function.runtime.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The console: a web page that sends requests to the service with the user's token. The page contains nothing specific
 * to the deployment, so anybody may get it. The token is in the URL's fragment, which browsers do not send. This class
 * is loaded, and reads and joins the page's files, only when the page is requested, so that other requests start no
 * later.
 */
final class Console {
    /** The path of the page, for GET requests. */
    static final String PATH = "/";

    private static final String FOLDER = "console/";

    private static final Pattern SOURCE_MAP = Pattern.compile("//# sourceMappingURL=\\S+");

    private static final List<String> STYLES = List.of("pico.min.css", "uPlot.min.css", "style.css");

    private static final List<String> LIBRARIES =
            List.of("preact.min.umd.js", "hooks.umd.js", "htm.umd.js", "uPlot.iife.min.js");

    /** The console's own scripts. They share one scope, and a script may use at once only what is before it. */
    private static final List<String> SCRIPTS = List.of(
            "base.js",
            "api.js",
            "format.js",
            "parts.js",
            "instances.js",
            "activity.js",
            "overview.js",
            "prices.js",
            "history.js",
            "launch.js",
            "app.js");

    /** Names the libraries in the page. The package contains the texts of their licenses. */
    private static final String NOTICE =
            "/*! Contains Preact, Pico CSS and uPlot (MIT License) and htm (Apache License 2.0). */\n";

    private static final HttpResponse REPLY = make();

    private Console() {}

    /** Returns the page with its scripts and styles inlined. */
    static HttpResponse reply() {
        return REPLY;
    }

    private static HttpResponse make() {
        String style = join(STYLES);
        String script = NOTICE + join(LIBRARIES) + "(() => {\n'use strict';\n" + join(SCRIPTS) + "})();";
        String page = text("page.html").replace("{{style}}", style).replace("{{script}}", script);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "text/html; charset=utf-8");
        // The page may run and show only its own content, and may connect only to the service.
        headers.put(
                "content-security-policy",
                "default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style)
                        + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                        + " frame-ancestors 'none'");
        headers.put("referrer-policy", "no-referrer");
        headers.put("cross-origin-opener-policy", "same-origin");
        return new HttpResponse(200, headers, out -> out.writeRaw(page));
    }

    private static String join(List<String> names) {
        return names.stream().map(Console::text).collect(Collectors.joining("\n", "", "\n"));
    }

    /** Returns the text of a file, without the address of its source map, which browsers would look for. */
    private static String text(String name) {
        try (InputStream in = Objects.requireNonNull(Console.class.getResourceAsStream(FOLDER + name), FOLDER + name)) {
            return SOURCE_MAP
                    .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .replaceFirst("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the hash by which a Content Security Policy identifies a script or style. */
    private static String hash(String text) {
        return "sha256-" + Base64.getEncoder().encodeToString(Sha256.hash(text));
    }
}
