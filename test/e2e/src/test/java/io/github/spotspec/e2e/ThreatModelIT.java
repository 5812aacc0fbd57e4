package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checks that the end-to-end tests that the threat model names exist. */
final class ThreatModelIT {
    private static final Pattern TEST = Pattern.compile("`(\\w+IT)(?:\\.(\\w+))?`");
    private static final List<String> PACKAGES = List.of("io.github.spotspec.e2e.", "io.github.spotspec.rights.");

    @Test
    void namedTestsExist() throws IOException {
        List<MatchResult> named = TEST.matcher(Files.readString(LocalDeployment.PROJECT.resolve("THREAT_MODEL.md")))
                .results()
                .toList();
        assertFalse(named.isEmpty());

        Set<String> missing = named.stream()
                .filter(test -> !exists(test.group(1), test.group(2)))
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
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
