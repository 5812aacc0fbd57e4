package io.github.spotspec.function.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Sends the SDK's calls by the JDK's {@link HttpURLConnection}, whose connections are kept in the JVM. Thread-safe.
 *
 * <p>The SDK's own {@code url-connection-client} streams what it sends. The JDK then waits a millisecond before each POST on a
 * kept connection, to find out whether it was closed meanwhile, and makes more of each call. What the function sends is short:
 * here it is handed over as a whole, and the JDK repeats it on a new connection, once, if there is no answer on the one it has
 * taken. So it may arrive twice, as by the SDK's own retries. A call that the SDK is not to repeat is streamed, and arrives once.
 */
public final class JdkHttpClient implements SdkHttpClient {
    /** By which the SDK tells each try of a call, and the most that there may be. */
    private static final String TRIES = "amz-sdk-request";

    private static final String ONLY_ONE = "; max=1";

    private final Duration connectionTimeout;
    private final Duration readTimeout;
    private final @Nullable SSLSocketFactory sockets;

    /**
     * Makes a client.
     *
     * @param connectionTimeout how long a connection may take at most, without its handshake
     * @param readTimeout how long to wait for the next bytes at most
     * @param sockets makes the sockets over TLS; null for those of the JVM
     */
    public JdkHttpClient(Duration connectionTimeout, Duration readTimeout, @Nullable SSLSocketFactory sockets) {
        this.connectionTimeout = connectionTimeout;
        this.readTimeout = readTimeout;
        this.sockets = sockets;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new Exchange(request);
    }

    @Override
    public String clientName() {
        return "UrlConnection";
    }

    @Override
    public void close() {
        // The connections are the JVM's, which closes them when they have not been used for a while.
    }

    private HttpURLConnection open(SdkHttpRequest request) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) request.getUri().toURL().openConnection();
        if (sockets != null && connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(sockets);
        }
        connection.setConnectTimeout((int) connectionTimeout.toMillis());
        connection.setReadTimeout((int) readTimeout.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod(request.method().name());
        // What the JDK sends otherwise is not of HTTP's form (JDK-8163921).
        connection.setRequestProperty("Accept", "*/*");
        for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
            connection.setRequestProperty(header.getKey(), String.join(",", header.getValue()));
        }
        if (request.firstMatchingHeader(TRIES).orElse("").endsWith(ONLY_ONE)) {
            request.firstMatchingHeader("Content-Length")
                    .ifPresent(length -> connection.setFixedLengthStreamingMode(Long.parseLong(length)));
        }
        return connection;
    }

    /** One request and its answer. */
    private final class Exchange implements ExecutableHttpRequest {
        private final HttpExecuteRequest request;
        private volatile @Nullable HttpURLConnection connection;
        private volatile boolean isAborted;

        Exchange(HttpExecuteRequest request) {
            this.request = request;
        }

        @Override
        public HttpExecuteResponse call() throws IOException {
            try {
                return exchange();
            } catch (NullPointerException e) {
                if (isAborted) {
                    // Whatever the JDK does with a connection that is disconnected meanwhile finds that it is gone.
                    throw new IOException("the call was aborted", e);
                }
                throw e;
            }
        }

        private HttpExecuteResponse exchange() throws IOException {
            HttpURLConnection opened = open(request.httpRequest());
            connection = opened;
            ContentStreamProvider content = request.contentStreamProvider().orElse(null);
            if (content != null) {
                opened.setDoOutput(true);
                try (InputStream body = content.newStream();
                        OutputStream out = opened.getOutputStream()) {
                    body.transferTo(out);
                }
            }
            int status = opened.getResponseCode();
            SdkHttpFullResponse.Builder answer =
                    SdkHttpFullResponse.builder().statusCode(status).statusText(opened.getResponseMessage());
            for (Map.Entry<String, List<String>> header :
                    opened.getHeaderFields().entrySet()) {
                // The status line has no name.
                if (header.getKey() != null) {
                    answer.putHeader(header.getKey(), header.getValue());
                }
            }
            InputStream body =
                    status >= HttpURLConnection.HTTP_BAD_REQUEST ? opened.getErrorStream() : opened.getInputStream();
            return HttpExecuteResponse.builder()
                    .response(answer.build())
                    .responseBody(body == null ? null : AbortableInputStream.create(body))
                    .build();
        }

        @Override
        public void abort() {
            isAborted = true;
            HttpURLConnection opened = connection;
            if (opened != null) {
                opened.disconnect();
            }
        }
    }
}
