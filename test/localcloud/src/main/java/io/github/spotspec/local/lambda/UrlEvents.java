package io.github.spotspec.local.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Converts between HTTP and Function URL events in payload format 2.0, which the Lambda developer guide describes in
 * "Request and response payloads" of function URLs.
 */
final class UrlEvents {
    private static final ObjectMapper JSON = new ObjectMapper();

    private UrlEvents() {}

    /** Converts a request to an event. */
    static byte[] event(
            WireRequest request,
            String account,
            String requestId,
            Instant now,
            @Nullable Principal caller,
            String accessKeyId) {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", "2.0");
        event.put("routeKey", "$default");
        event.put("rawPath", URLDecoder.decode(request.path().replace("+", "%2B"), StandardCharsets.UTF_8));
        event.put("rawQueryString", request.query());
        ObjectNode headers = event.putObject("headers");
        request.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        if (!request.query().isEmpty()) {
            ObjectNode query = event.putObject("queryStringParameters");
            for (String pair : request.query().split("&")) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                // Joins the values of a repeated parameter into one, as for a repeated header.
                query.put(name, query.has(name) ? query.get(name).asText() + "," + value : value);
            }
        }
        ObjectNode context = event.putObject("requestContext");
        context.put("accountId", caller == null ? "anonymous" : account);
        context.put("apiId", "local");
        if (caller != null) {
            ObjectNode iam = context.putObject("authorizer").putObject("iam");
            iam.put("accessKey", accessKeyId);
            iam.put("accountId", account);
            iam.put("callerId", caller.userId());
            iam.putNull("cognitoIdentity");
            iam.putNull("principalOrgId");
            iam.put("userArn", caller.arn());
            iam.put("userId", caller.userId());
        } else {
            context.putNull("authentication");
        }
        context.put("domainName", String.valueOf(request.header("host")));
        context.put("domainPrefix", "local");
        ObjectNode http = context.putObject("http");
        http.put("method", request.method());
        http.put("path", URLDecoder.decode(request.path().replace("+", "%2B"), StandardCharsets.UTF_8));
        http.put("protocol", "HTTP/1.1");
        http.put("sourceIp", "127.0.0.1");
        http.put("userAgent", String.valueOf(request.header("user-agent")));
        context.put("requestId", requestId);
        context.put("routeKey", "$default");
        context.put("stage", "$default");
        context.put("time", now.toString());
        context.put("timeEpoch", now.toEpochMilli());
        boolean text = isText(String.valueOf(request.header("content-type")));
        if (request.body().length > 0) {
            event.put("body", text ? request.text() : Base64.getEncoder().encodeToString(request.body()));
        }
        event.put("isBase64Encoded", !text && request.body().length > 0);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Converts the handler's response. If it has no status, all of it is the body. */
    static WireResponse response(byte[] payload) {
        try {
            JsonNode answer = JSON.readTree(payload);
            JsonNode status = answer.get("statusCode");
            if (status == null) {
                return WireResponse.of(200, "application/json", new String(payload, StandardCharsets.UTF_8));
            }
            Map<String, String> headers = new TreeMap<>();
            headers.put("content-type", "application/json");
            for (Map.Entry<String, JsonNode> header : answer.path("headers").properties()) {
                headers.put(
                        header.getKey().toLowerCase(Locale.ROOT),
                        header.getValue().asText());
            }
            String body = answer.path("body").asText("");
            byte[] bytes = answer.path("isBase64Encoded").asBoolean()
                    ? Base64.getDecoder().decode(body)
                    : body.getBytes(StandardCharsets.UTF_8);
            return new WireResponse(status.asInt(), headers, bytes);
        } catch (JsonProcessingException e) {
            return badGateway();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Returns the response that the caller of a URL gets if the function fails. */
    static WireResponse badGateway() {
        return WireResponse.of(502, "application/json", "Internal Server Error");
    }

    private static boolean isText(String contentType) {
        return contentType.startsWith("text/")
                || List.of("application/json", "application/xml", "application/javascript").stream()
                        .anyMatch(contentType::startsWith);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
