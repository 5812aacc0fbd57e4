package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request to the URL.
 *
 * @param body in the function's own form, which the peers understand as far as they need to
 */
record Question(String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ROWS = 100;

    /** What does one type cost? */
    static Question price(String type) {
        return of(task("price"), "types", List.of(type));
    }

    /** What does one type with one product cost? */
    static Question price(String type, String product) {
        ObjectNode body = task("price");
        body.putArray("products").add(product);
        return of(body, "types", List.of(type));
    }

    /** Which hundred of all pools are cheapest? */
    static Question sweep(List<String> regions) {
        return of(task("price").put("sort", "price").put("limit", MAX_ROWS), "regions", regions);
    }

    /** Launch one. */
    static Question launch(String type, String image) {
        ObjectNode body = task("launch").put("ami", image).put("lease", "1h").put("dryRun", false);
        return of(body, "types", List.of(type));
    }

    private static ObjectNode task(String task) {
        return JSON.createObjectNode().put("task", task);
    }

    private static Question of(ObjectNode body, String list, List<String> values) {
        values.forEach(body.putArray(list)::add);
        return new Question(body.toString());
    }

    /** Returns the event that Lambda hands to the function. */
    byte[] event() {
        ObjectNode event =
                JSON.createObjectNode().put("version", "2.0").put("body", body).put("isBase64Encoded", false);
        event.putObject("headers").put("content-type", "application/json");
        ObjectNode context = event.putObject("requestContext");
        context.putObject("http").put("method", "POST").put("path", "/");
        context.putObject("authorizer").putObject("iam").put("userArn", Account.CALLER);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns the rows of an answer.
     *
     * @throws IllegalStateException if it is none
     */
    static JsonNode rows(byte[] answer) {
        try {
            JsonNode reply = JSON.readTree(answer);
            JsonNode rows = JSON.readTree(reply.path("body").asText()).path("data");
            if (reply.path("statusCode").asInt() != 200 || !rows.isArray()) {
                throw new IllegalStateException("no answer: " + reply);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
