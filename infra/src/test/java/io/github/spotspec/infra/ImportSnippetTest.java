package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;

/**
 * Synthesizes the TypeScript snippet of the documents. It has no type annotations, so Node.js runs it as it is. The npm
 * packages are those that the CDK's jars contain. Unpacking and loading them takes up to half a minute.
 */
@Tag("long")
final class ImportSnippetTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```ts\\n(.*?)^```$");
    private static final int MAX_SECONDS = 180;

    private static void run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("CDK_OUTDIR", folder.resolve("out").toString());
        Process process = builder.start();
        boolean ended = process.waitFor(MAX_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended && process.exitValue() == 0, () -> {
            try {
                return List.of(command) + ": " + Files.readString(output);
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    /** Installs the npm packages that are in the jars on the class path. */
    private static void install(Path folder) throws IOException, InterruptedException {
        for (String file : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!file.endsWith(".jar")) {
                continue;
            }
            try (JarFile jar = new JarFile(file)) {
                for (ZipEntry entry : jar.stream()
                        .filter(one -> one.getName().matches("software/.*\\.jsii\\.tgz"))
                        .toList()) {
                    Path archive = folder.resolve("package.tgz");
                    try (InputStream content = jar.getInputStream(entry)) {
                        Files.copy(content, archive);
                    }
                    run(folder, "tar", "-xzf", archive.toString());
                    Path unpacked = folder.resolve("package");
                    String name = new ObjectMapper()
                            .readTree(unpacked.resolve("package.json").toFile())
                            .path("name")
                            .asText();
                    Path target = folder.resolve("node_modules").resolve(name);
                    Files.createDirectories(target.resolveSibling("."));
                    Files.move(unpacked, target);
                    Files.delete(archive);
                }
            }
        }
    }

    @Test
    void typeScriptGrantsWhatTheConstructGrants(@TempDir Path folder) throws Exception {
        Matcher block = BLOCK.matcher(Files.readString(Path.of("../docs/import.md")));
        assertTrue(block.find());
        install(folder);
        Files.writeString(folder.resolve("app.mjs"), block.group(1));
        run(folder, "node", "app.mjs");

        Synthesis snippet = Synthesis.read(folder.resolve("out/Jobs.template.json"));
        Synthesis construct = Synthesis.of(stack -> SpotService.fromParameterName(stack, "Spot", "/spotspec/team")
                .grantInvoke(Role.Builder.create(stack, "Job")
                        .assumedBy(new AccountRootPrincipal())
                        .build()));
        assertEquals(construct.parameter("/spotspec/team"), snippet.parameter("/spotspec/team"));
        assertEquals(
                new HashSet<>(construct.policyOfRole("Job").statements()),
                new HashSet<>(snippet.policyOfRole("Job").statements()));
        assertEquals("${" + snippet.parameter("/spotspec/team").get("id") + "}[0]", snippet.output("SpotUrl"));
    }
}
