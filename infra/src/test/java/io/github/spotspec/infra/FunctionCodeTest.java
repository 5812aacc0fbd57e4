package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.spotspec.infra.Synthesis.Resource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** User data in the functions' package. */
final class FunctionCodeTest {
    private static final Map<String, String> TEXTS = Map.of("worker", "#!/bin/sh\necho Grüße\n", "other_1-a", "#two");

    private static final Path WITH_USER_DATA = assetWith(TEXTS);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void addsUserDataToAnUnchangedPackage() throws IOException {
        Map<String, Integer> plain = entries(asset(Deployments.byDefault()));
        Map<String, Integer> entries = entries(WITH_USER_DATA);

        assertEquals("#!/bin/sh\necho Grüße\n", text(WITH_USER_DATA, "spotspec/userdata/worker"));
        assertEquals("#two", text(WITH_USER_DATA, "spotspec/userdata/other_1-a"));
        entries.remove("spotspec/userdata/worker");
        entries.remove("spotspec/userdata/other_1-a");
        assertEquals(List.copyOf(plain.keySet()), List.copyOf(entries.keySet()), "in the same order");
        assertEquals(plain, entries);
    }

    @Test
    void assetChangesOnlyWithUserData() {
        assertEquals(WITH_USER_DATA, assetWith(new LinkedHashMap<>(TEXTS)));
        assertNotEquals(WITH_USER_DATA, assetWith(Map.of("worker", "#other", "other_1-a", "#two")));
        assertNotEquals(WITH_USER_DATA, asset(Deployments.byDefault()));
    }

    @Test
    void packageDoesNotDependOnTimeZone() throws IOException {
        TimeZone here = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
            byte[] east = smallPackageWith(Map.of("worker", "#one"));
            TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
            assertArrayEquals(east, smallPackageWith(Map.of("worker", "#one")));
        } finally {
            TimeZone.setDefault(here);
        }
    }

    private byte[] smallPackageWith(Map<String, String> userData) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("some/Some.class"));
            zip.write(1);
        }
        Path file = folder.resolve("small.zip");
        FunctionCode.copyWith(userData, new ByteArrayInputStream(bytes.toByteArray()), file);
        return Files.readAllBytes(file);
    }

    private static Path assetWith(Map<String, String> userData) {
        return asset(Synthesis.of(SpotServiceProps.builder().userData(userData)));
    }

    /** Returns the asset of the function behind the URL. Its file name contains its hash. */
    private static Path asset(Synthesis synthesis) {
        Resource function = synthesis.only("AWS::Lambda::Function", "SpotFunction");
        return Synthesis.OUTPUT.resolve("asset." + ((Map<?, ?>) function.get("Code")).get("S3Key"));
    }

    /** Returns the hash of each entry's bytes, in the package's order. */
    private static Map<String, Integer> entries(Path file) throws IOException {
        Map<String, Integer> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            zip.stream().forEach(entry -> entries.put(entry.getName(), (int) entry.getCrc()));
        }
        return entries;
    }

    private static String text(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return new String(
                    zip.getInputStream(Objects.requireNonNull(zip.getEntry(name), name))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
        }
    }
}
