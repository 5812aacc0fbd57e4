package io.github.spotspec.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.wire.RequestSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Sends requests to the URL of a service, signed by the SDK. */
final class SpotUrl {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final URI url;
    private final RequestSigner signer;

    SpotUrl(String url, String region) {
        this(URI.create(url), new RequestSigner("lambda", region, Clock.systemUTC()));
    }

    private SpotUrl(URI url, RequestSigner signer) {
        this.url = url;
        this.signer = signer;
    }

    /** Returns a copy that signs for another service. */
    SpotUrl signedFor(String otherService) {
        return new SpotUrl(url, new RequestSigner(otherService, signer.region(), signer.clock()));
    }

    /** Returns a copy that signs with another time. */
    SpotUrl signedAt(Instant time) {
        return new SpotUrl(
                url, new RequestSigner(signer.service(), signer.region(), Clock.fixed(time, ZoneOffset.UTC)));
    }

    /**
     * An answer.
     *
     * @param retryAfter how long the answer asks to wait before the next try, or zero if it does not say
     */
    record Answer(int status, String text, Duration retryAfter) {
        Answer(int status, String text) {
            this(status, text, Duration.ZERO);
        }

        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + text, e);
            }
        }

        /** Returns the error code. */
        String error() {
            return json().path("error").asText();
        }
    }

    /** Sends a signed body. */
    Answer post(String body, AccessKey key) throws IOException, InterruptedException {
        return send("POST", "", body, AwsCredentialsIdentity.create(key.id(), key.secret()));
    }

    /** Reads the contract. */
    Answer contract(AccessKey key) throws IOException, InterruptedException {
        return send("GET", "openapi.json", "", AwsCredentialsIdentity.create(key.id(), key.secret()));
    }

    /** Sends a signed body with an idempotency key in the header. */
    Answer postWithKey(String body, String idempotencyKey, AccessKey key) throws IOException, InterruptedException {
        return send("POST", "", body, body, AwsCredentialsIdentity.create(key.id(), key.secret()), idempotencyKey);
    }

    /** Sends a signed request. */
    Answer send(String method, String path, String body, AwsCredentialsIdentity identity)
            throws IOException, InterruptedException {
        return send(method, path, body, body, identity, null);
    }

    /** Sends a body with the signature of another body. */
    Answer sendTampered(String signedBody, String body, AwsCredentialsIdentity identity)
            throws IOException, InterruptedException {
        return send("POST", "", signedBody, body, identity, null);
    }

    private Answer send(
            String method,
            String path,
            String signedBody,
            String body,
            AwsCredentialsIdentity identity,
            @Nullable String idempotencyKey)
            throws IOException, InterruptedException {
        Map<String, String> headers = new LinkedHashMap<>(Map.of("content-type", "application/json"));
        if (idempotencyKey != null) {
            headers.put("idempotency-key", idempotencyKey);
        }
        return send(signer.sign(method, url.resolve("/" + path), headers, signedBody, identity)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** Sends a body without a signature. */
    Answer unsigned(String body, List<String> headers) throws IOException, InterruptedException {
        return unsigned("", body, headers);
    }

    /** Sends a body without a signature to a path, a query, or both. */
    Answer unsigned(String rest, String body, List<String> headers) throws IOException, InterruptedException {
        HttpRequest.Builder http =
                HttpRequest.newBuilder(URI.create(url + rest)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (!headers.isEmpty()) {
            http.headers(headers.toArray(String[]::new));
        }
        return send(http.build());
    }

    private static Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.body(),
                Duration.ofSeconds(
                        response.headers().firstValueAsLong("retry-after").orElse(0)));
    }
}
