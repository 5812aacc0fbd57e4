package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Does what a new user wants to do, with one command for each task, and compares it with the transcript in the docs.
 */
final class NewUserIT extends SpotClientBase {
    private static final String ID = "i-0123456789abcdef0";
    private static final int WIDTH = 100;

    NewUserIT(LocalDeployment service) {
        super(service);
    }

    @Test
    void fiveTasksTakeOneCommandEach() throws Exception {
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        Files.writeString(folder.resolve("job.sh"), "#!/bin/sh\necho hello\n");
        List<String> commands =
                DocumentedCommand.of("spot price --vcpu 16").text().lines().toList();
        StringBuilder transcript = new StringBuilder();
        String id = ID;
        for (String command : commands) {
            SpotClient.Result ran =
                    spot.runCommand("", List.of("sh", "-c", "cd '" + folder + "' && " + command.replace(ID, id)));
            assertEquals(DONE, ran.status(), command + ran.err());
            assertEquals("", ran.err(), command);
            String own = onlyOf(id, ran.out());
            own.lines().forEach(line -> assertTrue(line.codePointCount(0, line.length()) <= WIDTH, line));
            transcript.append("$ ").append(command.replace(ID, id)).append('\n').append(own);
            if (command.startsWith("spot launch")) {
                assertEquals(1, service.alive().size(), ran.out());
                id = service.alive().getFirst().id();
                assertTrue(ran.out().contains(id), ran.out());
                service.alive().getFirst().console().write("hello\n");
            }
        }

        assertEquals(5, commands.size());
        assertEquals(0, service.alive().size());
        Matcher block = Pattern.compile("(?ms)^```text\\n(\\$ spot price .*?)^```$")
                .matcher(Files.readString(LocalDeployment.PROJECT.resolve("docs/terminal.md")));
        assertTrue(block.find(), "docs/terminal.md has no transcript");
        assertEquals(shape(block.group(1)), shape(transcript.toString()), transcript.toString());
        assertFalse(block.find(), "there is one transcript");
    }

    /** Returns an output without the instances that other tests have ended, which EC2 still shows. */
    private static String onlyOf(String id, String output) {
        return output.lines()
                        .filter(line -> line.startsWith(id) || !line.startsWith("i-") || !line.contains(" terminated "))
                        .collect(Collectors.joining("\n"))
                        .replaceAll("(?s)by (region|caller):.*?\n\n", "")
                        .replaceAll("\\b[0-9]+ instances ·", "1 instance ·")
                        .replaceAll(" · cost unknown for [0-9]+", "")
                + "\n";
    }

    /** Returns what does not differ between two runs. */
    private static String shape(String output) {
        return output.replaceAll("(?s)without price:.*?\n\n", "")
                .replaceAll("\\bi-[0-9a-f]{17}\\b", "INSTANCE")
                // Other tests' instances may have names.
                .replaceAll("\\bNAME +", "")
                .replaceAll("INSTANCE +- ", "INSTANCE ")
                .replaceAll("\\b(pending|running|shutting-down|terminated)\\b", "STATE")
                .replaceAll("\\b[a-z]{2}-[a-z]+-[0-9](-[a-z]+-[0-9])?[a-z]\\b", "ZONE")
                .replaceAll("\\b[a-z][a-z0-9-]*\\.[a-z0-9-]*(xlarge|metal)[a-z0-9-]*", "TYPE")
                .replaceAll("(?<=ADDRESS\\n).*?(?=\\n)", "ROW")
                .replaceAll("\\b[0-9]+[dhms]( [0-9]+[hms])?\\b", "TIME")
                .replaceAll("[0-9]+(\\.[0-9]+)?", "0")
                .replaceAll(" +", " ");
    }
}
