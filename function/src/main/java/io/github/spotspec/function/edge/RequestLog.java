package io.github.spotspec.function.edge;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.spotspec.function.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One JSON line per request, with the field names of Powertools for AWS Lambda. What is logged is chosen here field by
 * field; a request's body never is. Thread-safe.
 */
public final class RequestLog {
    private final AtomicBoolean cold = new AtomicBoolean(true);
    private final PrintStream out;

    public RequestLog(PrintStream out) {
        this.out = out;
    }

    /**
     * Writes a line.
     *
     * @param level {@code INFO}, {@code WARN} or {@code ERROR}
     * @param message what happened
     * @param fields more fields; values as {@link Json#write} takes them
     */
    void line(String level, String message, Instant time, Context context, Map<String, ?> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = Json.writer(bytes)) {
            json.writeStartObject();
            json.writeStringField("level", level);
            json.writeStringField("message", message);
            json.writeStringField("timestamp", time.toString());
            json.writeStringField("service", "spotspec");
            json.writeBooleanField("cold_start", cold.getAndSet(false));
            json.writeStringField("function_name", context.getFunctionName());
            json.writeNumberField("function_memory_size", context.getMemoryLimitInMB());
            json.writeStringField("function_arn", context.getInvokedFunctionArn());
            json.writeStringField("function_request_id", context.getAwsRequestId());
            json.writeStringField("function_version", context.getFunctionVersion());
            for (Map.Entry<String, ?> field : fields.entrySet()) {
                json.writeFieldName(field.getKey());
                Json.write(json, field.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        out.println(bytes.toString(StandardCharsets.UTF_8));
    }
}
