package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The construct's jar alone is enough, wherever it is used, and gives the same template every time. */
final class ForeignFolderIT {
    private static final Path FUNCTION = Deployed.PROJECT.resolve("function/target/spotspec-function.jar");

    @Test
    void theJarAloneSynthesizesTheSameTwiceInAForeignFolder(@TempDir Path one, @TempDir Path another) throws Exception {
        Synthesized first = Synthesized.of(Deployed.PROJECT, one);
        Synthesized second = Synthesized.of(Deployed.PROJECT, another);

        assertEquals(first.template(), second.template());
        assertArrayEquals(Files.readAllBytes(FUNCTION), Files.readAllBytes(first.asset()));
        assertEquals(first.asset().getFileName(), second.asset().getFileName());
    }
}
