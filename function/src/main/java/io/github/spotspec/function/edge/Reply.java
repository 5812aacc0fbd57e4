package io.github.spotspec.function.edge;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.answer.Session;
import io.github.spotspec.function.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * An HTTP answer, in Lambda's payload format 2.0.
 *
 * @param status the HTTP status
 * @param body writes the JSON, as often as it is asked to
 * @param passesSoon whether the same request is likely to be answered in some seconds
 */
record Reply(int status, Writing body, boolean passesSoon) {
    /**
     * Lambda returns at most 6 MB; the body is escaped into a JSON string on its way, which quotes make longer, or packed and
     * encoded in base64.
     */
    private static final int MOST_EVENT_BYTES = 6 * 1024 * 1024;

    /** Renders what a task found or did. */
    static Reply of(Answer answer) {
        return new Reply(
                200,
                out -> {
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
                },
                false);
    }

    /** Renders a refusal. */
    static Reply of(Refusal refusal, String requestId) {
        return new Reply(
                refusal.reason().status(),
                out -> {
                    out.writeStartObject();
                    out.writeNumberField("code", refusal.reason().status());
                    out.writeStringField("error", refusal.reason().word());
                    out.writeStringField("details", refusal.details());
                    out.writeStringField("requestId", requestId);
                    Session session = refusal.session();
                    if (session != null) {
                        Map<String, Object> meta = new LinkedHashMap<>();
                        session.describe(meta);
                        out.writeFieldName("meta");
                        Json.write(out, meta);
                    }
                    out.writeEndObject();
                },
                refusal.reason().passesSoon() && refusal.session() == null);
    }

    /**
     * Returns the event that Lambda turns into the HTTP answer.
     *
     * @throws Refusal with {@link Reason#ANSWER_TOO_LARGE}
     */
    byte[] event() {
        return event("", out -> {
            out.writeStringField("body", json(body).toString(StandardCharsets.UTF_8));
            out.writeBooleanField("isBase64Encoded", false);
        });
    }

    /**
     * Returns the same, packed with gzip as it is written, so that it is never in memory as a whole but so.
     *
     * @throws Refusal with {@link Reason#ANSWER_TOO_LARGE}
     */
    byte[] packedEvent() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(8_192);
        try (OutputStream gzip = new GZIPOutputStream(packed, 8_192)) {
            write(gzip, body);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return event("gzip", out -> {
            out.writeBinaryField("body", packed.toByteArray());
            out.writeBooleanField("isBase64Encoded", true);
        });
    }

    private byte[] event(String encoding, Writing content) {
        ByteArrayOutputStream event = json(out -> {
            out.writeStartObject();
            out.writeNumberField("statusCode", status);
            out.writeObjectFieldStart("headers");
            out.writeStringField("content-type", "application/json");
            out.writeStringField("cache-control", "no-store");
            out.writeStringField("x-content-type-options", "nosniff");
            if (!encoding.isEmpty()) {
                out.writeStringField("content-encoding", encoding);
            }
            if (status == Reason.METHOD_NOT_ALLOWED.status()) {
                out.writeStringField("allow", "POST");
            }
            if (passesSoon) {
                out.writeStringField("retry-after", "5");
            }
            out.writeEndObject();
            content.to(out);
            out.writeEndObject();
        });
        if (event.size() > MOST_EVENT_BYTES) {
            throw new Refusal(
                    Reason.ANSWER_TOO_LARGE,
                    "The answer is larger than Lambda can return (6 MB); ask for fewer regions, types, products or zones"
                            + (encoding.isEmpty() ? ", or take it packed, with 'Accept-Encoding: gzip'." : "."));
        }
        return event.toByteArray();
    }

    /** Writes some JSON. */
    interface Writing {
        void to(JsonGenerator out) throws IOException;
    }

    private static ByteArrayOutputStream json(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
        write(bytes, writing);
        return bytes;
    }

    private static void write(OutputStream bytes, Writing writing) {
        try (JsonGenerator out = Json.writer(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }
}
