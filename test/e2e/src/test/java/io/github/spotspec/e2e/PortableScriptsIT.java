package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Searches the scripts and the documented commands for what works on Linux only: options of GNU's tools that macOS does
 * not have, tools that macOS does not have, and features that are newer than its bash 3.2.
 */
final class PortableScriptsIT {
    /** What stands before the name of a command. */
    private static final String COMMAND =
            "(?:^|[|;&({!]|\\$\\(|\\b(?:if|then|else|do|exec|while|until)\\b)\\s*(?:\\w+=\\S* +)*";

    private static final Map<String, Pattern> GNU_ONLY = Map.ofEntries(
            rule(
                    "an option of GNU find",
                    "find\\b[^|;]* -(?:quit|f?printf|newer\\w\\w|(?:max|min)depth|delete|empty|i?regex\\w*|readable|writable|executable|perm /)"),
            rule("an option of GNU sed", "sed\\b(?: +-[nEe]+(?: +'[^']*')?)* +-[nEe]*[uirsz]"),
            rule("an option of GNU date", "date\\b(?: +-u)? +-[dIRr]"),
            rule("an option of GNU grep", "grep +-\\w*[PZz]"),
            rule("an option of GNU xargs", "xargs +(?:-\\w+ +)*-\\w*[rd]"),
            rule("an option of GNU sort", "sort +(?:-\\w+ +)*-\\w*[VhRz]"),
            rule("an option of GNU base64", "base64 +-[wd]"),
            rule("an option of GNU stat, ln or cp", "(?:stat +-[cf]|ln +-\\w*[rtT]|cp +-\\w*[tTu])"),
            rule("an option of GNU readlink", "readlink +-[fem]"),
            rule("an option of GNU mktemp", "mktemp +(?:-d +)?-[pt-]"),
            rule("a negative count of GNU head", "head +-[cn] *-"),
            rule(
                    "a long option of GNU's tools",
                    "(?:cat|chmod|cp|cut|date|find|grep|head|ls|mkdir|mktemp|mv|od|readlink|rm|sed|sort|stat|tail|tr|uniq|wc|xargs)\\b[^|;&]* --[a-z]"),
            rule("a tool that macOS lacks", "(?:getent|md5sum|nproc|numfmt|pidof|setsid|shuf|tac|timeout)\\b"));

    private static final Map<String, Pattern> NEWER_BASH = Map.ofEntries(
            Map.entry("a Linux file system", Pattern.compile("/proc/|/sys/")),
            Map.entry(
                    "an associative array or a reference",
                    Pattern.compile("\\b(?:declare|local|typeset) +-\\w*[Anlu]")),
            Map.entry("mapfile", Pattern.compile("\\b(?:mapfile|readarray|coproc|wait -n|read -N|globstar)\\b")),
            Map.entry("a conversion of case", Pattern.compile("\\$\\{\\w+(?:\\[[@*]\\])?(?:,,?|\\^\\^?|@\\w)\\}?")),
            Map.entry("|& or &>>", Pattern.compile("\\|&|&>>")),
            Map.entry("[ -v ]", Pattern.compile("\\[ +-v ")),
            // bash 3.2 with set -u takes an empty array for an unset one.
            Map.entry("an array that may be empty", Pattern.compile("(?<!\\+)\"\\$\\{\\w+\\[@\\]\\}\"")));

    private static Map.Entry<String, Pattern> rule(String name, String pattern) {
        return Map.entry(name, Pattern.compile(COMMAND + "(?:" + pattern + ")"));
    }

    /** Returns what in a script works on Linux only, with its lines. */
    private static List<String> findings(String script) {
        List<String> found = new ArrayList<>();
        for (String line : script.lines().toList()) {
            if (!line.strip().startsWith("#")) {
                Stream.of(GNU_ONLY, NEWER_BASH)
                        .flatMap(rules -> rules.entrySet().stream())
                        .filter(rule -> rule.getValue().matcher(line).find())
                        .forEach(rule -> found.add(rule.getKey() + ": " + line.strip()));
            }
        }
        return found;
    }

    /** Returns the scripts that readers run. Scripts in hidden folders run on CI only. */
    private static List<Path> scripts() throws IOException {
        List<Path> scripts = new ArrayList<>();
        for (String folder : List.of(".", "docs")) {
            try (Stream<Path> files = Files.list(LocalDeployment.PROJECT.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    byte[] start = Files.readAllBytes(file);
                    if (start.length > 2 && start[0] == '#' && start[1] == '!') {
                        scripts.add(file);
                    }
                }
            }
        }
        return scripts;
    }

    @Test
    void scriptsRunOnMacs() throws IOException {
        List<Path> scripts = scripts();
        assertTrue(scripts.size() >= 3, scripts.toString());
        for (Path script : scripts) {
            String text = Files.readString(script, StandardCharsets.UTF_8);
            assertEquals(List.of(), findings(text), script.getFileName().toString());
        }
    }

    @Test
    void documentedCommandsRunOnMacs() throws IOException {
        for (DocumentedCommand command : DocumentedCommand.all()) {
            assertEquals(List.of(), findings(command.text()), command.text());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ -n \"$(find a -newer b -print -quit)\" ]",
                "find a -printf %p",
                "mvn | sed -n -u -e 's/a/b/p'",
                "sed -i 's/a/b/' c",
                "LC_ALL=C sed -u p",
                "end=$(date -d tomorrow +%s)",
                "date -u -d tomorrow",
                "x=$(readlink -f \"$0\")",
                "grep -P '\\d'",
                "ls | xargs -r rm",
                "sort -V a",
                "base64 -w 0 a",
                "stat -c %a b",
                "mktemp -- a",
                "mktemp -d -p a",
                "cut --fields 1",
                "if sort --unique a; then b; fi",
                "setsid a",
                "cat /proc/self/status",
                "declare -A map",
                "local -n name=$1",
                "mapfile -t lines",
                "echo ${name,,}",
                "echo ${name^}",
                "a |& b",
                "for jar in \"${jars[@]}\"; do"
            })
    void findsWhatWorksOnLinuxOnly(String line) {
        assertFalse(findings(line).isEmpty(), line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ -n \"$(find a -newer b -print)\" ]",
                "sed -n -e 's/ -u/b/p' -e p",
                "date -u +%s",
                "  --sort price|type|zone --limit N",
                "./spot price --sort price",
                "# find -quit",
                "grep -qE a",
                "sort -u a",
                "mktemp -d \"${TMPDIR:-/tmp}/a.XXXXXX\"",
                "echo \"${name%%,*}\"",
                "cmd ${args[@]+\"${args[@]}\"}"
            })
    void acceptsWhatWorksEverywhere(String line) {
        assertEquals(List.of(), findings(line), line);
    }
}
