package io.github.spotspec.function.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
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

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 16;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int RECORD_BYTES = 16_384;

    /** After so many, nothing of it is interpreted any more. */
    private static final int RECORDS = 400;

    private TlsWarmUp() {}

    /**
     * Sends an unsigned request, and does not look at the answer.
     *
     * @throws IOException if there is none
     */
    public static void shakeHands(URI endpoint) throws IOException, GeneralSecurityException {
        // What the service's own requests trust as well. They have another context, and so none of this handshake's
        // sessions.
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

    /**
     * Decrypts records as those of TLS are, with a key that is no secret and protects nothing. Until the JVM has compiled it,
     * that is what takes the longest of reading a long answer.
     */
    public static void decrypt() throws GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(new byte[KEY_BYTES], "AES");
        GCMParameterSpec parameters = new GCMParameterSpec(TAG_BITS, new byte[IV_BYTES]);
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        ByteBuffer record = ByteBuffer.wrap(cipher.doFinal(new byte[RECORD_BYTES]));
        ByteBuffer text = ByteBuffer.allocate(RECORD_BYTES);
        for (int i = 0; i < RECORDS; i++) {
            cipher.init(Cipher.DECRYPT_MODE, key, parameters);
            cipher.doFinal(record.rewind(), text.rewind());
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
