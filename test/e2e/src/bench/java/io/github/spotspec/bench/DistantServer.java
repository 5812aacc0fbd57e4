package io.github.spotspec.bench;

import io.github.spotspec.local.wire.Server;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes a loopback server appear some milliseconds away: passes bytes on, each piece half a round trip late. The first
 * bytes of a connection are a whole round trip later, because a connection over a network takes one to open.
 * Thread-safe.
 */
final class DistantServer implements AutoCloseable {
    private static final int PIECE = 65_536;
    private static final int WAITING_CONNECTIONS = 1_000;

    private final URI server;
    private final Duration roundTrip;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    DistantServer(Server server, Duration roundTrip) throws IOException {
        this.server = URI.create(server.url());
        this.roundTrip = roundTrip;
        this.listener = new ServerSocket(0, WAITING_CONNECTIONS, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** Returns the URL at which the server is distant. */
    String url() {
        return server.getScheme() + "://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            }
        } catch (IOException closed) {
            // The benchmark ends.
        }
    }

    private void connect(Socket client) {
        try (client;
                Socket target = new Socket(server.getHost(), server.getPort())) {
            open.add(target);
            client.setTcpNoDelay(true);
            target.setTcpNoDelay(true);
            Thread.sleep(roundTrip);
            Thread back = Thread.ofVirtual().start(() -> pass(target, client));
            pass(client, target);
            back.join();
            open.remove(target);
        } catch (IOException closed) {
            // The client sees a closed connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** Passes bytes on in one direction until one side closes the connection. */
    private void pass(Socket from, Socket to) {
        byte[] piece = new byte[PIECE];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                Thread.sleep(roundTrip.dividedBy(2));
                out.write(piece, 0, length);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException alreadyClosed) {
            // Nothing is left to do.
        }
    }

    @Override
    public void close() {
        close(listener);
        open.forEach(DistantServer::close);
    }
}
