package io.github.spotspec.local.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** A function for {@link LambdaHostIT} that fails as its event requests. */
public final class Misbehaving implements RequestStreamHandler {
    /** The environment variable with which the init fails. */
    static final String NO_INIT = "NO_INIT";

    /** Creates the handler. */
    public Misbehaving() {
        if (System.getenv(NO_INIT) != null) {
            throw new IllegalStateException("requested");
        }
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        String event = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        switch (event) {
            case "\"crash\"" -> Runtime.getRuntime().halt(1);
            case "\"hang\"" -> hang();
            case "\"throw\"" -> throw new IOException("requested");
            case "\"large\"" ->
                out.write(("\"" + "x".repeat(6 * 1024 * 1024 + 101) + "\"").getBytes(StandardCharsets.UTF_8));
            case "\"context\"" ->
                out.write("{\"arn\":\"%s\",\"name\":\"%s\",\"requestId\":\"%s\",\"remaining\":%d}"
                        .formatted(
                                context.getInvokedFunctionArn(),
                                context.getFunctionName(),
                                context.getAwsRequestId(),
                                context.getRemainingTimeInMillis())
                        .getBytes(StandardCharsets.UTF_8));
            default -> out.write(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
