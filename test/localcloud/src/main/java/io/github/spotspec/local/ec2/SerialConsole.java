package io.github.spotspec.local.ec2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The serial console of an instance, of which EC2 keeps the newest 64 KB. EC2 posts the output shortly after the
 * instance starts, stops or ends, and on some types also reads it at any time (EC2 user guide, "Instance console
 * output"). Thread-safe.
 */
public final class SerialConsole {
    private static final int MAX_BYTES = 65_536;

    /** How long after the launch EC2 posts the output. It takes minutes on AWS, and is not documented. */
    private static final Duration POSTED_AFTER = Duration.ofMinutes(2);

    private final Instant launched;
    private byte[] written = {};
    private byte[] posted = {};
    private @Nullable Instant postedAt;
    private boolean ended;

    SerialConsole(Instant launched) {
        this.launched = launched;
    }

    /** An output, and when EC2 read it; there is no time before the first output. */
    public record Output(byte[] bytes, @Nullable Instant timestamp) {}

    /** Writes to the console, as a program on the instance would. */
    public void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes to the console, as a program on the instance would. An ended instance writes nothing. */
    public synchronized void write(byte[] bytes) {
        if (ended) {
            return;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(written);
        all.writeBytes(bytes);
        byte[] joined = all.toByteArray();
        written = Arrays.copyOfRange(joined, Math.max(0, joined.length - MAX_BYTES), joined.length);
    }

    /** Returns the output that EC2 has: of this moment, or the last that it posted. */
    public synchronized Output output(boolean latest, Instant now) {
        if (latest) {
            return new Output(written.clone(), written.length == 0 ? null : now);
        }
        if (postedAt == null && !now.isBefore(launched.plus(POSTED_AFTER))) {
            post(now);
        }
        return new Output(posted.clone(), postedAt);
    }

    /** Posts the output because the instance changes its state. */
    synchronized void post(Instant now) {
        posted = written.clone();
        postedAt = now;
    }

    /** Posts the last output. */
    synchronized void end(Instant now) {
        post(now);
        ended = true;
    }
}
