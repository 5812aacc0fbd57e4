package io.github.spotspec.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;

/** What is deployed: bytes and classes. Lambda's runtimes for Node.js and Python bring an SDK along, so they are left out. */
final class PackageSize implements Row {
    private static final double MEGABYTE = 1_000_000;

    private final String contestant;
    private final List<Path> jars;

    PackageSize(String contestant, List<Path> jars) {
        this.contestant = contestant;
        this.jars = jars;
    }

    @Override
    public void measure(int runs, Table table) throws IOException {
        long bytes = 0;
        int classes = 0;
        for (Path jar : jars) {
            bytes += Files.size(jar);
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                classes += (int) zip.stream()
                        .filter(entry -> entry.getName().endsWith(".class"))
                        .count();
            }
        }
        table.add("package", contestant, "MB", bytes / MEGABYTE);
        table.add("package, classes", contestant, "", classes);
    }
}
