package io.github.spotspec.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Copies and deletes folders. */
final class Folders {
    private Folders() {}

    /** Copies the files of a folder, or a single file. */
    static void copy(Path from, Path to) throws IOException {
        for (Path file : all(from)) {
            if (Files.isRegularFile(file)) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
    }

    /** Deletes a folder if it exists. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file :
                    all(folder).stream().sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> all(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList();
        }
    }
}
