package io.github.spotspec.local.wire;

import static io.github.spotspec.local.wire.SignedRequest.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Tests that verification fails if any part of a signed request changes. */
final class SigV4TamperingTest {
    private static final Instant EXPIRES = NOW.plusSeconds(900);
    private static final Map<String, SigV4.Key> KEYS = Map.of(
            "AKIDEXAMPLE", new SigV4.Key("secret", null, null),
            "AKIDOTHER", new SigV4.Key("other secret", null, null),
            "ASIDEXAMPLE", new SigV4.Key("secret", "token", EXPIRES));
    private static final AwsCredentialsIdentity USER = AwsCredentialsIdentity.create("AKIDEXAMPLE", "secret");
    private static final AwsCredentialsIdentity SESSION =
            AwsSessionCredentialsIdentity.create("ASIDEXAMPLE", "secret", "token");

    private static WireRequest signed(String service, AwsCredentialsIdentity identity) {
        return SignedRequest.to(service, identity)
                .path("/some/path")
                .query("name", "value")
                .header("x-amz-meta", "one", "two")
                .body("Action=GetCallerIdentity")
                .sign();
    }

    private static WireRequest signed() {
        return signed("sts", USER);
    }

    private static WireRequest with(WireRequest request, String header, String... values) {
        Map<String, List<String>> headers = new TreeMap<>(request.headers());
        headers.put(header, List.of(values));
        return new WireRequest(
                request.method(), request.path(), request.query(), headers, request.body(), request.secure());
    }

    private static WireRequest without(WireRequest request, String header) {
        Map<String, List<String>> headers = new TreeMap<>(request.headers());
        headers.remove(header);
        return new WireRequest(
                request.method(), request.path(), request.query(), headers, request.body(), request.secure());
    }

    /** Replaces text in the Authorization header. */
    private static WireRequest withAuthorization(WireRequest request, String from, String to) {
        String authorization = String.valueOf(request.header("authorization"));
        assertTrue(authorization.contains(from), authorization);
        return with(request, "authorization", authorization.replace(from, to));
    }

    private static AwsError verificationError(WireRequest request, Instant now) {
        return assertThrows(AwsError.class, () -> SigV4.verify(request, now, KEYS::get));
    }

    private static void assertRejected(String code, WireRequest request) {
        assertEquals(code, verificationError(request, NOW).code());
    }

    @Test
    void verifiesUntamperedRequest() {
        assertEquals("sts", SigV4.verify(signed(), NOW, KEYS::get).service());
        assertEquals("sts", SigV4.verify(signed("sts", SESSION), NOW, KEYS::get).service());
    }

    @Test
    void rejectsOtherBody() {
        WireRequest signed = signed();
        for (String body : List.of("Action=GetCallerIdentitz", "", "Action=GetCallerIdentity ")) {
            assertRejected(
                    "SignatureDoesNotMatch",
                    new WireRequest(
                            signed.method(),
                            signed.path(),
                            signed.query(),
                            signed.headers(),
                            body.getBytes(StandardCharsets.UTF_8),
                            true));
        }
    }

    @Test
    void rejectsOtherPath() {
        WireRequest signed = signed();
        for (String path : List.of("/some/other", "/some/path/", "/some/Path", "/some%2Fpath", "/")) {
            assertRejected(
                    "SignatureDoesNotMatch",
                    new WireRequest(signed.method(), path, signed.query(), signed.headers(), signed.body(), true));
        }
    }

    @Test
    void rejectsOtherQuery() {
        WireRequest signed = signed();
        for (String query : List.of("name=other", "name=value&more", "name=value&name=value", "nome=value", "")) {
            assertRejected(
                    "SignatureDoesNotMatch",
                    new WireRequest(signed.method(), signed.path(), query, signed.headers(), signed.body(), true));
        }
    }

