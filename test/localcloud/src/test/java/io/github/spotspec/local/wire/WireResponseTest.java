package io.github.spotspec.local.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Tests the compression of long answers. */
final class WireResponseTest {
    private static final String TYPE = "text/xml;charset=UTF-8";
    private static final WireResponse LONG = WireResponse.of(200, TYPE, "<item>m7g.large</item>".repeat(1_000));

    private static WireRequest request(Map<String, List<String>> headers) {
        return new WireRequest("POST", "/", "", headers, new byte[0], true);
    }

    @Test
    void compressesLongBodyForClientThatAcceptsIt() throws IOException {
        WireResponse answer = LONG.compressedFor(request(Map.of("accept-encoding", List.of("deflate, gzip;q=1.0"))));

        assertEquals(
                Map.of("content-type", TYPE, "content-encoding", "gzip", "vary", "accept-encoding"), answer.headers());
        assertTrue(answer.body().length < LONG.body().length / 10, answer.body().length + " bytes");
        try (GZIPInputStream body = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertArrayEquals(LONG.body(), body.readAllBytes());
        }
    }

    @Test
    void doesNotCompressForOtherClients() {
        WireResponse answer = LONG.compressedFor(request(Map.of("accept-encoding", List.of("identity"))));

        assertEquals(Map.of("content-type", TYPE, "vary", "accept-encoding"), answer.headers());
        assertEquals(LONG.body(), answer.body());
        assertEquals(LONG.body(), LONG.compressedFor(request(Map.of())).body());
    }

    @Test
    void doesNotCompressShortBody() {
        WireResponse brief = WireResponse.of(200, TYPE, "<item/>");

        assertEquals(brief, brief.compressedFor(request(Map.of("accept-encoding", List.of("gzip")))));
    }
}
