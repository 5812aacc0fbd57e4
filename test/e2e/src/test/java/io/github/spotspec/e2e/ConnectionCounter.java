package io.github.spotspec.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that counts connections, and spellings of its address for injection. */
final class ConnectionCounter implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicInteger connections = new AtomicInteger();

    private ConnectionCounter(ServerSocket socket) {
        this.socket = socket;
    }

    static ConnectionCounter start() throws IOException {
        ConnectionCounter trap = new ConnectionCounter(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofPlatform().daemon().start(trap::count);
        return trap;
    }

    private void count() {
        while (!socket.isClosed()) {
            try {
                socket.accept().close();
                connections.incrementAndGet();
            } catch (IOException closed) {
                return;
            }
        }
    }

    List<String> hosts() {
        String here = "127.0.0.1:" + socket.getLocalPort();
        return List.of(
                here,
                "@" + here,
                "@" + here + "/",
                "http://" + here + "/",
                "//" + here,
                "." + here + "#",
                "." + here + "?",
                "/../../" + here,
                "\\@" + here,
                "%40" + here,
                ":80@" + here,
                "localhost:" + socket.getLocalPort() + "/#",
                "\u3002evil\u3002example",
                "\uff0eevil.example",
                "\u2024evil.example",
                ".evil.example",
                "-1.evil.example",
                "\r\nhost: " + here,
                "\u0000" + here,
                "[::1]:" + socket.getLocalPort(),
                "169.254.169.254",
                "${AWS_ENDPOINT_URL}");
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
