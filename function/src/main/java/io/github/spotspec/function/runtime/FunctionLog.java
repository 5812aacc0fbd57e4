package io.github.spotspec.function.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The log of a function: JSON lines with the field names of Powertools for AWS Lambda, some of which carry metrics. The
 * code chooses each logged field; the body of a request is never logged. Thread-safe.
 */
public final class FunctionLog {
    /** The prefix of the trace id in the X-Ray header that Lambda passes on. */
    private static final String ROOT = "Root=";

    private final AtomicBoolean cold = new AtomicBoolean(true);
    private final PrintStream out;
    private final String service;

    /**
     * Creates a log.
     *
     * @param service the deployment's name, which is in every line and metric
     */
    public FunctionLog(PrintStream out, String service) {
        this.out = out;
        this.service = service;
    }

    /**
     * Writes a line without metrics.
     *
     * @param level {@code INFO}, {@code WARN} or {@code ERROR}
     * @param message what happened
     * @param fields more fields; values as {@link Json#write} accepts them
     */
    public void line(String level, String message, Instant time, Context context, Map<String, ?> fields) {
        line(level, message, time, context, fields, new Metrics());
    }

    /** Writes a line with metrics; otherwise the same as {@link #line(String, String, Instant, Context, Map)}. */
    public void line(
            String level, String message, Instant time, Context context, Map<String, ?> fields, Metrics metrics) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("level", level);
        line.put("message", message);
        line.put("timestamp", time);
        line.put("service", service);
        line.put("cold_start", cold.getAndSet(false));
        line.put("function_name", context.getFunctionName());
        line.put("function_memory_size", context.getMemoryLimitInMB());
        line.put("function_arn", context.getInvokedFunctionArn());
        line.put("function_request_id", context.getAwsRequestId());
        line.put("function_version", context.getFunctionVersion());
        String trace = context.getXrayTraceId();
        if (trace != null && trace.startsWith(ROOT)) {
            line.put("xray_trace_id", trace.substring(ROOT.length()).replaceFirst(";.*", ""));
        }
        fields.forEach(line::put);
        metrics.write(time, line);
        print(line);
    }

    private void print(Map<String, Object> line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = Json.writer(bytes)) {
            Json.write(json, line);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        out.println(bytes.toString(StandardCharsets.UTF_8));
    }
}
