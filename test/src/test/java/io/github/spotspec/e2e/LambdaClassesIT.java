package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lambdas that the build has made into classes do what they did. */
final class LambdaClassesIT {
    private static final Path PROGRAM = Deployed.PROJECT.resolve("function/src/main/shrink/LambdaClasses.java");

    /** The one with a marker, and the one that can be serialized. */
    private static final List<String> LEFT = List.of("Lambdas.class", "Lambdas.class");

    /** The SDK is compiled for 8, where a class is in no nest; the function for what it runs on. */
    @ParameterizedTest
    @ValueSource(strings = {"8", "25"})
    void lambdasOfEveryKindDoWhatTheyDid(String release, @TempDir Path folder) throws Exception {
        Path jar = jar(compiled(release, folder), folder.resolve("lambdas.jar"));
        Path copy = folder.resolve("copy.jar");

        assertEquals("", copied(jar, copy));

        List<String> expected = told(jar);
        assertTrue(expected.size() > 30, expected.toString());
        assertEquals(expected, told(copy));
        assertTrue(PackageIT.lambdasLeft(jar).size() > LEFT.size());
        assertEquals(LEFT, PackageIT.lambdasLeft(copy));
    }

    @Test
    void theSameJarBecomesTheSameClasses(@TempDir Path folder) throws Exception {
        Path jar = jar(compiled("25", folder), folder.resolve("lambdas.jar"));
        Path one = folder.resolve("one.jar");
        Path other = folder.resolve("other.jar");

        assertEquals("", copied(jar, one));
        assertEquals("", copied(jar, other));

        assertEquals(contents(one), contents(other));
    }

    @Test
    void aNestWithoutItsHostIsRefused(@TempDir Path folder) throws Exception {
        Path classes = compiled("25", folder);
        Files.delete(classes.resolve("named/Host.class"));

        String said = copied(jar(classes, folder.resolve("lambdas.jar")), folder.resolve("copy.jar"));

        assertTrue(said.contains("there is no named/Host.class, whose nest named/Host$Within.class is in"), said);
    }

    @Test
    void aClassThatIsThereAlreadyIsNotOverwritten(@TempDir Path folder) throws Exception {
        Path classes = compiled("25", folder);
        Files.copy(classes.resolve("named/Below.class"), classes.resolve("named/Below$$Lambda0.class"));

        String said = copied(jar(classes, folder.resolve("lambdas.jar")), folder.resolve("copy.jar"));

        assertTrue(said.contains("there is a named/Below$$Lambda0.class already"), said);
    }

    /** Copies a jar as the build does, and returns what was said: nothing if it went well. */
    private static String copied(Path jar, Path copy) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        PROGRAM.toString(),
                        jar.toString(),
                        copy.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(said.isEmpty() ? 0 : 1, process.waitFor(), said);
        return said;
    }

    private static Path compiled(String release, Path folder) throws Exception {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        List<String> arguments =
                new ArrayList<>(List.of("--release", release, "-Xlint:-options", "-d", classes.toString()));
        files(Path.of(LambdaClassesIT.class.getResource("/lambdas").toURI()))
                .forEach(source -> arguments.add(source.toString()));
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, OutputStream.nullOutputStream(), null, arguments.toArray(String[]::new));
        assertEquals(0, result);
        return classes;
    }

    private static Path jar(Path classes, Path jar) throws IOException {
        try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Path file : files(classes)) {
                to.putNextEntry(new ZipEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, to);
            }
        }
        return jar;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Map<String, String> contents(Path jar) throws IOException {
        Map<String, String> contents = new LinkedHashMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : Collections.list(file.entries())) {
                contents.put(
                        entry.getName(),
                        HexFormat.of().formatHex(file.getInputStream(entry).readAllBytes()));
            }
        }
        return contents;
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
