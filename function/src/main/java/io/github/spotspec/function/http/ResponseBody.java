package io.github.spotspec.function.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Collects the body of an answer. Compresses the body with gzip if the caller accepts that and the body is longer than
 * {@value #PACKET_BYTES} bytes. Compresses it while it is written, so that a long body is never in memory uncompressed.
 * Not thread-safe.
 */
final class ResponseBody extends OutputStream {
    /** The minimum size for compression, because compressing a smaller body does not help the caller. */
    private static final int PACKET_BYTES = 1_024;

    private static final int CHUNK_BYTES = 8_192;

    private final boolean mayCompress;
    private BoundedOutput bytes;
    private OutputStream out;

    ResponseBody(boolean mayCompress) {
        this.mayCompress = mayCompress;
        bytes = new BoundedOutput(mayCompress);
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

    /** Returns whether the body is compressed. */
    boolean isCompressed() {
        return out != bytes;
    }

    /** Returns the bytes that Lambda should return. Call it only after {@link #close}. */
    BoundedOutput bytes() {
        return bytes;
    }
}
