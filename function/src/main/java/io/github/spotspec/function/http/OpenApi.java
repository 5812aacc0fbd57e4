package io.github.spotspec.function.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/**
 * The service's contract, an OpenAPI 3.1 document in the same package. This class is loaded only when the contract is
 * requested.
 */
final class OpenApi {
    /** The path of the contract. */
    static final String PATH = "/openapi.json";

    private static final String RESOURCE = "openapi.json";

    private OpenApi() {}

    /** Returns the document unchanged. */
    static HttpResponse reply() {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            String document = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new HttpResponse(200, Map.of("content-type", "application/json"), out -> out.writeRaw(document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
