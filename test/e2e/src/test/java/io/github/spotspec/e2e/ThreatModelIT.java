package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The threat model names the tests that show what it claims; these must exist. */
final class ThreatModelIT {
    /** A class, or a class and a method, or only a method, of the class that was named last. */
    private static final Pattern NAMED =
            Pattern.compile("`(?:(\\w+(?:IT|Test))(?:\\.(\\w+))?|([a-z]+(?:[A-Z][a-z]+){3,}))`");

    @Test
    void everyTestThatItNamesExists() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        String text = Files.readString(LocalDeployment.PROJECT.resolve("THREAT_MODEL.md"));
        Matcher named = NAMED.matcher(text);
        String last = "";
        int tests = 0;
        while (named.find()) {
            tests++;
            last = named.group(1) == null ? last : named.group(1);
            String method = named.group(2) == null ? named.group(3) : named.group(2);
            String source = sources.getOrDefault(last, "");
            if (source.isEmpty() || (method != null && !source.contains("void " + method + "("))) {
                missing.add(last + " " + method);
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(tests > 20, "only " + tests + " tests are found in it");
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("function", "infra", "test/localcloud", "test/e2e")) {
            try (Stream<Path> files =
                    Files.walk(LocalDeployment.PROJECT.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    // Some names are there twice, of unit tests in two modules.
                    sources.merge(name, Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }
}
