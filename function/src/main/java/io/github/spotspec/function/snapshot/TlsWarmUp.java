package io.github.spotspec.function.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * Shakes hands with AWS, so that the classes, the trusted certificates and the compiled code of TLS are in a snapshot. The
 * handshake is of a context of its own and its connection is closed: no session and no socket is left that could be restored.
 */
public final class TlsWarmUp {
    private static final int TIMEOUT_MILLIS = 2_000;

    private TlsWarmUp() {}

    /**
     * Sends an unsigned request, and does not look at the answer.
     *
     * @throws IOException if there is none
     */
    public static void shakeHands(URI endpoint) throws IOException, GeneralSecurityException {
        // The one that the service's own requests will use, with the certificates that it trusts.
        SSLContext.getDefault();
        SSLContext own = SSLContext.getInstance("TLS");
        own.init(null, null, null);
        if (!(endpoint.toURL().openConnection() instanceof HttpsURLConnection connection)) {
            return;
        }
        connection.setSSLSocketFactory(own.getSocketFactory());
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Connection", "close");
        try {
            InputStream answer =
                    connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream();
            if (answer != null) {
                answer.transferTo(OutputStream.nullOutputStream());
            }
        } finally {
            connection.disconnect();
        }
    }
}
