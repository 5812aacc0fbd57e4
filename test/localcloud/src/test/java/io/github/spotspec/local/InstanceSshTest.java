package io.github.spotspec.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which programs ssh and scp run, with fakes of the programs of OpenSSH. */
final class InstanceSshTest {
    private static final String[] TO_INSTANCE = {
        "-o", "User=ec2-user", "-o", "HostKeyAlias=i-0123456789abcdef0", "i-0123456789abcdef0", "echo", "User=other"
    };

    @TempDir
    Path folder;

    /** Creates fakes, which print their name and their arguments. */
    private Function<String, Optional<Path>> fakes(String... names) throws Exception {
        Path fakes = Files.createDirectories(folder.resolve("fakes"));
        for (String name : names) {
            ShellScript.write(
                    fakes.resolve(name),
                    name.equals("ssh-keygen")
                            ? "#!/bin/sh\nfor file; do :; done\necho \"$$\" >\"$file\"\n"
                            : "#!/bin/sh\necho " + name + "\nprintf '%s\\n' \"$@\"\n");
        }
        return name -> Optional.of(fakes.resolve(name)).filter(Files::exists);
    }

    private Path create(String... installed) throws Exception {
        return Objects.requireNonNull(
                InstanceSsh.create(folder.resolve("it's"), "http://127.0.0.1:1", fakes(installed)));
    }

    private record Ran(int status, List<String> lines) {}

    private static Ran run(Path program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        return new Ran(process.waitFor(), lines);
    }

    @Test
    void connectsToInstanceThroughServer() throws Exception {
        Path commands = create("ssh-keygen", "ssh", "scp", "sshd");

        List<String> ran = run(commands.resolve("ssh"), TO_INSTANCE).lines();

        assertEquals("ssh", ran.getFirst());
        assertEquals("User=" + System.getProperty("user.name"), ran.get(2));
        assertTrue(ran.get(4).startsWith("ProxyCommand="), ran.toString());
        assertTrue(ran.get(4).endsWith(" i-0123456789abcdef0 ec2-user"), "as the user of the option: " + ran);
        assertTrue(ran.get(6).startsWith("UserKnownHostsFile="), ran.toString());
        assertEquals(List.of(TO_INSTANCE), ran.subList(7, ran.size()));
    }

    @Test
    void leavesOtherHostsToTheProgram() throws Exception {
        Path commands = create("ssh-keygen", "ssh", "scp", "sshd");

        Ran ran = run(commands.resolve("scp"), "-o", "User=me", "HostKeyAlias=i-1", "host:file", ".");

        assertEquals(List.of("scp", "-o", "User=me", "HostKeyAlias=i-1", "host:file", "."), ran.lines());
    }

    @Test
    void saysThatServerIsMissing() throws Exception {
        Path commands = create("ssh-keygen", "ssh", "scp");

        Ran ran = run(commands.resolve("ssh"), TO_INSTANCE);

        assertEquals(3, ran.status());
        assertEquals(1, ran.lines().size());
        assertTrue(ran.lines().getFirst().contains("sshd"), ran.toString());
        assertEquals(0, run(commands.resolve("ssh"), "host").status(), "other hosts need no server");
    }

    @Test
    void rejectsNamesThatAreNoNames() throws Exception {
        Path commands = create("ssh-keygen", "ssh", "sshd");

        Ran ran = run(commands.resolve("ssh"), "-o", "User=$(id)", "-o", "HostKeyAlias=i-1", "i-1");

        assertEquals(255, ran.status(), ran.toString());
    }

    @Test
    void createsNothingWithoutClient() throws Exception {
        assertNull(InstanceSsh.create(folder.resolve("none"), "http://127.0.0.1:1", fakes("sshd")));
    }
}
