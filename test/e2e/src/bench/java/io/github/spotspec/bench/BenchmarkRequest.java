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
 * @param body in the flat form; each peer reads only the fields that it needs
 */
record BenchmarkRequest(String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ROWS = 100;

    /** Returns a request for the price of one type. */
    static BenchmarkRequest price(String type) {
        return of(allProducts(task("price")), "types", List.of(type));
    }

    /** Returns a request for the price of one type and product. */
    static BenchmarkRequest price(String type, String product) {
        ObjectNode body = task("price");
        body.putArray("products").add(product);
        return of(body, "types", List.of(type));
    }

    /** Returns a request for the cheapest hundred pools of all products. */
    static BenchmarkRequest sweep(List<String> regions) {
        return of(allProducts(cheapest()), "regions", regions);
    }

    /** Returns a request for the cheapest hundred pools of Linux, the function's default. */
    static BenchmarkRequest linuxSweep(List<String> regions) {
        ObjectNode body = cheapest();
        body.putArray("products").add("Linux/UNIX");
        return of(body, "regions", regions);
    }

    private static ObjectNode cheapest() {
        return task("price").put("sort", "price").put("limit", MAX_ROWS);
    }

    /** Returns a request for a task with a list. */
    static BenchmarkRequest task(String task, String list, List<String> values) {
        return of(task(task), list, values);
    }

    /** Returns a request for one instance. */
    static BenchmarkRequest launch(String type, String image) {
        ObjectNode body = task("launch").put("ami", image).put("lease", "1h").put("dryRun", false);
        return of(body, "types", List.of(type));
    }

    /** Returns a request for one instance in one of several regions. */
    static BenchmarkRequest launch(String type, String allocation, List<String> regions) {
        ObjectNode body = task("launch").put("lease", "1h").put("dryRun", false).put("allocation", allocation);
        body.putArray("types").add(type);
        return of(body, "regions", regions);
    }

    /**
     * Makes a request ask for all products. The peers read only {@code products}, and ask EC2 for all products without
     * it.
     */
    private static ObjectNode allProducts(ObjectNode body) {
        return body.put("product", "all");
    }

    private static ObjectNode task(String task) {
        return JSON.createObjectNode().put("task", task);
    }

    private static BenchmarkRequest of(ObjectNode body, String list, List<String> values) {
        values.forEach(body.putArray(list)::add);
        return new BenchmarkRequest(body.toString());
    }

    /** Returns this request with another field. */
    BenchmarkRequest with(String field, String value) {
        try {
            return new BenchmarkRequest(
                    ((ObjectNode) JSON.readTree(body)).put(field, value).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the event that Lambda sends to the function. */
    byte[] event() {
        ObjectNode event =
                JSON.createObjectNode().put("version", "2.0").put("body", body).put("isBase64Encoded", false);
        event.putObject("headers").put("content-type", "application/json");
        ObjectNode context = event.putObject("requestContext");
        context.putObject("http").put("method", "POST").put("path", "/");
        context.putObject("authorizer").putObject("iam").put("userArn", BenchmarkAccount.CALLER);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns the rows of an answer.
     *
     * @throws IllegalStateException if it is not an answer
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

    /** Returns the body of an answer. */
    static JsonNode body(byte[] answer) {
        try {
            return JSON.readTree(JSON.readTree(answer).path("body").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
