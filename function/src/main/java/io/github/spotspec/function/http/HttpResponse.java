package io.github.spotspec.function.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Session;
import io.github.spotspec.function.runtime.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An HTTP response, in Lambda's payload format 2.0.
 *
 * @param status the HTTP status
 * @param headers the headers that not every response has, including the content type
 * @param body writes the body: JSON, or another text as raw characters; may be called repeatedly
 */
record HttpResponse(int status, Map<String, String> headers, Writing body) {
    private static final Map<String, String> JSON = Map.of("content-type", "application/json");

    /** Returns the JSON response for a task's answer. */
    static HttpResponse of(Answer answer) {
        Map<String, String> headers = new LinkedHashMap<>(JSON);
        headers.putAll(Session.headers(answer.meta()));
        return new HttpResponse(200, headers, out -> {
            out.writeStartObject();
            out.writeStringField("event", answer.event());
            out.writeArrayFieldStart("data");
            for (Row row : answer.data()) {
                out.writeStartObject();
                row.write((name, value) -> {
                    try {
                        out.writeFieldName(name);
                        Json.write(out, value);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeFieldName("meta");
            Json.write(out, answer.meta());
            out.writeEndObject();
        });
    }

    /**
     * Returns the JSON response for an error.
     *
     * @param method the method that the path supports
     */
    static HttpResponse of(ServiceException failure, String requestId, String method) {
        Map<String, String> headers = JSON;
        if (failure.errorCode() == ErrorCode.METHOD_NOT_ALLOWED) {
            headers = and(headers, "allow", method);
        }
        Duration pause = failure.errorCode().retryAfter();
        // A request that used an MFA code cannot be repeated.
        if (pause != null && failure.session() == null) {
            headers = and(headers, "retry-after", Long.toString(pause.toSeconds()));
        }
        Session opened = failure.session();
        if (opened != null) {
            headers = new LinkedHashMap<>(headers);
            headers.putAll(opened.headers());
        }
        return new HttpResponse(failure.errorCode().status(), headers, out -> {
            out.writeStartObject();
            out.writeNumberField("code", failure.errorCode().status());
            out.writeStringField("error", failure.errorCode().code());
            out.writeStringField("details", failure.details());
            out.writeStringField("requestId", requestId);
            if (opened != null) {
                Map<String, Object> meta = new LinkedHashMap<>();
                opened.describe(meta);
                out.writeFieldName("meta");
                Json.write(out, meta);
            }
            out.writeEndObject();
        });
    }

    private static Map<String, String> and(Map<String, String> headers, String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return more;
    }

    /**
     * Returns the event that Lambda turns into the HTTP response.
     *
     * @param mayCompress whether the caller accepts a body compressed with gzip
     * @throws ServiceException with {@link ErrorCode#ANSWER_TOO_LARGE} if the response is larger than Lambda can return
     */
    byte[] event(boolean mayCompress) {
        ResponseBody text = new ResponseBody(mayCompress);
        try (text) {
            write(text, body);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        BoundedOutput event = new BoundedOutput(mayCompress);
        write(event, out -> {
            out.writeStartObject();
            out.writeNumberField("statusCode", status);
            out.writeObjectFieldStart("headers");
            for (Map.Entry<String, String> header : headers.entrySet()) {
                out.writeStringField(header.getKey(), header.getValue());
            }
            out.writeStringField("cache-control", "no-store");
            out.writeStringField("x-content-type-options", "nosniff");
            if (text.isCompressed()) {
                out.writeStringField("content-encoding", "gzip");
            }
            out.writeEndObject();
            if (text.isCompressed()) {
                out.writeBinaryField("body", text.bytes().toByteArray());
            } else {
                out.writeStringField("body", text.bytes().toString(StandardCharsets.UTF_8));
            }
            out.writeBooleanField("isBase64Encoded", text.isCompressed());
            out.writeEndObject();
        });
        return event.toByteArray();
    }

    /** Writes a part of a JSON document. */
    interface Writing {
        void to(JsonGenerator out) throws IOException;
    }

    private static void write(OutputStream bytes, Writing writing) {
        try (JsonGenerator out = Json.writer(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }
}
