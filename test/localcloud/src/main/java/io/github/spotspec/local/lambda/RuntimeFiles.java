package io.github.spotspec.local.lambda;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Provides the files that an environment runs: the function's code and AWS's runtime client. Thread-safe. */
final class RuntimeFiles {
    private final Path folder;

    RuntimeFiles(Path folder) {
        this.folder = folder;
    }

    /** Unpacks code once. The runtime client loads classes from this folder, and jars from its lib folder. */
    synchronized Path taskRoot(byte[] code) throws IOException {
        Path root = folder.resolve("task-" + sha256(code).substring(0, 16));
        if (!Files.exists(root)) {
            Path draft = Files.createTempDirectory(folder, "task");
            unpack(code, draft);
            Files.move(draft, root, StandardCopyOption.ATOMIC_MOVE);
        }
        return root;
    }

    private static void unpack(byte[] code, Path to) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(code))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = to.resolve(entry.getName()).normalize();
                if (!file.startsWith(to)) {
                    throw new IOException("a function's code has a file outside of its folder: " + entry.getName());
                }
                Files.createDirectories(entry.isDirectory() ? file : Objects.requireNonNull(file.getParent()));
                if (!entry.isDirectory()) {
                    Files.copy(zip, file);
                }
            }
        }
    }

    /**
     * Extracts the runtime client's native library once, because otherwise each process would write it to the same
     * path.
     */
    synchronized Path nativeLibrary() throws IOException {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        String name = "libaws-lambda-jni.linux-" + machine + ".so";
        Path library = folder.resolve(name);
        if (!Files.exists(library)) {
            try (InputStream in = AWSLambda.class.getResourceAsStream("/jni/" + name)) {
                if (in == null) {
                    throw new IOException("the runtime client has no " + name);
                }
                Files.copy(in, library);
            }
        }
        return library;
    }

    /** Returns a class path of a runtime client and its dependencies, without the rest of this process's class path. */
    static String classPath(RuntimeClient client) {
        return String.join(
                java.io.File.pathSeparator,
                Stream.of(
                                client.program(),
                                AWSLambda.class,
                                LambdaLogger.class,
                                PojoSerializer.class,
                                software.amazon.awssdk.utilslite.SdkInternalThreadLocal.class)
                        .map(RuntimeFiles::location)
                        .distinct()
                        .toList());
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
