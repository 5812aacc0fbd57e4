package io.github.spotspec.acceptance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.wire.RequestSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/** Sends HTTP requests with the signature of AWS, or without one. */
final class SignedHttp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(CONNECTING).build();

    /** How long an answer may take. The functions of the run answer sooner or end. */
    static final Duration ANSWERING = Duration.ofMinutes(1);

    private static final Pattern SECRET = Pattern.compile("(\"(?:session|token|url)\" ?: ?)\"[^\"]*\"");

    private static final Pattern THROTTLING =
            Pattern.compile("Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|Rate exceeded");

    private SignedHttp() {}

    /**
     * An answer.
     *
     * @param text the body
     * @param bucketRegion the region of the bucket that the request is about, or an empty text
     */
    record Answer(int status, String text, String bucketRegion) {
        /** Returns the body, or an empty object if it is not JSON. */
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                return JSON.createObjectNode();
            }
        }

        /** Returns the service's error code. */
        String error() {
            return json().path("error").asText();
        }

        /**
         * Returns whether the same request may succeed later, because AWS is overloaded or limits the rate of calls.
         */
        boolean isTemporary() {
            return status == 429
                    || status / 100 == 5
                    || (status / 100 == 4 && THROTTLING.matcher(text).find());
        }

        /** Returns this answer if its status is 2xx. */
        Answer ok() {
            if (status / 100 != 2) {
                throw Result.notHeld(words()).early();
            }
            return this;
        }

        /** Returns the answer in one line, without sessions and tokens, because people publish reports. */
        String words() {
            String line = SECRET.matcher(text.replaceAll("\\s+", " ").strip()).replaceAll("$1\"…\"");
            return "HTTP " + status + " " + (line.length() > 300 ? line.substring(0, 300) + "…" : line);
        }
    }

    /** A request. */
    record Request(String method, URI uri, String body, Map<String, String> headers) {}

    static Answer send(Request request) throws IOException, InterruptedException {
        HttpRequest.Builder http = HttpRequest.newBuilder(request.uri())
                .timeout(ANSWERING)
                .method(request.method(), HttpRequest.BodyPublishers.ofString(request.body()));
        request.headers().forEach(http::header);
        return answer(http.build());
    }

    static Answer send(Request request, String service, String region, AwsCredentials credentials)
            throws IOException, InterruptedException {
        return send(request, service, region, credentials, ANSWERING);
    }

    /**
     * Sends a signed request.
     *
     * @throws IOException if there is no answer in time, among others
     */
    static Answer send(Request request, String service, String region, AwsCredentials credentials, Duration time)
            throws IOException, InterruptedException {
        return answer(new RequestSigner(service, region, Clock.systemUTC())
                .sign(request.method(), request.uri(), request.headers(), request.body(), credentials)
                .timeout(time)
                .method(request.method(), HttpRequest.BodyPublishers.ofString(request.body()))
                .build());
    }

    private static Answer answer(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("x-amz-bucket-region").orElse(""));
    }
}
