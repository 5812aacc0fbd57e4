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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The functions' log: JSON lines with the field names of Powertools for AWS Lambda, and metrics as lines in CloudWatch's
 * embedded metric format. What is logged is chosen field by field; a request's body never is. Thread-safe.
 */
public final class FunctionLog {
    /** The namespace of the metrics. */
    public static final String NAMESPACE = "spotspec";

    private final AtomicBoolean cold = new AtomicBoolean(true);
    private final PrintStream out;
    private final String service;

    /**
     * Makes a log.
     *
     * @param service the deployment's name, which every line and metric carries
     */
    public FunctionLog(PrintStream out, String service) {
        this.out = out;
        this.service = service;
    }

    /**
     * Writes a line.
     *
     * @param level {@code INFO}, {@code WARN} or {@code ERROR}
     * @param message what happened
     * @param fields more fields; values as {@link Json#write} takes them
     */
    public void line(String level, String message, Instant time, Context context, Map<String, ?> fields) {
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
        fields.forEach(line::put);
        print(line);
    }

    /** Counts something, as a metric with the deployment as its dimension. */
    public void count(String metric, long value, Instant time) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(
                "_aws",
                Map.of(
                        "Timestamp", time.toEpochMilli(),
                        "CloudWatchMetrics",
                                List.of(Map.of(
                                        "Namespace", NAMESPACE,
                                        "Dimensions", List.of(List.of("service")),
                                        "Metrics", List.of(Map.of("Name", metric, "Unit", "Count"))))));
        line.put("service", service);
        line.put(metric, value);
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
