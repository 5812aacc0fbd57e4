package io.github.spotspec.infra;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import software.amazon.awscdk.services.lambda.Code;
import software.constructs.Construct;

/** The functions' code, which is in this library's jar. */
final class FunctionCode {
    private static final String RESOURCE = "spotspec-function.zip";

    /** The folder from which the function reads user data that the deployment carries. */
    private static final String USER_DATA = "spotspec/userdata/";

    /**
     * A fixed time, because an asset's hash depends on the times in it. It is local because a zip has no time zones.
     */
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private FunctionCode() {}

    /**
     * Returns the functions' package as an asset. The asset's hash depends only on the package's bytes and the user
     * data.
     *
     * @param userData texts to add to the package, by name
     */
    static Code of(Construct scope, Map<String, String> userData) {
        try (InputStream zip = FunctionCode.class.getResourceAsStream(RESOURCE)) {
            if (zip == null) {
                throw new IllegalStateException(
                        "this library was built without " + RESOURCE + "; build it with 'mvn package'");
            }
            Path folder = Files.createTempDirectory("spotspec-");
            Path file = folder.resolve(RESOURCE);
            // The CDK copies an asset when it is defined, unless the app asks it to point at the original.
            if (scope.getNode().tryGetContext("aws:cdk:disable-asset-staging") == null) {
                // The JVM deletes the last registered file first, and a folder must be empty.
                folder.toFile().deleteOnExit();
                file.toFile().deleteOnExit();
            }
            if (userData.isEmpty()) {
                Files.copy(zip, file);
            } else {
                copyWith(userData, zip, file);
            }
            return Code.fromAsset(file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack the functions' package", e);
        }
    }

    /** Copies a package and adds user data to it. */
    static void copyWith(Map<String, String> userData, InputStream zip, Path file) throws IOException {
        try (ZipInputStream in = new ZipInputStream(zip);
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                out.putNextEntry(entry(entry.getName()));
                in.transferTo(out);
                out.closeEntry();
            }
            for (Map.Entry<String, String> text : userData.entrySet()) {
                out.putNextEntry(entry(USER_DATA + text.getKey()));
                out.write(text.getValue().getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        return entry;
    }
}
