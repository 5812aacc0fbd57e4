package io.github.spotspec.local.wire;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Shared parts of the services that use REST with JSON. */
public final class RestJson {
    private RestJson() {}

    /** Renders an error. */
    public static WireResponse error(int status, String type, String message) {
        String body =
                JsonNodeFactory.instance.objectNode().put("Message", message).toString();
        return new WireResponse(
                status,
                Map.of("content-type", "application/json", "x-amzn-errortype", type),
                body.getBytes(StandardCharsets.UTF_8));
    }
}
