package io.github.spotspec.local.wire;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An HTTP response. */
public record WireResponse(int status, Map<String, String> headers, byte[] body) {
    /** Represents a response that never arrives, because the server closes the connection. */
    public static final WireResponse LOST = new WireResponse(0, Map.of(), new byte[0]);

    boolean isLost() {
        return status == LOST.status;
    }

    public static WireResponse of(int status, String contentType, String body) {
        return new WireResponse(status, Map.of("content-type", contentType), body.getBytes(StandardCharsets.UTF_8));
    }

    public static WireResponse empty(int status) {
        return new WireResponse(status, Map.of(), new byte[0]);
    }
}
