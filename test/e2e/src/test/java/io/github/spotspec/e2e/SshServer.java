package io.github.spotspec.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An SSH server of OpenSSH on loopback, without more rights than the user who runs the tests. As on EC2, its
 * AuthorizedKeysCommand asks for the keys of each login.
 */
final class SshServer implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/sbin/sshd");
    private static final Path CURL = Path.of("/usr/bin/curl");
    private static final int MAX_TRIES = 1_000;

    private final Process process;
    private final int port;

    private SshServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Returns whether the programs are installed. */
    static boolean isInstalled() {
        return List.of(PROGRAM, CURL, Path.of("/usr/bin/ssh"), Path.of("/usr/bin/scp")).stream()
                .allMatch(Files::isExecutable);
    }

    /**
     * Starts a server.
     *
     * @param keys the URL that returns the keys of a user, whose name is appended
     */
    static SshServer start(Path folder, String keys) throws IOException, InterruptedException {
        String user = System.getProperty("user.name");
        if (user.equals("root")) {
            // As root, sshd needs this folder, which systemd creates.
            Files.createDirectories(Path.of("/run/sshd"));
        }
        Path hostKey = Files.createDirectories(folder).resolve("host");
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey.toString());
        int port = freePort();
        Path configuration =
                Files.writeString(folder.resolve("sshd_config"), """
                ListenAddress 127.0.0.1
                Port %d
                HostKey %s
                PidFile none
                UsePAM no
                StrictModes no
                PermitRootLogin prohibit-password
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                AuthorizedKeysFile none
                AuthorizedKeysCommand %s --silent --fail --noproxy * %s%%u
                AuthorizedKeysCommandUser %s
                Subsystem sftp internal-sftp
                """.formatted(port, hostKey, CURL, keys, user));
        Process process = new ProcessBuilder(PROGRAM.toString(), "-D", "-e", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        SshServer server = new SshServer(process, port);
        server.awaitStart(folder.resolve("sshd.log"));
        return server;
    }

    int port() {
        return port;
    }

    private void awaitStart(Path log) throws IOException, InterruptedException {
        for (int i = 0; i < MAX_TRIES; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                if (process.waitFor(20, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                    throw new IOException("sshd ended: " + Files.readString(log), notYet);
                }
            }
        }
        throw new IOException("sshd does not listen: " + Files.readString(log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + out);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().join();
    }
}
