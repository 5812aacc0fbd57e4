package io.github.spotspec.local.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate of the TLS endpoint: self-signed, for loopback, made by the JDK's keytool when first needed and
 * worthless elsewhere.
 *
 * @param context serves with the certificate
 * @param trusted trusts the certificate, in clients of this JVM
 * @param store the certificate and its key, as clients in other JVMs can trust it; its password is the JDK's customary one
 */
public record Tls(SSLContext context, List<TrustManager> trusted, Path store) {
    /** The password; nothing of worth is behind it. */
    public static final String PASSWORD = "changeit";

    /** Opens the certificate that lies in a folder, or makes it. */
    public static Tls in(Path folder) throws IOException {
        Path store = folder.resolve("loopback.p12");
        if (!Files.exists(store)) {
            make(store);
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, PASSWORD.toCharArray());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), null, null);
            return new Tls(context, List.of(trusted.getTrustManagers()), store);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot open " + store, e);
        }
    }

    private static void make(Path store) throws IOException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Path draft = store.resolveSibling("draft-" + ProcessHandle.current().pid() + ".p12");
        Process process = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        "loopback",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
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
        Files.move(draft, store, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
}
