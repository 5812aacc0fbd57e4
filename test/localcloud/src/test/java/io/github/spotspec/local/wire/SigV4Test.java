package io.github.spotspec.local.wire;

import static io.github.spotspec.local.wire.SignedRequest.NOW;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.spotspec.local.wire.SigV4.Signature;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Tests that requests of the SDK and AWS's own example verify. */
final class SigV4Test {
    private static final int REQUESTS = 300;
    private static final AwsCredentialsIdentity KEY = AwsCredentialsIdentity.create("AKIDEXAMPLE", "a/secret+key");

    private static Signature verify(WireRequest request) {
        return SigV4.verify(
                request, NOW, id -> id.equals("AKIDEXAMPLE") ? new SigV4.Key("a/secret+key", null, null) : null);
    }

    @Test
    void verifiesRequestsOfTheSdk() {
        long seed = Long.getLong("seed", System.nanoTime());
        RandomRequests requests = new RandomRequests(seed);
        for (int i = 0; i < REQUESTS; i++) {
            RandomRequests.Request random = requests.next();
            WireRequest request = random.signed();
            Signature signature = assertDoesNotThrow(
                    () -> SigV4.verify(request, NOW, random::key),
                    () -> "request of -Dseed=" + seed + ": " + request + " " + request.text());
            assertEquals(random.expected(), signature);
            assertEquals(random.expected(), SigV4.claimed(request));
        }
    }

    /** The example of the IAM user guide's "Create a signed AWS API request". */
    @Test
    void verifiesExampleOfAws() {
        WireRequest request = new WireRequest(
                "GET",
                "/",
                "Action=ListUsers&Version=2010-05-08",
                Map.of(
                        "host",
                        List.of("iam.amazonaws.com"),
                        "content-type",
                        List.of("application/x-www-form-urlencoded; charset=utf-8"),
                        "x-amz-date",
                        List.of("20150830T123600Z"),
                        "authorization",
                        List.of("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                                + "SignedHeaders=content-type;host;x-amz-date, "
                                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")),
                new byte[0],
                true);

        Signature signature = SigV4.verify(
                request,
                Instant.parse("2015-08-30T12:36:00Z"),
                id -> new SigV4.Key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null, null));

        assertEquals(new Signature("AKIDEXAMPLE", "us-east-1", "iam"), signature);
    }

    @Test
    void ignoresSpacingInHeaders() {
        assertDoesNotThrow(() -> verify(SignedRequest.to("sts", KEY)
                .header("x-amz-odd", "  a   b \t c ", "\td")
                .sign()));
    }

    @Test
    void normalizesPathExceptForS3() {
        for (String path : List.of("/a/./b", "/a/../b", "//a///b//", "/a/..", "/./")) {
            assertDoesNotThrow(
                    () -> verify(SignedRequest.to("lambda", KEY).path(path).sign()), path);
        }
    }

    @Test
    void s3KeepsPath() {
        for (String path : List.of("/bucket/a/./b", "/bucket//a", "/bucket/a%20b%2Fc", "/bucket/%E2%82%AC")) {
            assertDoesNotThrow(
                    () -> verify(SignedRequest.to("s3", KEY).path(path).sign()), path);
        }
    }

    @Test
    void s3AllowsUnsignedPayload() {
        WireRequest request = SignedRequest.to("s3", KEY)
                .method("PUT")
                .path("/b/k")
                .body("x")
                .payloadUnsigned()
                .sign();

        assertEquals("UNSIGNED-PAYLOAD", request.header("x-amz-content-sha256"));
        assertDoesNotThrow(() -> verify(request));
    }

    @Test
    void ignoresQueryOrder() {
        WireRequest signed = SignedRequest.to("sts", KEY)
                .query("b", "2", "1")
                .query("a", "3")
                .sign();

        for (String query : List.of("a=3&b=1&b=2", "b=2&a=3&b=1", "b=1&b=2&a=3")) {
            assertDoesNotThrow(
                    () -> verify(new WireRequest(
                            signed.method(), signed.path(), query, signed.headers(), signed.body(), true)),
                    query);
        }
    }

    @Test
    void allowsFiveMinutesOfClockSkew() {
        for (Instant at : List.of(NOW.minusSeconds(300), NOW.plusSeconds(300))) {
            assertDoesNotThrow(() -> verify(SignedRequest.to("sts", KEY).at(at).sign()), at::toString);
        }
    }

    @Test
    void unsignedRequestHasNoClaim() {
        assertNull(SigV4.claimed(new WireRequest("GET", "/", "", Map.of(), new byte[0], true)));
        assertNull(SigV4.claimed(
                new WireRequest("GET", "/", "", Map.of("authorization", List.of("Bearer x")), new byte[0], true)));
    }
}
