package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Compiles the Java snippets in the documents: classes unchanged, and statements inside a stack. */
final class SnippetsTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
    private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");

    /** The stack around a snippet of statements, with the variables that snippets use. */
    private static final String STACK = """
        import io.github.spotspec.infra.*;
        import software.amazon.awscdk.Duration;
        import software.amazon.awscdk.Stack;
        import software.amazon.awscdk.services.iam.*;
        import software.amazon.awscdk.services.secretsmanager.Secret;
        import software.amazon.awscdk.services.sns.Topic;
        import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;

        final class NAME extends Stack {
            NAME(Role ciRole, Stack stackInUsEast1) {
                BLOCK
            }
        }
        """;

    @Test
    void everySnippetCompiles() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (String block : blocks()) {
            Matcher named = CLASS.matcher(block);
            String name = named.find() ? named.group(1) : "Snippet" + sources.size();
            sources.add(source(
                    name,
                    block.contains("class ")
                            ? block
                            : STACK.replace("NAME", name).replace("BLOCK", block)));
        }
        assertTrue(sources.size() > 3, "blocks: " + sources.size());

        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path target = Files.createDirectories(Path.of("target/snippets"));
        boolean compiled = compiler.getTask(
                        null,
                        null,
                        diagnostics,
                        List.of("-d", target.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"),
                        null,
                        sources)
                .call();

        assertEquals(
                "",
                diagnostics.getDiagnostics().stream()
                        .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
                        .map(one -> one.getMessage(Locale.ROOT))
                        .collect(Collectors.joining("\n")));
        assertTrue(compiled);
    }

    private static List<String> blocks() throws IOException {
        List<String> blocks = new ArrayList<>();
        for (Path folder : List.of(PROJECT, PROJECT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(name -> name.toString().endsWith(".md"))
                        .sorted()
                        .toList()) {
                    Matcher block = BLOCK.matcher(Files.readString(file));
                    while (block.find()) {
                        blocks.add(block.group(1));
                    }
                }
            }
        }
        return blocks;
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