    @Test
    void rejectsOtherMethod() {
        WireRequest signed = signed();

        assertRejected(
                "SignatureDoesNotMatch",
                new WireRequest("PUT", signed.path(), signed.query(), signed.headers(), signed.body(), true));
    }

    @Test
    void rejectsOtherSignedHeader() {
        assertRejected("SignatureDoesNotMatch", with(signed(), "x-amz-meta", "one", "three"));
        assertRejected("SignatureDoesNotMatch", with(signed(), "x-amz-meta", "one"));
        assertRejected("SignatureDoesNotMatch", with(signed(), "x-amz-meta", "two", "one"));
        assertRejected("SignatureDoesNotMatch", without(signed(), "x-amz-meta"));
        assertRejected("SignatureDoesNotMatch", with(signed(), "host", "elsewhere.example.com"));
    }

    @Test
    void ignoresUnsignedProxyHeaders() {
        assertEquals(
                "sts",
                SigV4.verify(with(signed(), "via", "1.1 proxy"), NOW, KEYS::get).service());
    }

    @Test
    void rejectsOtherScope() {
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), "/us-east-1/", "/eu-west-1/"));
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), "/sts/", "/iam/"));
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), "/20260304/", "/20260303/"));
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), "/aws4_request", "/aws3_request"));
    }

    @Test
    void rejectsOtherDate() {
        assertRejected("SignatureDoesNotMatch", with(signed(), "x-amz-date", "20260304T050608Z"));
        assertRejected("SignatureDoesNotMatch", with(signed(), "x-amz-date", "20260303T050607Z"));
    }

    @Test
    void rejectsOtherKey() {
        assertRejected("InvalidClientTokenId", withAuthorization(signed(), "AKIDEXAMPLE", "AKIDNOBODY"));
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), "AKIDEXAMPLE", "AKIDOTHER"));
        assertRejected(
                "SignatureDoesNotMatch", signed("sts", AwsCredentialsIdentity.create("AKIDEXAMPLE", "not the secret")));
    }

    @Test
    void rejectsOtherToken() {
        assertRejected("InvalidClientTokenId", with(signed("sts", SESSION), "x-amz-security-token", "tocken"));
        assertRejected("InvalidClientTokenId", without(signed("sts", SESSION), "x-amz-security-token"));
        assertRejected("InvalidClientTokenId", with(signed(), "x-amz-security-token", "token"));
    }

    @Test
    void rejectsOtherSignature() {
        String signature = String.valueOf(signed().header("authorization")).replaceAll(".*Signature=", "");

        assertEquals(64, signature.length());
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), signature, signature.substring(1) + "0"));
        assertRejected("SignatureDoesNotMatch", withAuthorization(signed(), signature, ""));
    }

    @Test
    void rejectsDateMoreThanFiveMinutesOff() {
        for (Instant now : List.of(NOW.plusSeconds(301), NOW.minusSeconds(301))) {
            assertEquals(
                    "SignatureDoesNotMatch", verificationError(signed(), now).code());
        }
    }

    @Test
    void rejectsExpiredSession() {
        WireRequest request =
                SignedRequest.to("sts", SESSION).at(EXPIRES).body("").sign();

        assertEquals("ExpiredToken", verificationError(request, EXPIRES).code());
    }

    @Test
    void rejectsUnsignedHost() {
        AwsError error = verificationError(withAuthorization(signed(), "=host;", "="), NOW);

        assertEquals("SignatureDoesNotMatch", error.code());
        assertTrue(error.message().contains("Host"), error.message());
    }

    @Test
    void rejectsMissingSignature() {
        assertRejected("MissingAuthenticationToken", without(signed(), "authorization"));
        assertRejected("MissingAuthenticationToken", with(signed(), "authorization", "Bearer abc"));
    }

    @Test
    void rejectsIncompleteAuthorization() {
        assertRejected("IncompleteSignature", withAuthorization(signed(), "Signature=", "Sign="));
        assertRejected("IncompleteSignature", withAuthorization(signed(), "Signature=", ""));
        assertRejected("IncompleteSignature", withAuthorization(signed(), "/us-east-1", ""));
        assertRejected("IncompleteSignature", with(signed(), "authorization", "AWS4-HMAC-SHA256"));
        assertRejected("IncompleteSignature", without(signed(), "x-amz-date"));
        assertRejected("IncompleteSignature", with(signed(), "x-amz-date", "20260304"));
    }

    @Test
    void rejectsInvalidQueryEncoding() {
        WireRequest signed = signed();

        assertRejected(
                "MalformedQueryString",
                new WireRequest(signed.method(), signed.path(), "name=%zz", signed.headers(), signed.body(), true));
    }

    @Test
    void s3ComparesBodyWithSignedHash() {
        WireRequest signed =
                SignedRequest.to("s3", USER).method("PUT").body("x").sign();
        WireRequest tampered = new WireRequest("PUT", "/", "", signed.headers(), new byte[] {'y'}, true);

        assertRejected("XAmzContentSHA256Mismatch", tampered);
        assertRejected("InvalidRequest", without(signed, "x-amz-content-sha256"));
        assertRejected("SignatureDoesNotMatch", with(signed, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # service,      unknown key,                     wrong token,                     session over
            sts,            403 InvalidClientTokenId,        403 InvalidClientTokenId,        403 ExpiredToken
            iam,            403 InvalidClientTokenId,        403 InvalidClientTokenId,        403 ExpiredToken
            cloudformation, 403 InvalidClientTokenId,        403 InvalidClientTokenId,        403 ExpiredToken
            secretsmanager, 400 UnrecognizedClientException, 400 UnrecognizedClientException, 400 ExpiredTokenException
            ssm,            400 UnrecognizedClientException, 400 UnrecognizedClientException, 400 ExpiredTokenException
            lambda,         403 UnrecognizedClientException, 403 UnrecognizedClientException, 403 ExpiredTokenException
            ec2,            401 AuthFailure,                 401 AuthFailure,                 400 RequestExpired
            s3,             403 InvalidAccessKeyId,          400 InvalidToken,                400 ExpiredToken
            """)
    void eachServiceHasOwnKeyErrors(String service, String unknownKey, String wrongToken, String over) {
        WireRequest session = signed(service, SESSION);
        WireRequest last = SignedRequest.to(service, SESSION).at(EXPIRES).sign();

        assertEquals(
                unknownKey,
                statusAndCode(verificationError(withAuthorization(session, "ASIDEXAMPLE", "ASIDNOBODY"), NOW)));
        assertEquals(wrongToken, statusAndCode(verificationError(without(session, "x-amz-security-token"), NOW)));
        assertEquals(over, statusAndCode(verificationError(last, EXPIRES)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # service,      tampered,                      late
            sts,            403 SignatureDoesNotMatch,     403 SignatureDoesNotMatch
            iam,            403 SignatureDoesNotMatch,     403 SignatureDoesNotMatch
            cloudformation, 403 SignatureDoesNotMatch,     403 SignatureDoesNotMatch
            secretsmanager, 400 InvalidSignatureException, 400 InvalidSignatureException
            ssm,            400 InvalidSignatureException, 400 InvalidSignatureException
            lambda,         403 InvalidSignatureException, 403 InvalidSignatureException
            ec2,            401 AuthFailure,               400 RequestExpired
            s3,             403 SignatureDoesNotMatch,     403 RequestTimeTooSkewed
            """)
    void eachServiceHasOwnSignatureErrors(String service, String tampered, String late) {
        WireRequest signed = signed(service, USER);

        assertEquals(tampered, statusAndCode(verificationError(with(signed, "x-amz-meta", "changed"), NOW)));
        assertEquals(late, statusAndCode(verificationError(signed, NOW.plusSeconds(301))));
    }

    private static String statusAndCode(AwsError error) {
        return error.status() + " " + error.code();
    }
}
