package io.github.spotspec.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.api.client.LambdaRequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.logging.StdOutLogSink;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.util.ConcurrencyConfig;
import com.amazonaws.services.lambda.runtime.logging.LogFormat;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.lang.reflect.Method;

/**
 * Runs a function without native code. Does the same as the main method of AWS's runtime client, with AWS's classes for
 * the handler, the hooks of SnapStart, the log and the errors, so that functions behave the same. Two parts of AWS's
 * client are native code: the HTTP of the Runtime API, which {@link RuntimeApi} replaces, and the removal of cached
 * addresses before a snapshot, which a class with the same name replaces.
 */
public final class JavaRuntime extends AWSLambda {
    private JavaRuntime() {}

    /**
     * Takes events from the Runtime API until the process is ended.
     *
     * @param args the handler
     */
    public static void main(String[] args) throws Throwable {
        // The local cloud sets neither a log level nor a format, so these are the defaults.
        try (LambdaContextLogger logger =
                new LambdaContextLogger(new StdOutLogSink(), LogLevel.UNDEFINED, LogFormat.TEXT)) {
            LambdaRuntimeApiClient api = new RuntimeApi(System.getenv("AWS_LAMBDA_RUNTIME_API"));
            startRuntimeLoops(handler(args[0], logger, api), logger, new ConcurrencyConfig(logger), api);
        }
    }

    /**
     * Loads a handler and, with SnapStart, runs the hooks and waits until the snapshot is restored. Reports errors to
     * the Runtime API. Calls a private method, because AWS's client has no public one that takes an API.
     */
    private static LambdaRequestHandler handler(String name, LambdaContextLogger logger, LambdaRuntimeApiClient api)
            throws ReflectiveOperationException {
        Method load = AWSLambda.class.getDeclaredMethod(
                "getLambdaRequestHandlerObject", String.class, LambdaContextLogger.class, LambdaRuntimeApiClient.class);
        load.setAccessible(true);
        return (LambdaRequestHandler) load.invoke(null, name, logger, api);
    }
}
