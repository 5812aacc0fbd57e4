package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checks that the tests that the threat model names exist: the classes, and for end-to-end tests also the methods. */
final class ThreatModelIT {
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:IT|Test))(?:\\.(\\w+))?`");
    private static final List<String> PACKAGES = List.of("io.github.spotspec.e2e.", "io.github.spotspec.rights.");

    @Test
    void namedTestsExist() throws IOException {
        List<MatchResult> named = TEST.matcher(Files.readString(LocalDeployment.PROJECT.resolve("THREAT_MODEL.md")))
                .results()
                .toList();
        assertFalse(named.isEmpty());

        Set<String> unitTests = unitTests();
        Set<String> missing = named.stream()
                .filter(test -> test.group(1).endsWith("IT")
                        ? !exists(test.group(1), test.group(2))
                        : !unitTests.contains(test.group(1) + ".java"))
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
    }

    /** Returns the file names of the unit tests, whose classes are not on this module's class path. */
    private static Set<String> unitTests() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : List.of("function", "infra", "test/localcloud")) {
            try (Stream<Path> files =
                    Files.walk(LocalDeployment.PROJECT.resolve(module).resolve("src/test/java"))) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }

    private static boolean exists(String type, @Nullable String method) {
        return PACKAGES.stream().anyMatch(prefix -> {
            try {
                Class<?> test = Class.forName(prefix + type, false, ThreatModelIT.class.getClassLoader());
                return method == null
                        || Arrays.stream(test.getDeclaredMethods())
                                .anyMatch(one -> one.getName().equals(method));
            } catch (ClassNotFoundException elsewhere) {
                return false;
            }
        });
    }
}
