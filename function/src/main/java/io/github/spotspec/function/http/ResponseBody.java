package io.github.spotspec.function.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Takes the body of an answer, and packs it with gzip if it may and the body is longer than a packet: as it is written, so that
 * a long one is never in memory as a whole but so. Not thread-safe.
 */
final class ResponseBody extends OutputStream {
    /** Packing what is shorter saves the caller nothing. */
    private static final int PACKET_BYTES = 1_024;

    private static final int CHUNK_BYTES = 8_192;

    private final boolean mayCompress;
    private BoundedOutput bytes;
    private OutputStream out;

    ResponseBody(boolean mayPack) {
        this.mayCompress = mayPack;
        bytes = new BoundedOutput(mayPack);
        out = bytes;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] more, int offset, int length) throws IOException {
        if (mayCompress && !isCompressed() && bytes.size() + length > PACKET_BYTES) {
            BoundedOutput soFar = bytes;
            bytes = new BoundedOutput(mayCompress);
            out = new GZIPOutputStream(bytes, CHUNK_BYTES);
            soFar.writeTo(out);
        }
        out.write(more, offset, length);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** Returns whether it is packed. */
    boolean isCompressed() {
        return out != bytes;
    }

    /** Returns what Lambda is to return, once this is closed. */
    BoundedOutput bytes() {
        return bytes;
    }
}
