package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The construct's jar alone is enough, wherever it is used, and gives the same template every time. */
final class ForeignFolderIT {
    private static final Path FUNCTION = Deployed.PROJECT.resolve("function/target/spotspec-function.jar");

    @Test
    void theJarAloneSynthesizesTheSameTwiceInAForeignFolder(@TempDir Path one, @TempDir Path another) throws Exception {
        synthesize(one);
        synthesize(another);

        assertEquals(
                Files.readString(one.resolve("cdk.out/Spotspec.template.json")),
                Files.readString(another.resolve("cdk.out/Spotspec.template.json")));
        assertArrayEquals(Files.readAllBytes(FUNCTION), Files.readAllBytes(asset(one)));
        assertEquals(asset(one).getFileName(), asset(another).getFileName());
    }

    private static Path asset(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cdk.out"))) {
            List<Path> assets = files.filter(
                            file -> file.getFileName().toString().startsWith("asset."))
                    .toList();
            assertEquals(1, assets.size(), assets.toString());
            return assets.getFirst();
        }
    }

    /** Runs the app as cdk.json does, but with nothing of this project around it. */
    private static void synthesize(Path folder) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Deployed.JAVA, "@" + Deployed.PROJECT.resolve("infra/target/app.args"))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("CDK_OUTDIR", folder.resolve("cdk.out").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
