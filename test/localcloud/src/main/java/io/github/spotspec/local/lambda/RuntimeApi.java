package io.github.spotspec.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.DtoSerializers;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaError;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeClientException;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;

/**
 * Calls the Runtime API ("Using the Lambda runtime API for custom runtimes" in the Lambda developer guide). Waits for
 * an event or a restore as long as the API does. Not thread-safe.
 */
final class RuntimeApi implements LambdaRuntimeApiClient {
    private static final String INVOCATION = "invocation/";

    private final String url;

    /**
     * Creates a client.
     *
     * @param authority the host and port, as Lambda passes them in {@code AWS_LAMBDA_RUNTIME_API}
     */
    RuntimeApi(String authority) {
        url = "http://" + authority + "/2018-06-01/runtime/";
    }

    @Override
    public InvocationRequest nextInvocation() throws IOException {
        HttpURLConnection connection = open(INVOCATION + "next");
        byte[] event = answer(connection, HttpURLConnection.HTTP_OK);
        InvocationRequest invocation = new InvocationRequest();
        invocation.setId(header(connection, "Aws-Request-Id"));
        invocation.setDeadlineTimeInMs(Long.parseLong(header(connection, "Deadline-Ms")));
        invocation.setInvokedFunctionArn(header(connection, "Invoked-Function-Arn"));
        invocation.setXrayTraceId(header(connection, "Trace-Id"));
        invocation.setClientContext(header(connection, "Client-Context"));
        invocation.setCognitoIdentity(header(connection, "Cognito-Identity"));
        invocation.setContent(event);
        return invocation;
    }

    /** Does not try again, because the local cloud's API fails only when the environment ends. */
    @Override
    public InvocationRequest nextInvocationWithExponentialBackoff(LambdaContextLogger logger) throws IOException {
        return nextInvocation();
    }

    @Override
    public void reportInvocationSuccess(String requestId, byte[] response) throws IOException {
        post(INVOCATION + requestId + "/response", Map.of(), response);
    }

    @Override
    public void reportInvocationError(String requestId, LambdaError error) throws IOException {
        post(INVOCATION + requestId + "/error", error);
    }

    @Override
    public void reportInitError(LambdaError error) throws IOException {
        post("init/error", error);
    }

    @Override
    public void restoreNext() throws IOException {
        answer(open("restore/next"), HttpURLConnection.HTTP_OK);
    }

    @Override
    public void reportRestoreError(LambdaError error) throws IOException {
        post("restore/error", error);
    }

    private void post(String resource, LambdaError error) throws IOException {
        post(
                resource,
                Map.of("Lambda-Runtime-Function-Error-Type", error.errorType.getRapidError()),
                DtoSerializers.serialize(error.errorRequest));
    }

    private void post(String resource, Map<String, String> headers, byte[] body) throws IOException {
        HttpURLConnection connection = open(resource);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        headers.forEach(connection::setRequestProperty);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        answer(connection, HttpURLConnection.HTTP_ACCEPTED);
    }

    /** Connects directly, because the proxy that a computer may have is not for loopback. */
    private HttpURLConnection open(String resource) throws IOException {
        return (HttpURLConnection) URI.create(url + resource).toURL().openConnection(Proxy.NO_PROXY);
    }

    /** Returns the body of an answer. Fails if the status is not the expected one, as AWS's client does. */
    private static byte[] answer(HttpURLConnection connection, int expected) throws IOException {
        int status = connection.getResponseCode();
        if (status != expected) {
            throw new LambdaRuntimeClientException(connection.getURL() + " Response code: '" + status + "'.", status);
        }
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static String header(HttpURLConnection connection, String name) {
        return connection.getHeaderField("Lambda-Runtime-" + name);
    }
}
