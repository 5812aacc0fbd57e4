package io.github.spotspec.function.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
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
 * Sends the SDK's calls with the JDK's {@link HttpURLConnection}, which keeps its connections in the JVM. Thread-safe.
 *
 * <p>The SDK's own {@code url-connection-client} streams request bodies. Therefore the JDK waits one millisecond before
 * each POST on a kept connection, to find out whether the connection was closed, and does more work per call. The
 * function's request bodies are short, so this client passes each body as a whole. If a kept connection gives no
 * answer, the JDK repeats the call once on a new connection. Therefore a call may arrive twice, as it may with the
 * SDK's own retries. A call that the SDK must not retry is streamed and arrives once.
 *
 * <p>Accepts compressed answers, because decrypting a long answer of EC2 takes more CPU than anything else that is done
 * with it. EC2 compresses answers if the client accepts it: 6 MB of instances to 246 kB, according to <a
 * href="https://github.com/aws/aws-sdk-java/pull/256">a user of AWS's first SDK for Java</a>. The SDK does not request
 * compression.
 */
public final class JdkHttpClient implements SdkHttpClient {
    /** The header in which the SDK numbers each attempt of a call and states the maximum number of attempts. */
    private static final String TRIES = "amz-sdk-request";

    private static final String ONLY_ONE = "; max=1";

    private static final String ENCODING = "Content-Encoding";
    private static final String GZIP = "gzip";
    private static final int GZIP_BUFFER = 8_192;

    private final Duration connectionTimeout;
    private final Duration readTimeout;
    private final @Nullable SSLSocketFactory sockets;

    /**
     * Creates a client.
     *
     * @param connectionTimeout the maximum time for connecting, without the TLS handshake
     * @param readTimeout the maximum time to wait for the next bytes
     * @param sockets creates the TLS sockets; null for the JVM's default
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
        // The connections belong to the JVM, which closes them when they are idle for some time.
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
        // The JDK's default for this header is not valid in HTTP (JDK-8163921).
        connection.setRequestProperty("Accept", "*/*");
        // Set here and not by the SDK, whose signature would include it.
        connection.setRequestProperty("Accept-Encoding", GZIP);
        for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
            connection.setRequestProperty(header.getKey(), String.join(",", header.getValue()));
        }
        if (request.firstMatchingHeader(TRIES).orElse("").endsWith(ONLY_ONE)) {
            request.firstMatchingHeader("Content-Length")
                    .ifPresent(length -> connection.setFixedLengthStreamingMode(Long.parseLong(length)));
        }
        return connection;
    }

    /** Decompresses a body, unless it is empty and so lacks even a header. */
    private static InputStream decompressed(InputStream body) throws IOException {
        try {
            PushbackInputStream start = new PushbackInputStream(body);
            int first = start.read();
            if (first < 0) {
                return start;
            }
            start.unread(first);
            return new GZIPInputStream(start, GZIP_BUFFER);
        } catch (IOException e) {
            body.close();
            throw e;
        }
    }

    /** One request and its response. */
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
            } catch (RuntimeException e) {
                if (isAborted) {
                    // The JDK's code fails with a NullPointerException, bare or wrapped, if another thread disconnects
                    // the connection in the meantime.
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
            if (body != null && GZIP.equalsIgnoreCase(opened.getHeaderField(ENCODING))) {
                body = decompressed(body);
                // They describe the compressed body, which the SDK doesn't see.
                answer.removeHeader(ENCODING).removeHeader("Content-Length");
            }
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
