package io.github.spotspec.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Measures bytes and classes of packages. Excludes Node.js and Python, because their runtimes contain an SDK. */
final class PackageSize implements Measurement {
    static final String FIGURE = "package";
    private static final double MEGABYTE = 1_000_000;

    private final String contestant;
    private final List<Path> archives;

    PackageSize(String contestant, List<Path> archives) {
        this.contestant = contestant;
        this.archives = archives;
    }

    @Override
    public void measure(int runs, Table table) throws IOException {
        long bytes = 0;
        int classes = 0;
        for (Path archive : archives) {
            bytes += Files.size(archive);
            try (InputStream in = Files.newInputStream(archive)) {
                classes += classes(in);
            }
        }
        table.add(FIGURE, contestant, "MB", bytes / MEGABYTE);
        table.add(FIGURE + ", classes", contestant, "", classes);
    }

    /** Counts the classes in an archive, and in the jars in it. */
    private static int classes(InputStream archive) throws IOException {
        int classes = 0;
        ZipInputStream zip = new ZipInputStream(archive);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (entry.getName().endsWith(".class")) {
                classes++;
            } else if (entry.getName().endsWith(".jar")) {
                classes += classes(new ByteArrayInputStream(zip.readAllBytes()));
            }
        }
        return classes;
    }
}
