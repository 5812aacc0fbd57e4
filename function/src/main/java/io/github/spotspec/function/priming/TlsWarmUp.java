package io.github.spotspec.function.priming;

import io.github.spotspec.function.runtime.JdkHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Does TLS handshakes with AWS through the same HTTP client as requests use. A snapshot then contains the classes, the
 * trusted certificates and the compiled code of a handshake. Each handshake has a separate TLS context, and its
 * connection is closed. So no TLS session or socket is left that could be restored.
 */
public final class TlsWarmUp {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 16;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int RECORD_BYTES = 16_384;

    /** After this many records, the JVM no longer interprets any of the code. */
    private static final int RECORDS = 400;

    private TlsWarmUp() {}

    /**
     * Sends an unsigned request, and discards the answer.
     *
     * @throws IOException if there is no answer
     */
    public static void shakeHands(URI endpoint) throws IOException, GeneralSecurityException {
        // Trusts the same certificate authorities as the service's own requests. Those have another TLS context, and so
        // share no TLS sessions with this handshake.
        SSLContext own = SSLContext.getInstance("TLS");
        own.init(null, null, null);
        try (SdkHttpClient client = new JdkHttpClient(TIMEOUT, TIMEOUT, own.getSocketFactory())) {
            HttpExecuteResponse answer = client.prepareRequest(HttpExecuteRequest.builder()
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
        }
    }

    /**
     * Decrypts records like those of TLS, with a key that is not secret and protects nothing. Until the JVM has
     * compiled this code, decryption takes the largest part of the time to read a long answer.
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
}
