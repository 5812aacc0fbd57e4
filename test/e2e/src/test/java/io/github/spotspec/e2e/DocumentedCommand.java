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
 * A shell command in the documents. It is either a fenced block of shell, or inline code that starts with a program and
 * has an argument. Tests run it exactly as documented, except for placeholders.
 */
record DocumentedCommand(String text) {
    /** The commands that tests run, each by its text or by a unique prefix. */
    static final List<String> RUN_BY_TESTS = List.of(
            "./local",
            "./local mfa",
            "./local keeper",
            "./local --help",
            "./local -- ./spot price",
            "./local -- bash",
            "./local --run-user-data -- bash",
            "./local -c urlAuth=token",
            "./local -c urlAuth=token -- sh -c",
            "aws iam create-virtual-mfa-device",
            "aws iam deactivate-mfa-device",
            "aws iam delete-access-key",
            "aws iam delete-virtual-mfa-device",
            "aws iam enable-mfa-device",
            "aws iam list-access-keys",
            "aws lambda invoke",
            "aws secretsmanager cancel-rotate-secret",
            "aws secretsmanager rotate-secret",
            "cp -r examples/minimal ~/my-app",
            "curl -s --aws-sigv4 aws:amz:us-west-2:lambda",
            "curl -s -H \"Authorization: Bearer $TOKEN\"",
            "curl -s -H \"Authorization: Bearer $SPOT_TOKEN\" \"${SPOT_URL}openapi.json\"",
            "eval \"$(spot completion bash)\"",
            "mvn verify -Plive",
            "npx cdk deploy -c regions=us-west-2,us-east-1 -c invokers=",
            "npx cdk deploy -c regions=us-west-2,us-east-1 -c urlAuth=token",
            "npx cdk destroy",
            "npx cdk diff -c",
            "spot --help",
            "spot --service ci ls",
            "spot ask",
            "spot cost",
            "spot cost --region all",
            "spot completion fish | source",
            "spot help launch",
            "spot logs",
            "spot price --vcpu 16",
            "spot scp",
            "spot ssh",
            "spot ssh i-0123456789abcdef0",
            "spot launch m7g.large -y --wait 2h",
            "spot launch m7g.large -y --wait-running",
            "spot login",
            "spot login --life 8h",
            "spot login\nspot status",
            "spot logout",
            "spot logout --all",
            "spot mint --tasks price --life 10m",
            "spot mint --tasks price,launch,instances,end",
            "spot status");

    private static final Set<String> LANGUAGES =
            Set.of("sh", "java", "json", "kotlin", "xml", "yaml", "ts", "python", "mermaid", "text");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(\\w*)\\n(.*?)^ *```$");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
    private static final Pattern PROGRAM =
            Pattern.compile("(?s)(\\./\\w+|spot|npx|npm|node|mvn|aws|curl|cp|export|eval|git|java) .*");

    /** Returns the contents of all documents. */
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

    /** Returns all inline code of the documents. */
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
                assertTrue(LANGUAGES.contains(block.group(2)), "no language for the block: " + text);
                if (block.group(2).equals("sh")) {
                    commands.add(text);
                } else {
                    assertTrue(!PROGRAM.matcher(text).matches(), "not marked as shell: " + text);
                }
            }
        }
        // An ellipsis marks a fragment of a command.
        spans().stream()
                .filter(span -> PROGRAM.matcher(span).matches() && !span.contains("…"))
                .forEach(commands::add);
        Set<DocumentedCommand> all = new LinkedHashSet<>();
        commands.forEach(text -> all.add(new DocumentedCommand(text)));
        return all;
    }

    /** Returns the command with this text, or else the only command with this prefix. */
    static DocumentedCommand of(String prefix) throws IOException {
        assertTrue(RUN_BY_TESTS.contains(prefix), () -> "add to RUN_BY_TESTS: " + prefix);
        Set<DocumentedCommand> all = all();
        if (all.contains(new DocumentedCommand(prefix))) {
            return new DocumentedCommand(prefix);
        }
        List<DocumentedCommand> found =
                all.stream().filter(command -> command.text.startsWith(prefix)).toList();
        assertEquals(1, found.size(), () -> "commands that start with " + prefix + ": " + found);
        return found.getFirst();
    }

    /** Returns the command with a placeholder replaced. */
    DocumentedCommand with(String placeholder, String value) {
        Matcher word = Pattern.compile("(?<!\\w)" + Pattern.quote(placeholder) + "(?!\\w)")
                .matcher(text);
        assertTrue(word.find(), placeholder + " is not in " + text);
        return new DocumentedCommand(word.replaceAll(Matcher.quoteReplacement(value)));
    }

    /** Returns a shell that runs the command in a folder and exits when a part of it fails. */
    ProcessBuilder in(Path folder) {
        return new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", text).directory(folder.toFile());
    }

    /** Types the command into a shell, so that a nested shell reads the lines that follow. */
    Result runInShell(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash").directory(LocalDeployment.PROJECT.toFile());
        // Nested shells inherit it.
        builder.environment().put("SHELLOPTS", "errexit:pipefail");
        return ran(builder, environment, text + "\n");
    }

    /** Runs the command in the project folder, and returns its output. */
    String run(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        Result ran = runUnchecked(environment);
        assertEquals(0, ran.status(), text + "\n" + ran.output());
        return ran.output();
    }

    /** The exit status and the output of a command. */
    record Result(int status, String output) {}

    /** Runs the command in the project folder without checking its status. */
    Result runUnchecked(Consumer<ProcessBuilder> environment) throws IOException, InterruptedException {
        return ran(in(LocalDeployment.PROJECT), environment, "");
    }

    private static Result ran(ProcessBuilder builder, Consumer<ProcessBuilder> environment, String input)
            throws IOException, InterruptedException {
        environment.accept(builder.redirectErrorStream(true));
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
