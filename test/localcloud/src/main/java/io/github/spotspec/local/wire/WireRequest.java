package io.github.spotspec.local.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as it was received.
 *
 * @param path the path, still percent-encoded
 * @param query the query string, still percent-encoded; empty if there is none
 * @param headers the headers by lower-case name
 * @param secure whether the request came over TLS
 */
public record WireRequest(
        String method, String path, String query, Map<String, List<String>> headers, byte[] body, boolean secure) {

    /** Returns the first value of a header, or null if the header is missing. */
    public @Nullable String header(String name) {
        List<String> values = headers.get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    /** Returns whether the client accepts answers in gzip format. */
    public boolean acceptsGzip() {
        return headers.getOrDefault("accept-encoding", List.of()).stream().anyMatch(value -> value.contains("gzip"));
    }

    /** Returns the body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
