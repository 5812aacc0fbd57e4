package io.github.spotspec.infra;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awscdk.services.lambda.Code;
import software.constructs.Construct;

/** The function's code, which travels inside this library's jar. */
final class FunctionCode {
    private static final String RESOURCE = "spotspec-function.jar";

    private FunctionCode() {}

    /** Returns the function's jar as an asset; its hash depends on the jar's bytes alone. */
    static Code of(Construct scope) {
        try (InputStream jar = FunctionCode.class.getResourceAsStream(RESOURCE)) {
            if (jar == null) {
                throw new IllegalStateException(
                        "this library was built without " + RESOURCE + "; build it with 'mvn package'");
            }
            Path folder = Files.createTempDirectory("spotspec-");
            Path file = folder.resolve(RESOURCE);
            Files.copy(jar, file);
            // The CDK copies an asset when it is defined, unless the app asks it to point at the original.
            if (scope.getNode().tryGetContext("aws:cdk:disable-asset-staging") == null) {
                file.toFile().deleteOnExit();
                folder.toFile().deleteOnExit();
            }
            return Code.fromAsset(file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack the function's jar", e);
        }
    }
}
