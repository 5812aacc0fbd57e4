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
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/** Sends HTTP requests with the signature of AWS, or without one. */
final class SignedHttp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final Pattern SECRET = Pattern.compile("(\"(?:session|token|url)\" ?: ?)\"[^\"]*\"");

    private SignedHttp() {}

    /** The status and the body of an answer. */
    record Answer(int status, String text) {
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
                .method(request.method(), HttpRequest.BodyPublishers.ofString(request.body()));
        request.headers().forEach(http::header);
        return answer(http.build());
    }

    static Answer send(Request request, String service, String region, AwsCredentials credentials)
            throws IOException, InterruptedException {
        return answer(new RequestSigner(service, region, Clock.systemUTC())
                .sign(request.method(), request.uri(), request.headers(), request.body(), credentials)
                .method(request.method(), HttpRequest.BodyPublishers.ofString(request.body()))
                .build());
    }

    private static Answer answer(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }
}
