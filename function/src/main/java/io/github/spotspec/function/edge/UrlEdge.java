package io.github.spotspec.function.edge;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.request.Fields;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** From a Function URL event to its HTTP answer, whatever happens in between. Thread-safe. */
public final class UrlEdge {
    /** What is left of Lambda's time for writing the answer. */
    private static final Duration RESERVE = Duration.ofMillis(500);

    private static final int MOST_LOGGED = 40;

    /** The service behind the edge. */
    @FunctionalInterface
    public interface Service {
        /**
         * Answers a request.
         *
         * @param fields what the caller asks
         * @param now when the request came
         * @param deadline when the answer must be ready
         * @throws Refusal if the request is not carried out
         */
        Answer answer(Fields fields, Instant now, Instant deadline);
    }

    private final Service service;
    private final InstantSource clock;
    private final RequestLog log;

    public UrlEdge(Service service, InstantSource clock, RequestLog log) {
        this.service = service;
        this.clock = clock;
        this.log = log;
    }

    /** Answers one event. */
    public void handle(InputStream in, OutputStream out, Context context) throws IOException {
        Instant now = clock.instant();
        Map<String, Object> noted = new LinkedHashMap<>();
        byte[] event;
        try {
            Reply reply = Reply.of(answer(in, now, context, noted));
            event = reply.event();
            log(now, context, noted, reply.status());
        } catch (Refusal refusal) {
            Reply reply = Reply.of(refusal, context.getAwsRequestId());
            event = reply.event();
            noted.put("reason", refusal.reason().word());
            noted.put("details", refusal.details());
            log(now, context, noted, reply.status());
        } catch (RuntimeException e) {
            // The message may hold anything, so only the type and the place are logged, and nothing is answered.
            noted.put("exception", e.getClass().getName());
            noted.put("at", e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0].toString());
            Reply reply = Reply.of(
                    new Refusal(Reason.INTERNAL, "The service failed; the log has this request's id."),
                    context.getAwsRequestId());
            event = reply.event();
            log(now, context, noted, reply.status());
        }
        out.write(event);
    }

    private Answer answer(InputStream in, Instant now, Context context, Map<String, Object> noted) throws IOException {
        UrlEvent event = UrlEvent.read(in);
        noted.put("method", event.method());
        if (event.caller() == null) {
            throw new Refusal(Reason.CALLER_UNKNOWN, "The request must be signed; the event names no caller.");
        }
        noted.put("caller", event.caller());
        if (!event.path().equals("/")) {
            throw new Refusal(Reason.NOT_FOUND, "The service's path is '/'.");
        }
        if (!event.method().equals("POST")) {
            throw new Refusal(Reason.METHOD_NOT_ALLOWED, "The method must be POST.");
        }
        Fields fields = Fields.of(Json.parse(event.text()));
        String task = fields.get(Fields.TASK, "");
        noted.put("task", task.length() <= MOST_LOGGED ? task : task.substring(0, MOST_LOGGED));
        if (fields.get(Fields.IS_LOGGING, false)) {
            noted.put("fields", fields.paths());
        }
        return service.answer(
                fields, now, now.plusMillis(context.getRemainingTimeInMillis()).minus(RESERVE));
    }

    private void log(Instant now, Context context, Map<String, Object> noted, int status) {
        noted.put("status", status);
        noted.put("duration_ms", Duration.between(now, clock.instant()).toMillis());
        log.line(status >= 500 ? "ERROR" : status >= 400 ? "WARN" : "INFO", "request", now, context, noted);
    }
}
