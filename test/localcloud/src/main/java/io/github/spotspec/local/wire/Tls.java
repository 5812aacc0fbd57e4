package io.github.spotspec.local.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate of the TLS endpoint. It is self-signed and for loopback only. The JDK's keytool creates it on first
 * use, and it is worthless elsewhere.
 *
 * @param context the TLS context of a server that uses the certificate
 * @param trusted trust managers for the certificate, for clients in this JVM
 * @param store the certificate alone, as a trust store for clients in other JVMs; it has no password, like the JDK's
 *     own certificate store, because deriving a key from a password would take a large part of a function's start time
 */
public record Tls(SSLContext context, List<TrustManager> trusted, Path store) {
    /** The password of the key, which protects nothing of value. */
    private static final String PASSWORD = "changeit";

    private static final String ALIAS = "loopback";

    /** Opens the certificate in a folder, or creates it. */
    public static Tls in(Path folder) throws IOException {
        Path key = folder.resolve("loopback.p12");
        if (!Files.exists(key)) {
            make(key);
        }
        try (InputStream in = Files.newInputStream(key)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, PASSWORD.toCharArray());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), null, null);
            Path store = folder.resolve("trusted.p12");
            if (!Files.exists(store)) {
                KeyStore alone = KeyStore.getInstance("PKCS12");
                alone.load(null, null);
                alone.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
                Path draft = draft(store);
                try (OutputStream out = Files.newOutputStream(draft)) {
                    alone.store(out, null);
                }
                Files.move(draft, store, StandardCopyOption.ATOMIC_MOVE);
            }
            return new Tls(context, List.of(trusted.getTrustManagers()), store);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot open " + key, e);
        }
    }

    private static Path draft(Path file) {
        return file.resolveSibling("draft-" + ProcessHandle.current().pid() + "-" + file.getFileName());
    }

    private static void make(Path store) throws IOException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Path draft = draft(store);
        Process process = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "SAN=ip:127.0.0.1,dns:localhost",
                        "-ext",
                        "BC=ca:true",
                        "-validity",
                        "3650",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        draft.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        Files.move(draft, store, StandardCopyOption.ATOMIC_MOVE);
    }
}
