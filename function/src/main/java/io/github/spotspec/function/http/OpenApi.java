package io.github.spotspec.function.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/** The service's contract, an OpenAPI 3.1 document, which lies beside this class. Loaded only for who asks for it. */
final class OpenApi {
    /** Where it is served. */
    static final String PATH = "/openapi.json";

    private static final String RESOURCE = "openapi.json";

    private OpenApi() {}

    /** Returns the document, as it lies there. */
    static HttpResponse reply() {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            String document = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new HttpResponse(200, Map.of("content-type", "application/json"), out -> out.writeRaw(document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
