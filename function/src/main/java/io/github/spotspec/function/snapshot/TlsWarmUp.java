package io.github.spotspec.function.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * Shakes hands with AWS as requests do, by the SDK's HTTP client and on a virtual thread, so that the classes, the trusted
 * certificates and the compiled code of all that are in a snapshot. The handshake is of a context of its own and its connection
 * is closed: no session and no socket is left that could be restored.
 */
public final class TlsWarmUp {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private TlsWarmUp() {}

    /**
     * Sends an unsigned request, and does not look at the answer.
     *
     * @throws IOException if there is none
     */
    public static void shakeHands(URI endpoint) throws IOException, GeneralSecurityException {
        // The one that the service's own requests will use, with the certificates that it trusts.
        SSLContext.getDefault();
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init((KeyStore) null);
        FutureTask<Integer> request = new FutureTask<>(() -> status(endpoint, trusted));
        Thread.ofVirtual().start(request);
        try {
            request.get();
        } catch (ExecutionException e) {
            throw new IOException("there is no answer", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static int status(URI endpoint, TrustManagerFactory trusted) throws IOException {
        try (SdkHttpClient own = UrlConnectionHttpClient.builder()
                .connectionTimeout(TIMEOUT)
                .socketTimeout(TIMEOUT)
                .tlsTrustManagersProvider(trusted::getTrustManagers)
                .build()) {
            HttpExecuteResponse answer = own.prepareRequest(HttpExecuteRequest.builder()
                            .request(SdkHttpRequest.builder()
                                    .method(SdkHttpMethod.GET)
                                    .uri(endpoint)
                                    .putHeader("Connection", "close")
                                    .build())
                            .build())
                    .call();
            if (answer.responseBody().isPresent()) {
                try (InputStream body = answer.responseBody().get()) {
                    body.transferTo(OutputStream.nullOutputStream());
                }
            }
            return answer.httpResponse().statusCode();
        }
    }
}
