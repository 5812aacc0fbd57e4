package io.github.spotspec.function.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A page for browsers, which asks the service as its bearer's token allows. It holds nothing of the deployment, so whoever asks
 * gets it; the token is in the part of the page's address that browsers send to nobody. Loaded only for who asks for it.
 */
final class Console {
    /** Where it is served, by GET. */
    static final String PATH = "/";

    private static final String FOLDER = "console/";

    private static final HttpResponse REPLY = make();

    private Console() {}

    /** Returns the page, with its scripts and styles in it. */
    static HttpResponse reply() {
        return REPLY;
    }

    private static HttpResponse make() {
        String style = text("uPlot.min.css") + text("page.css");
        String script = text("uPlot.iife.min.js") + text("page.js");
        String page = text("page.html").replace("{{style}}", style).replace("{{script}}", script);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "text/html; charset=utf-8");
        // Nothing is run or shown but what this page is made of, and nobody is asked but the service.
        headers.put(
                "content-security-policy",
                "default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style)
                        + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        headers.put("referrer-policy", "no-referrer");
        headers.put("cross-origin-opener-policy", "same-origin");
        return new HttpResponse(200, headers, out -> out.writeRaw(page));
    }

    private static String text(String name) {
        try (InputStream in = Objects.requireNonNull(Console.class.getResourceAsStream(FOLDER + name), FOLDER + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what a Content Security Policy knows a script or style by. */
    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has it", e);
        }
    }
}
