package io.github.spotspec.function.edge;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.io.ByteArrayOutputStream;

/**
 * Takes the bytes of an answer, as many as Lambda can return and for as long as somebody waits for them. Whatever is beyond
 * that is refused as soon as it is known, so that it takes neither memory nor time. Not thread-safe.
 */
final class EventBytes extends ByteArrayOutputStream {
    /**
     * Lambda returns at most 6 MB; the body is escaped into a JSON string on its way, which quotes make longer, or packed and
     * encoded in base64.
     */
    private static final int MOST = 6 * 1024 * 1024;

    private static final int USUAL = 1_024;

    private final boolean mayPack;

    /**
     * Makes one that is empty.
     *
     * @param mayPack whether the caller takes answers that are packed
     */
    EventBytes(boolean mayPack) {
        super(USUAL);
        this.mayPack = mayPack;
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
        if (count + more > MOST) {
            throw new Refusal(
                    Reason.ANSWER_TOO_LARGE,
                    "The answer is larger than Lambda can return (6 MB); ask for fewer regions, types, products or zones"
                            + (mayPack ? "." : ", or take it packed, with 'Accept-Encoding: gzip'."));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("nobody waits for the answer any more");
        }
    }
}
