package io.github.spotspec.function.http;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to the Function URL, in Lambda's payload format 2.0 (Lambda developer guide, "Request and response
 * payloads" of function URLs).
 *
 * @param method the HTTP method
 * @param path the raw path
 * @param caller the ARN of the IAM principal that signed the request, as AWS verified it; null if the event has none
 * @param token the bearer token of the header Authorization, or otherwise {@code token} in the query; null if there is
 *     neither
 * @param idempotencyKey the header Idempotency-Key, or null
 * @param accept the header Accept; null if there is none or it only asks for JSON
 * @param gzip whether the caller accepts an answer compressed with gzip
 * @param body the body, not yet decoded or parsed
 */
record HttpRequest(
        String method,
        String path,
        @Nullable String caller,
        @Nullable String token,
        @Nullable String idempotencyKey,
        @Nullable String accept,
        boolean gzip,
        Body body) {
    /** The maximum size of a body: 64 KiB. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    /**
     * The body of a request.
     *
     * @param content the body as the event has it, possibly in base64
     * @param base64 whether the content is in base64
     */
    record Body(String content, boolean base64) {}

    private static final String SCHEDULE = "aws.events";
    private static final String BEARER = "Bearer ";

    /**
     * Reads an event.
     *
     * @return the request, or null if the event comes from an EventBridge schedule, which only invokes the function
     *     regularly
     * @throws ServiceException if the event is neither from a schedule nor from a Function URL
     */
    static @Nullable HttpRequest read(InputStream in) throws IOException {
        Map<?, ?> event = event(in);
        if (SCHEDULE.equals(event.get("source"))) {
            return null;
        }
        Map<?, ?> context = map(event.get("requestContext"));
        Map<?, ?> http = map(context.get("http"));
        if (!(http.get("method") instanceof String method) || !(http.get("path") instanceof String path)) {
            throw notOfUrl();
        }
        Map<?, ?> iam = map(map(context.get("authorizer")).get("iam"));
        return new HttpRequest(
                method,
                path,
                iam.get("userArn") instanceof String arn ? arn : null,
                token(event),
                map(event.get("headers")).get("idempotency-key") instanceof String key ? key : null,
                map(event.get("headers")).get("accept") instanceof String accept && !takesJson(accept) ? accept : null,
                map(event.get("headers")).get("accept-encoding") instanceof String encodings && takesGzip(encodings),
                new Body(
                        event.get("body") instanceof String body ? body : "",
                        Boolean.TRUE.equals(event.get("isBase64Encoded"))));
    }

    private static Map<?, ?> event(InputStream in) throws IOException {
        try {
            return map(Json.parse(in));
        } catch (JsonException e) {
            throw notOfUrl();
        }
    }

    private static ServiceException notOfUrl() {
        return new ServiceException(
                ErrorCode.INVALID_REQUEST, "This function handles only requests to its Function URL.");
    }

    /** Returns the method that the path supports. */
    String allowedMethod() {
        return path.equals(OpenApi.PATH) ? "GET" : "POST";
    }

    /**
     * Parses the body.
     *
     * @throws ServiceException if the body is too large, is not one JSON object, or has a malformed envelope
     */
    Fields fields() {
        String text = text();
        Object document;
        try {
            document = Json.parse(text);
        } catch (JsonException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_JSON,
                    "The body must be one JSON object with at most " + Json.MAX_DEPTH
                            + " levels and no duplicate keys: " + e.getMessage() + ".");
        }
        return Fields.of(document);
    }

    /**
     * Returns the text of the body.
     *
     * @throws ServiceException with {@link ErrorCode#BODY_TOO_LARGE}, before anything is parsed
     */
    private String text() {
        // Base64 encodes three bytes as four characters. Without base64, each character is at least one byte.
        if (body.content().length() > (body.base64() ? (MAX_BODY_BYTES + 2) / 3 * 4 : MAX_BODY_BYTES)) {
            throw tooLarge();
        }
        if (!body.base64()) {
            if (body.content().getBytes(StandardCharsets.UTF_8).length > MAX_BODY_BYTES) {
                throw tooLarge();
            }
            return body.content();
        }
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(body.content());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "The event's body is marked as base64, but is not valid base64.");
        }
        if (decoded.length > MAX_BODY_BYTES) {
            throw tooLarge();
        }
        return new String(decoded, StandardCharsets.UTF_8);
    }

    private static ServiceException tooLarge() {
        return new ServiceException(ErrorCode.BODY_TOO_LARGE, "The body must be at most " + MAX_BODY_BYTES + " bytes.");
    }

    /**
     * Returns true for the values that clients send by default or that ask for JSON only. Other values must be parsed.
     */
    private static boolean takesJson(String accept) {
        return accept.equals("*/*") || accept.equals("application/json") || accept.isEmpty();
    }

    /**
     * Returns whether a header Accept-Encoding allows gzip. RFC 9110 defines a list of case-insensitive codings, each
     * with an optional weight. A weight of zero excludes the coding.
     */
    private static boolean takesGzip(String encodings) {
        for (String encoding : encodings.split(",", -1)) {
            String[] parts = encoding.split(";", 2);
            if (parts[0].strip().equalsIgnoreCase("gzip")) {
                return parts.length == 1 || !parts[1].replace(" ", "").matches("(?i)q=0(\\.0*)?");
            }
        }
        return false;
    }

    /** Returns the bearer token, or null. The scheme is case-insensitive, in RFC 6750 as in HTTP. */
    private static @Nullable String token(Map<?, ?> event) {
        if (map(event.get("headers")).get("authorization") instanceof String authorization
                && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        return map(event.get("queryStringParameters")).get("token") instanceof String token ? token : null;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /** Hides the contents, so that they cannot appear in a log or message. */
    @Override
    public String toString() {
        return "HttpRequest[…]";
    }
}
