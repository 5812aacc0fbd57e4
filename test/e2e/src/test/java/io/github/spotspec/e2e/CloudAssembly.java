package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The cloud assembly of an app.
 *
 * @param folder the folder of the assembly
 */
record CloudAssembly(Path folder) {
    /** Runs the app of a project as cdk.json does, but in another folder. */
    static CloudAssembly of(Path project, Path folder) throws IOException, InterruptedException {
        return of(project, folder, Map.of());
    }

    /** Runs a project's app with a context, as the CDK CLI does with {@code -c}. */
    static CloudAssembly of(Path project, Path folder, Map<String, String> context)
            throws IOException, InterruptedException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode all =
                (ObjectNode) json.readTree(project.resolve("cdk.json").toFile()).path("context");
        context.forEach(all::put);
        ProcessBuilder builder = new ProcessBuilder(
                        LocalDeployment.JAVA,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        LocalDeployment.classPath(project),
                        "io.github.spotspec.infra.SpotApp")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("CDK_OUTDIR", folder.resolve("cdk.out").toString());
        builder.environment().put("CDK_CONTEXT_JSON", json.writeValueAsString(all));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return new CloudAssembly(folder.resolve("cdk.out"));
    }

    String template() throws IOException {
        return Files.readString(folder.resolve("Spotspec.template.json"));
    }

    /** Returns the only asset. Its name contains its hash. */
    Path asset() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> assets = files.filter(
                            file -> file.getFileName().toString().startsWith("asset."))
                    .toList();
            assertEquals(1, assets.size(), assets.toString());
            return assets.getFirst();
        }
    }
}
