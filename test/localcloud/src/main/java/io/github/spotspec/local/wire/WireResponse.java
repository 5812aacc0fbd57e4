package io.github.spotspec.local.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** An HTTP response. */
public record WireResponse(int status, Map<String, String> headers, byte[] body) {
    /** Represents a response that never arrives, because the server closes the connection. */
    public static final WireResponse LOST = new WireResponse(0, Map.of(), new byte[0]);

    private static final int MIN_COMPRESSED_BYTES = 2_048;

    boolean isLost() {
        return status == LOST.status;
    }

    public static WireResponse of(int status, String contentType, String body) {
        return new WireResponse(status, Map.of("content-type", contentType), body.getBytes(StandardCharsets.UTF_8));
    }

    public static WireResponse empty(int status) {
        return new WireResponse(status, Map.of(), new byte[0]);
    }

    /**
     * Returns the response compressed, if the client accepts that and the body isn't short.
     *
     * <p>EC2 compresses answers for clients that accept it (<a
     * href="https://github.com/aws/aws-sdk-java/pull/256">aws-sdk-java's pull request 256</a>). AWS does not say from
     * which length on. In recorded answers, those of 5 KB and more have the header {@code Vary: Accept-Encoding}, and
     * those of less than 2 KB do not.
     */
    public WireResponse compressedFor(WireRequest request) {
        if (body.length < MIN_COMPRESSED_BYTES) {
            return this;
        }
        Map<String, String> encoded = new TreeMap<>(headers);
        encoded.put("vary", "accept-encoding");
        if (!request.acceptsGzip()) {
            return new WireResponse(status, encoded, body);
        }
        encoded.put("content-encoding", "gzip");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new WireResponse(status, encoded, bytes.toByteArray());
    }
}
