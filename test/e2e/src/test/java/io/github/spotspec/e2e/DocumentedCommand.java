package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command of the documents, run to the letter but for what its reader fills in. A command is a block of shell, or within a
 * line what begins with a program and has an argument. Whoever takes one from here runs it: {@link CommandsIT} counts on that.
 */
record DocumentedCommand(String text) {
    private static final Set<String> LANGUAGES = Set.of("sh", "java", "json", "xml", "mermaid", "text");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(\\w*)\\n(.*?)^ *```$");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
    private static final Pattern PROGRAM =
            Pattern.compile("(?s)(\\./\\w+|spot|npx|npm|node|mvn|aws|curl|cp|export|eval|git|java) .*");

    /** Returns the documents' texts. */
    private static List<String> documents() throws IOException {
        List<String> documents = new ArrayList<>();
        for (Path folder : List.of(LocalDeployment.PROJECT, LocalDeployment.PROJECT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(name -> name.toString().endsWith(".md"))
                        .sorted()
                        .toList()) {
                    documents.add(Files.readString(file));
                }
            }
        }
        return documents;
    }

    /** Returns all that the documents have within lines, as code. */
    static List<String> spans() throws IOException {
        List<String> spans = new ArrayList<>();
        for (String document : documents()) {
            Matcher span = SPAN.matcher(BLOCK.matcher(document).replaceAll(""));
            while (span.find()) {
                spans.add(span.group(1).replaceAll("\\s+", " "));
            }
        }
        return spans;
    }

    /** Returns all commands. */
    static Set<DocumentedCommand> all() throws IOException {
        Set<String> commands = new TreeSet<>();
        for (String document : documents()) {
            Matcher block = BLOCK.matcher(document);
            while (block.find()) {
                String text =
                        block.group(3).replaceAll("(?m)^" + block.group(1), "").strip();
                assertTrue(LANGUAGES.contains(block.group(2)), "the block must say what it is: " + text);
                if (block.group(2).equals("sh")) {
                    commands.add(text);
                } else {
                    assertTrue(!PROGRAM.matcher(text).matches(), "a block of shell must say so: " + text);
                }
            }
        }
        // What is left out of a command is not known to be one.
        spans().stream()
                .filter(span -> PROGRAM.matcher(span).matches() && !span.contains("…"))
                .forEach(commands::add);
        Set<DocumentedCommand> all = new LinkedHashSet<>();
        commands.forEach(text -> all.add(new DocumentedCommand(text)));
        return all;
    }

    /** Returns the command of a text, or else the only one that begins so. */
    static DocumentedCommand of(String beginning) throws IOException {
        Set<DocumentedCommand> all = all();
        if (all.contains(new DocumentedCommand(beginning))) {
            return new DocumentedCommand(beginning);
        }
        List<DocumentedCommand> found = all.stream()
                .filter(command -> command.text.startsWith(beginning))
                .toList();
        assertEquals(1, found.size(), "commands that begin with " + beginning + ": " + found);
        return found.getFirst();
    }

    /** Returns it with something in place of what stands there for it. */
    DocumentedCommand with(String placeholder, String value) {
        Matcher word = Pattern.compile("(?<!\\w)" + Pattern.quote(placeholder) + "(?!\\w)")
                .matcher(text);
        assertTrue(word.find(), placeholder + " is not in " + text);
        return new DocumentedCommand(word.replaceAll(Matcher.quoteReplacement(value)));
    }

    /** Returns the process of it, in a folder: a shell that ends where any command of it fails. */
    ProcessBuilder in(Path folder) {
        return new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", text).directory(folder.toFile());
    }

    /** Runs it as if it were typed into a shell, so that a shell that it starts reads what follows. */
    Ran typed(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash").directory(LocalDeployment.PROJECT.toFile());
        // For the shells that it starts, too.
        builder.environment().put("SHELLOPTS", "errexit:pipefail");
        return ran(builder, environment, text + "\n");
    }

    /** Runs it in the project's folder, and returns what it printed. */
    String run(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        Ran ran = tried(environment);
        assertEquals(0, ran.status(), text + "\n" + ran.output());
        return ran.output();
    }

    /** What came of a command. */
    record Ran(int status, String output) {}

    /** Runs it in the project's folder, whether it succeeds or not. */
    Ran tried(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        return ran(in(LocalDeployment.PROJECT), environment, "");
    }

    private static Ran ran(ProcessBuilder builder, Consumer<ProcessBuilder> environment, String input)
            throws IOException, InterruptedException {
        environment.accept(builder.redirectErrorStream(true));
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }
}
