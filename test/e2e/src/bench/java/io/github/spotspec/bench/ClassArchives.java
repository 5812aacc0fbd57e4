package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * The function with class archives of the JVM, as far as Lambda's managed runtime allows them through
 * {@code JAVA_TOOL_OPTIONS}. The JVM archives only classes that it loads itself, so the jar is appended to the boot
 * class path.
 */
final class ClassArchives {
    /** The function on the boot class path, without an archive. */
    private static final String MOVED = "on the boot class path";

    private static final String CLASS_ARCHIVE = "with a class archive";
    private static final String AOT_CACHE = "with an AOT cache";
    private static final String PREPARED = "archive";
    private static final String JAR = "lib/spotspec-function.jar";
    private static final double BYTES_PER_MB = 1e6;

    /** The setting of all measurements, because an archive fits only one way to start. */
    static final Setting SETTING = Setting.cold(true, true);

    private final BenchmarkAccount account;
    private final Contestant own;
    private final Path folder;
    private final Path jar;

    /**
     * Unpacks the function.
     *
     * @param function the packaged function
     * @param folder the output folder
     */
    ClassArchives(BenchmarkAccount account, Contestant own, Path function, Path folder) throws IOException {
        this.account = account;
        this.own = own;
        this.folder = Files.createDirectories(folder);
        this.jar = folder.resolve("function.jar");
        Files.deleteIfExists(jar);
        try (ZipFile zip = new ZipFile(function.toFile())) {
            Files.copy(zip.getInputStream(zip.getEntry(JAR)), jar);
        }
    }

    /** Creates the archives, and returns the function as packaged, on the boot class path, and with each archive. */
    List<Contestant> contestants(Table table) throws IOException {
        List<Contestant> contestants = new ArrayList<>(List.of(own, started(MOVED, "")));
        contestants.add(prepared(CLASS_ARCHIVE, "-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile=", table));
        contestants.add(prepared(AOT_CACHE, "-XX:AOTCacheOutput=", "-XX:AOTCache=", table));
        return contestants;
    }

    private Contestant prepared(String name, String output, String input, Table table) throws IOException {
        Path file = folder.resolve(name.replace(' ', '-'));
        Files.deleteIfExists(file);
        // The JVM writes the archive on a normal exit, with the classes of the first request.
        ProcessHandle process;
        try (Sandbox sandbox = account.start(started(name, output + file), SETTING)) {
            sandbox.answer(ColdStart.QUESTION.event());
            process = sandbox.process();
            process.destroy();
            process.onExit().join();
        }
        if (!Files.exists(file)) {
            throw new IllegalStateException("the JVM did not write " + file);
        }
        requireUsed(name, input + file);
        table.add(PREPARED, name, "MB", Files.size(file) / BYTES_PER_MB);
        return started(name, input + file);
    }

    /** Checks that the JVM uses the archive, because it ignores unsuitable ones silently. */
    private void requireUsed(String name, String options) throws IOException {
        Path loaded = folder.resolve("loaded.log");
        try (Sandbox sandbox = account.start(started(name, options + " -Xlog:class+load:file=" + loaded), SETTING)) {
            sandbox.answer(ColdStart.QUESTION.event());
        }
        try (var lines = Files.lines(loaded)) {
            if (lines.noneMatch(line -> line.contains(own.handler() + " source: shared objects file"))) {
                throw new IllegalStateException("the JVM ignores the archive " + name);
            }
        }
    }

    private Contestant started(String name, String options) {
        return new Contestant(
                name,
                own.what() + ", " + name,
                Map.of("JAVA_TOOL_OPTIONS", "-Xbootclasspath/a:" + jar + " " + options),
                own.handler(),
                own.code(),
                List.of());
    }
}
