package io.github.spotspec.function.http;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.caller.Authenticator;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Metrics;
import io.github.spotspec.function.runtime.ServiceClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Handles Function URL events. Writes an HTTP answer for every request, even if the request fails. Thread-safe. */
public final class FunctionUrlHandler {
    /** The part of Lambda's remaining time that is reserved for writing the answer. */
    private static final Duration RESPONSE_RESERVE = Duration.ofMillis(300);

    /** The part of Lambda's remaining time that is reserved for an error answer if writing takes too long. */
    private static final Duration LAST_RESERVE = Duration.ofMillis(100);

    /** The result for an event that is not a request. */
    private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.UTF_8);

    private static final String WITHOUT_ANSWER =
            "The request timed out before AWS answered; the same request may succeed in a few seconds.";

    /** The percentage of the time after which a task should finish. The rest is for its last calls to return. */
    private static final int TASK_PERCENT = 85;

    /** The percentage of the time after which a call is abandoned. The rest is for reporting its result. */
    private static final int CALL_PERCENT = 97;

    /** The service that answers the requests. */
    public interface Service {
        /** Returns whether the service has a task with this name. */
        boolean knows(String task);

        /**
         * Answers a request.
         *
         * @param fields the fields of the request
         * @param caller who sent the request
         * @param now when the request arrived
         * @param deadline when the answer must be ready
         * @throws ServiceException if the request fails
         */
        Answer answer(Fields fields, Caller caller, Instant now, Deadline deadline);
    }

    /**
     * Runs the work of requests. These are pooled platform threads, not virtual threads, because libraries then create
     * their thread-local values once, and no other thread has to wake up whenever AWS answers. Only code that makes
     * several calls in parallel uses virtual threads.
     */
    private static final ExecutorService WORKERS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("request").factory());

    private final Authenticator authenticator;
    private final Service service;
    private final ServiceClock clock;
    private final FunctionLog log;

    public FunctionUrlHandler(Authenticator authenticator, Service service, ServiceClock clock, FunctionLog log) {
        this.authenticator = authenticator;
        this.service = service;
        this.clock = clock;
        this.log = log;
    }

    /** Handles one event. */
    public void handle(InputStream in, OutputStream out, Context context) throws IOException {
        // Truncated to milliseconds, because people and EC2 read times in this precision.
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<String, Object> logFields = new LinkedHashMap<>();
        Metrics metrics = new Metrics().count("Requests", 1);
        byte[] event;
        HttpRequest request = null;
        try {
            request = HttpRequest.read(in);
            if (request == null) {
                out.write(EMPTY_OBJECT);
                return;
            }
            HttpResponse response = answer(request, now, context, logFields, metrics);
            event = write(response, request.gzip(), context);
            log(now, context, logFields, metrics, response.status());
        } catch (ServiceException failure) {
            HttpResponse response = errorResponse(failure, request, context);
            event = response.event(false);
            failed(failure.errorCode(), logFields, metrics);
            if (!failure.errorCode().mayEchoRequest()) {
                logFields.put("details", failure.details());
            }
            log(now, context, logFields, metrics, response.status());
        } catch (RuntimeException e) {
            // The message may contain anything, so only the types and the stack frame are logged, and the answer has no
            // details.
            failed(ErrorCode.INTERNAL, logFields, metrics);
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            logFields.put("exception", e.getClass().getName());
            logFields.put("cause", root.getClass().getName());
            logFields.put("at", root.getStackTrace().length == 0 ? "" : root.getStackTrace()[0].toString());
            HttpResponse response = errorResponse(
                    new ServiceException(
                            ErrorCode.INTERNAL, "The service failed; search its log for this answer's 'requestId'."),
                    request,
                    context);
            event = response.event(false);
            log(now, context, logFields, metrics, response.status());
        }
        out.write(event);
    }

    private HttpResponse answer(
            HttpRequest request, Instant now, Context context, Map<String, Object> logFields, Metrics metrics) {
        logFields.put("method", request.method());
        if (authenticator.takesTokens()
                && request.method().equals("GET")
                && request.path().equals(Console.PATH)) {
            return Console.reply();
        }
        long millis = Math.max(1, context.getRemainingTimeInMillis() - RESPONSE_RESERVE.toMillis());
        Deadline deadline = new Deadline(
                now.plusMillis(millis * TASK_PERCENT / 100), now.plusMillis(millis * CALL_PERCENT / 100), clock);
        // The event already names the caller who signed it. Checking a token may require reading a secret.
        Caller caller = authenticator.takesTokens()
                ? runWithTimeLimit(
                        millis,
                        () -> authenticator.authenticate(request.caller(), request.token(), now, deadline),
                        WITHOUT_ANSWER)
                : authenticator.authenticate(request.caller(), request.token(), now, deadline);
        logFields.put("caller", caller.name());
        boolean contract = request.path().equals(OpenApi.PATH);
        if (!contract && !request.path().equals("/")) {
            throw new ServiceException(
                    ErrorCode.NOT_FOUND,
                    "Nothing is at this path; send requests to '/', as '/openapi.json' describes.");
        }
        if (!request.method().equals(request.allowedMethod())) {
            throw new ServiceException(
                    ErrorCode.METHOD_NOT_ALLOWED, "The method must be " + request.allowedMethod() + ".");
        }
        if (contract) {
            return OpenApi.reply();
        }
        Fields fields = request.fields();
        if (request.idempotencyKey() != null) {
            fields.offer("idempotencyKey", "header Idempotency-Key", request.idempotencyKey());
        }
        String task = fields.get(Fields.TASK, "");
        if (service.knows(task)) {
            logFields.put("task", task);
        }
        if (fields.get(Fields.IS_LOGGING, false)) {
            logFields.put("fields", fields.knownPaths());
        }
        long left = Math.max(1, context.getRemainingTimeInMillis() - RESPONSE_RESERVE.toMillis());
        Answer answer = runWithTimeLimit(left, () -> service.answer(fields, caller, now, deadline), WITHOUT_ANSWER);
        answer.counts().forEach(metrics::count);
        logFields.putAll(answer.logged());
        return request.accept() == null
                ? HttpResponse.of(answer)
                : ResponseFormat.of(request.accept()).reply(answer, now);
    }

    private static HttpResponse errorResponse(
            ServiceException failure, @Nullable HttpRequest request, Context context) {
        HttpResponse json =
                HttpResponse.of(failure, context.getAwsRequestId(), request == null ? "POST" : request.allowedMethod());
        return request == null || request.accept() == null
                ? json
                : ResponseFormat.of(request.accept()).reply(failure, json);
    }

    /** Writes an answer. This may take seconds if the answer has hundreds of thousands of rows. */
    private static byte[] write(HttpResponse response, boolean mayCompress, Context context) {
        int left = context.getRemainingTimeInMillis();
        return runWithTimeLimit(
                // At least half of the remaining time, because most answers need less than that, and the caller must
                // learn what the task did.
                Math.max(left - LAST_RESERVE.toMillis(), left / 2),
                () -> response.event(mayCompress),
                "The request timed out before the answer was written; ask for fewer regions, types, products or"
                        + " zones.");
    }

    /** Runs the work on another thread, so that the caller gets an answer in time even if a call never returns. */
    private static <T> T runWithTimeLimit(long millis, Supplier<T> work, String late) {
        FutureTask<T> task = new FutureTask<>(work::get);
        WORKERS.execute(task);
        try {
            return task.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new ServiceException(ErrorCode.TIMED_OUT, late);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void failed(ErrorCode reason, Map<String, Object> logFields, Metrics metrics) {
        logFields.put("reason", reason.code());
        metrics.count("Errors", 1).put("Errors", "Count", 1, List.of("reason"));
        metrics.count("Faults", reason.isFault() ? 1 : 0);
    }

    private void log(Instant now, Context context, Map<String, Object> logFields, Metrics metrics, int status) {
        logFields.put("status", status);
        metrics.put(
                "Latency",
                "Milliseconds",
                Duration.between(now, clock.instant()).toMillis());
        log.line(
                status >= 500 ? "ERROR" : status >= 400 ? "WARN" : "INFO", "request", now, context, logFields, metrics);
    }
}
