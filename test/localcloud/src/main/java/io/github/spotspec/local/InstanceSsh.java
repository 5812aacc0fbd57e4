package io.github.spotspec.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The programs {@code ssh} and {@code scp} for a command of {@code ./local}. If {@code spot} calls them for an
 * instance, they connect to an SSH server of OpenSSH, which they start for this connection, without a port. As on EC2,
 * its AuthorizedKeysCommand asks the metadata of the instance for the keys that EC2 Instance Connect pushed. Otherwise
 * they run the programs of the same names on this computer.
 *
 * <p>Nothing is isolated. Whatever the user on the instance, the session is one of the current user on this computer.
 * It outlives the instance.
 */
final class InstanceSsh {
    private static final String SSHD = "sshd";

    /** Preferred to other copies, because sshd runs only programs that root owns. */
    private static final Path CURL = Path.of("/usr/bin/curl");

    private InstanceSsh() {}

    /**
     * Creates the programs, and a new host key for the server.
     *
     * @param folder the folder for the key and the programs
     * @param metadata the URL of the {@link ControlServer}
     * @param installed finds a program by its name on this computer
     * @return the folder to put first on the PATH, or null if the client of OpenSSH is not installed
     */
    static @Nullable Path create(Path folder, String metadata, Function<String, Optional<Path>> installed)
            throws IOException, InterruptedException {
        Path keygen = installed.apply("ssh-keygen").orElse(null);
        if (keygen == null || installed.apply("ssh").isEmpty()) {
            return null;
        }
        Path hostKey = Files.createDirectories(folder).resolve("host_key");
        run(keygen.toString(), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", hostKey.toString());
        Path configuration = Files.writeString(folder.resolve("sshd_config"), """
                UsePAM no
                StrictModes no
                PermitRootLogin prohibit-password
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                AuthorizedKeysFile none
                PrintMotd no
                PrintLastLog no
                Subsystem sftp internal-sftp
                """);
        Path connect = ShellScript.write(folder.resolve("connect"), """
                #!/bin/sh
                # Serves one connection to the instance $1 on standard input and output, for the keys of its user $2.
                # As root, sshd needs this folder, which systemd creates.
                [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
                exec %s -i -f %s -h %s -E %s -o "AuthorizedKeysCommandUser=$(id -un)" \\
                  -o "AuthorizedKeysCommand=%s -q --silent --fail --noproxy * %s/instances/$1/keys/$2"
                """.formatted(
                ShellScript.quoted(installed.apply(SSHD).orElse(Path.of(SSHD))),
                ShellScript.quoted(configuration),
                ShellScript.quoted(hostKey),
                ShellScript.quoted(folder.resolve("sshd.log")),
                Files.isExecutable(CURL) ? CURL : installed.apply("curl").orElse(CURL),
                metadata));
        Path commands = Files.createDirectories(folder.resolve("bin"));
        for (String name : List.of("ssh", "scp")) {
            Optional<Path> program = installed.apply(name);
            if (program.isPresent()) {
                ShellScript.write(
                        commands.resolve(name),
                        script(program.get(), connect, installed.apply(SSHD).isPresent()));
            }
        }
        return commands;
    }

    private static String script(Path program, Path connect, boolean hasServer) {
        String serve = hasServer
                ? """
                export SPOT_LOCAL_CONNECT=%s
                known_hosts=%s
                # The first value of an option counts. The only user here is the current one. Each run has a new host key,
                # but may have an instance with the id of an earlier one. ssh runs the ProxyCommand with exec.
                exec %s -o "User=$(id -un)" -o "ProxyCommand=\\"\\$SPOT_LOCAL_CONNECT\\" $instance $user" \\
                  -o "UserKnownHostsFile=\\"$known_hosts\\"" "$@"
                """.formatted(
                        ShellScript.quoted(connect),
                        // ssh expands % in this option.
                        ShellScript.quoted(Path.of(
                                connect.resolveSibling("known_hosts").toString().replace("%", "%%"))),
                        ShellScript.quoted(program))
                : """
                echo './local: sshd is missing: install the server of OpenSSH, which stands in for the instance' >&2
                exit 3
                """;
        return """
                #!/bin/sh
                # Connects to an instance if spot asks for one.
                instance='' user='' before=''
                for word in "$@"; do
                  case $before$word in
                    -oHostKeyAlias=i-*) [ -n "$instance" ] || instance=${word#*=} ;;
                    -oUser=*) [ -n "$user" ] || user=${word#*=} ;;
                  esac
                  before=$word
                done
                [ -n "$instance" ] || exec %s "$@"
                case $instance$user in
                  *[!A-Za-z0-9._-]*) echo './local: the instance or its user has an invalid name' >&2; exit 255 ;;
                esac
                """.formatted(ShellScript.quoted(program)) + serve;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " failed: " + output);
        }
    }
}
