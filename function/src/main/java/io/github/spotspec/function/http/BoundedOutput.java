package io.github.spotspec.function.http;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.io.ByteArrayOutputStream;

/**
 * Collects the bytes of an answer. Fails once the answer is larger than Lambda can return, or once the request has
 * timed out, so that such an answer uses no more memory or time. Not thread-safe.
 */
final class BoundedOutput extends ByteArrayOutputStream {
    /**
     * Lambda returns at most 6 MB. The body becomes a JSON string, in which escaped quotes make it longer, or is
     * compressed and base64-encoded.
     */
    private static final int MAX_BYTES = 6 * 1024 * 1024;

    private static final int INITIAL_BYTES = 1_024;

    private final boolean mayCompress;

    /**
     * Creates an empty output.
     *
     * @param mayCompress whether the caller accepts compressed answers
     */
    BoundedOutput(boolean mayCompress) {
        super(INITIAL_BYTES);
        this.mayCompress = mayCompress;
    }

    @Override
    public synchronized void write(int one) {
        expect(1);
        super.write(one);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        expect(length);
        super.write(bytes, offset, length);
    }

    private void expect(int more) {
        if (count + more > MAX_BYTES) {
            throw new ServiceException(
                    ErrorCode.ANSWER_TOO_LARGE,
                    "The answer exceeds the 6 MB that Lambda can return; ask for fewer regions, types, products or"
                            + " zones"
                            + (mayCompress ? "." : ", or send 'Accept-Encoding: gzip' to get it compressed."));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("the caller no longer waits for the answer");
        }
    }
}
