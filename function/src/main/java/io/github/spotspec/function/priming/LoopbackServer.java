package io.github.spotspec.function.priming;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;

/**
 * A web server on the loopback, for as much of HTTP as the SDK speaks to it: one request after another, each on a connection of
 * its own, since a snapshot must not hold any. Thread-safe.
 */
final class LoopbackServer implements AutoCloseable {
    private static final byte[] ADDRESS = {127, 0, 0, 1};
    private static final int MAX_WAITING = 50;
    private static final String END = "\r\n\r\n";
    private static final String LENGTH = "\r\ncontent-length: ";

    /**
     * A request.
     *
     * @param head its first line and its headers, in lower case
     */
    record Request(String head, String body) {
        /**
         * Returns whether it is for an operation of one of AWS's JSON services.
         *
         * @param operation its name with the service's, in lower case
         */
        boolean isOf(String operation) {
            return head.contains("\r\nx-amz-target: " + operation + "\r\n");
        }
    }

    /** An answer. */
    record Response(int status, String body) {}

    private final ServerSocket socket;
    private final Function<Request, Response> answers;

    /** Starts to answer, on a thread of its own. */
    LoopbackServer(Function<Request, Response> answers) throws IOException {
        this.answers = answers;
        socket = new ServerSocket(0, MAX_WAITING, InetAddress.getByAddress(ADDRESS));
        Thread.ofVirtual().start(this::serve);
    }

    /** Returns where it is. */
    URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket connection = socket.accept()) {
                answer(connection.getInputStream(), connection.getOutputStream());
            } catch (IOException e) {
                // Whoever asked has hung up, or it is closed.
            }
        }
    }

    private void answer(InputStream in, OutputStream out) throws IOException {
        Response said = answers.apply(read(new BufferedInputStream(in)));
        byte[] body = said.body().getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 " + said.status() + " Said\r\nConnection: close\r\nContent-Length: " + body.length + END;
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    private static Request read(InputStream in) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(END, read.length() - END.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("a request breaks off");
            }
            read.append((char) next);
        }
        String head = read.toString().toLowerCase(Locale.ROOT);
        int length = head.indexOf(LENGTH) + LENGTH.length();
        byte[] body = length < LENGTH.length()
                ? new byte[0]
                : in.readNBytes(Integer.parseInt(head.substring(length, head.indexOf('\r', length))));
        return new Request(head, new String(body, StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
