package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lambdas that the build has made into classes do what they did. */
final class LambdaClassesIT {
    private static final Path PROGRAM = Deployed.PROJECT.resolve("function/src/main/shrink/LambdaClasses.java");

    /** The SDK is compiled for 8, where a class is in no nest; the function for what it runs on. */
    @ParameterizedTest
    @ValueSource(strings = {"8", "25"})
    void lambdasOfEveryKindDoWhatTheyDid(String release, @TempDir Path folder) throws Exception {
        Path jar = compiled(release, folder);
        Path copy = folder.resolve("copy.jar");

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        PROGRAM.toString(),
                        jar.toString(),
                        copy.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);

        List<String> expected = told(jar);
        assertTrue(expected.size() > 25, expected.toString());
        assertEquals(expected, told(copy));
        assertEquals(List.of(), PackageIT.lambdasLeft(copy));
        assertTrue(!PackageIT.lambdasLeft(jar).isEmpty());
    }

    private static Path compiled(String release, Path folder) throws Exception {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        OutputStream.nullOutputStream(),
                        null,
                        "--release",
                        release,
                        "-Xlint:-options",
                        "-d",
                        classes.toString(),
                        source().toString());
        assertEquals(0, result);
        Path jar = folder.resolve("classes.jar");
        try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.list(classes)) {
            for (Path file : files.toList()) {
                to.putNextEntry(new ZipEntry(file.getFileName().toString()));
                Files.copy(file, to);
            }
        }
        return jar;
    }

    private static Path source() throws URISyntaxException {
        return Path.of(
                LambdaClassesIT.class.getResource("/lambdas/Lambdas.java").toURI());
    }

    private static List<String> told(Path jar) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Supplier<?> lambdas =
                    (Supplier<?>) loader.loadClass("Lambdas").getConstructor().newInstance();
            return ((List<?>) lambdas.get()).stream().map(String::valueOf).toList();
        }
    }
}
