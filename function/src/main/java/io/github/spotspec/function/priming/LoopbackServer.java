package io.github.spotspec.function.priming;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.zip.GZIPOutputStream;

/**
 * A web server on the loopback interface that supports as much of HTTP as the SDK uses. It handles one request at a
 * time, each on a new connection, because a snapshot must not contain open connections. Thread-safe.
 */
final class LoopbackServer implements AutoCloseable {
    private static final byte[] ADDRESS = {127, 0, 0, 1};
    private static final int MAX_WAITING = 50;
    private static final int MIN_COMPRESSED_BYTES = 2_048;
    private static final String END = "\r\n\r\n";
    private static final String LENGTH = "\r\ncontent-length: ";

    /**
     * An HTTP request.
     *
     * @param head its first line and its headers, in lower case
     */
    record Request(String head, String body) {
        /**
         * Returns whether it is a request for an operation of one of AWS's JSON services.
         *
         * @param operation the service's name and the operation's, in lower case
         */
        boolean isOf(String operation) {
            return head.contains("\r\nx-amz-target: " + operation + "\r\n");
        }
    }

    /** An HTTP response. */
    record Response(int status, String body) {}

    private final ServerSocket socket;
    private final Function<Request, Response> answers;

    /** Starts the server on a new thread. */
    LoopbackServer(Function<Request, Response> answers) throws IOException {
        this.answers = answers;
        socket = new ServerSocket(0, MAX_WAITING, InetAddress.getByAddress(ADDRESS));
        Thread.ofVirtual().start(this::serve);
    }

    /** Returns the address of the server. */
    URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket connection = socket.accept()) {
                answer(connection.getInputStream(), connection.getOutputStream());
            } catch (IOException e) {
                // The client has closed the connection, or the server is closed.
            }
        }
    }

    private void answer(InputStream in, OutputStream out) throws IOException {
        Response response = answers.apply(read(new BufferedInputStream(in)));
        byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
        String encoding = "";
        if (body.length >= MIN_COMPRESSED_BYTES) {
            body = compressed(body);
            encoding = "Content-Encoding: gzip\r\n";
        }
        String head = "HTTP/1.1 " + response.status() + " Said\r\nConnection: close\r\n" + encoding + "Content-Length: "
                + body.length + END;
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    /** Compresses a body, as EC2 does for this client. */
    private static byte[] compressed(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    private static Request read(InputStream in) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(END, read.length() - END.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("a request is incomplete");
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
