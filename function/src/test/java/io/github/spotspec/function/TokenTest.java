package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.secret.KeyDerivation;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Tests which tokens the URL accepts, and which it rejects. */
final class TokenTest {
    private static final String PRICE = "{'task':'price','types':['m7g.large']}";
    private static final String SECRET = "first-signing-secret";

    private final FunctionUnderTest function = FunctionUnderTest.with(
            "'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'," + FunctionUnderTest.TOKENS);
    private final MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());
    private final String token = minter.token("{'tasks':['price'],'life':'10m'}");

    private void assertRejected(String candidate) {
        FunctionUnderTest.Answer answer = function.sendWithToken(candidate, PRICE);
        assertEquals("TokenRejected", answer.error(), candidate + ": " + answer.body());
        assertEquals(401, answer.status());
    }

    private void assertAccepted(String accepted) {
        FunctionUnderTest.Answer answer = function.sendWithToken(accepted, PRICE);
        assertEquals(200, answer.status(), answer.body());
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    private static byte[] signingKey() {
        return KeyDerivation.key(SECRET, "token", FakeEc2.SERVICE);
    }

    /** Signs any header and claims, using only the JDK. */
    private static String signed(String header, String claims, byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            String input = encoded(header) + "." + encoded(claims);
            return input + "."
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(mac.doFinal(input.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void acceptsTokenInHeaderAndQuery() {
        for (Map<String, String> header :
                List.of(Map.of("authorization", "Bearer " + token), Map.of("authorization", "bearer  " + token))) {
            assertEquals(200, function.sendUnsigned(PRICE, header, Map.of()).status());
        }
        assertEquals(
                200,
                function.sendUnsigned(PRICE, Map.of(), Map.of("token", token)).status());
    }

    @Test
    void signsTokensAsTheMinterDoes() {
        String[] parts = token.split("\\.", -1);

        assertEquals(
                token,
                signed(decoded(parts[0]), decoded(parts[1]), signingKey()),
                "the other tests sign as the minter does");
    }

    @Test
    void callsNoAwsServiceWithoutToken() {
        for (Map<String, String> header : List.of(
                Map.<String, String>of(),
                Map.of("authorization", "Basic YTpi"),
                Map.of("authorization", token),
                Map.of("authorization", "AWS4-HMAC-SHA256 Credential=AKIAFIRST/20260301/us-west-2/lambda/aws4_request"),
                Map.of("x-token", token))) {
            FunctionUnderTest.Answer answer = function.sendUnsigned(PRICE, header, Map.of());

            assertEquals("TokenMissing", answer.error(), answer.body());
            assertEquals(401, answer.status());
        }
        assertEquals("TokenMissing", function.send(PRICE).error(), "a signature is no token");
        assertEquals(
                "TokenMissing",
                function.handle("{\"requestContext\":{\"http\":{\"method\":\"GET\",\"path\":\"/x\"}}}")
                        .error());
        assertEquals(List.of(), function.aws().calls());
        assertEquals(0, function.aws().secret().reads());
    }

    @Test
    void ignoresTokenWhereRequestsAreSigned() {
        FunctionUnderTest signed = new FunctionUnderTest("us-west-2");

        assertEquals("CallerUnknown", signed.sendWithToken(token, PRICE).error());
    }

    @Test
    void rejectsTokenCutOrChangedAnywhere() {
        for (int i = 0; i < token.length(); i++) {
            assertRejected(token.substring(0, i) + (token.charAt(i) == 'A' ? 'B' : 'A') + token.substring(i + 1));
            assertRejected(token.substring(0, i));
        }
        for (String more : List.of("A", "=", ".", "..", ".A", " A", "\n")) {
            assertRejected(token + more + "A");
        }
        assertRejected(token.substring(0, token.lastIndexOf('.')) + "=." + token.substring(token.lastIndexOf('.') + 1));
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void rejectsTokenWithWidenedScope() {
        String[] parts = token.split("\\.", -1);
        String wider = encoded(decoded(parts[1]).replace("\"price\"", "\"price\",\"launch\""));

        assertRejected(parts[0] + "." + wider + "." + parts[2]);
    }

    @Test
    void acceptsOnlyTheMintersHeader() {
        String[] parts = token.split("\\.", -1);
        String header = decoded(parts[0]);
        String claims = decoded(parts[1]);

        for (String other : List.of(
                "{\"alg\":\"none\"}",
                "{\"alg\":\"none\",\"typ\":\"JWT\"}",
                header.replace("HS256", "none"),
                header.replace("HS256", "HS384"),
                header.replace("HS256", "RS256"),
                header.replace("HS256", "hs256"),
                header.replace(",", ", "),
                header.replace("}", ",\"crit\":[\"exp\"]}"),
                header.replace("}", ",\"jku\":\"https://evil.example\"}"),
                header.replaceFirst("\"kid\":\"[^\"]*\",", ""))) {
            assertRejected(signed(other, claims, signingKey()));
            assertRejected(encoded(other) + "." + parts[1] + ".");
            assertRejected(encoded(other) + "." + parts[1] + "." + parts[2]);
        }
        assertRejected(parts[0] + "." + parts[1] + ".");
    }

    @Test
    void rejectsTokenSignedWithAnotherKey() {
        String[] parts = token.split("\\.", -1);
        String header = decoded(parts[0]);
        String claims = decoded(parts[1]);

        for (byte[] key : List.of(
                SECRET.getBytes(StandardCharsets.UTF_8),
                new byte[32],
                KeyDerivation.key(SECRET, "session", FakeEc2.SERVICE),
                KeyDerivation.key("another-signing-secret", "token", FakeEc2.SERVICE))) {
            assertRejected(signed(header, claims, key));
        }
        assertAccepted(token);
    }

    @Test
    void rejectsTokenOfAnotherDeploymentWithTheSameSecret() {
        assertEquals(
                "TokenRejected",
                function.ofAnotherDeployment().sendWithToken(token, PRICE).error());
    }

    @Test
    void rejectsTokenWithOtherClaims() {
        String[] parts = token.split("\\.", -1);
        String header = decoded(parts[0]);
        String claims = decoded(parts[1]);

        for (String other : List.of(
                claims.replaceFirst("\\{", "{\"nbf\":4102444800,"),
                claims.replaceFirst("\\{", "{\"aud\":\"others\","),
                claims.replace("\"scope\":{", "\"scope\":{\"mfa\":true,"),
                claims.replace("\"exp\":", "\"exp\": "))) {
            assertRejected(signed(header, other, signingKey()));
        }
        assertAccepted(signed(header, claims, signingKey()));
    }

    @Test
    void rejectsTokenWithAnotherIssuer() {
        String[] parts = token.split("\\.", -1);

        assertRejected(signed(
                decoded(parts[0]), decoded(parts[1]).replace(FakeEc2.SERVICE, "Test/Other@us-west-2"), signingKey()));
    }

    @Test
    void rejectsExpiredToken() {
        function.advanceClock(Duration.ofMinutes(10).minusMillis(1));
        assertAccepted(token);

        function.advanceClock(Duration.ofMillis(1));
        assertRejected(token);
    }

    @Test
    void rejectsTokenFromTheFutureBeyondClockSkew() {
        FakeClock ahead = new FakeClock();
        ahead.sleep(Duration.ofSeconds(30));
        assertAccepted(new MinterUnderTest(function.aws(), ahead).token("{'tasks':['price']}"));

        ahead.sleep(Duration.ofSeconds(1));
        assertRejected(new MinterUnderTest(function.aws(), ahead).token("{'tasks':['price']}"));
    }

    @Test
    void acceptsTokenAfterOneSecretChangeButNotTwo() {
        function.aws().signingSecret().setValue("second-signing-secret");
        String second = minter.token("{'tasks':['price']}");
        function.advanceClock(Duration.ofMinutes(1));
        String third = minter.token("{'tasks':['price']}");
        for (FunctionUnderTest process : List.of(function, function.newProcess())) {
            for (String accepted : List.of(token, second, third)) {
                assertEquals(200, process.sendWithToken(accepted, PRICE).status());
            }
        }

        function.aws().signingSecret().setValue("third-signing-secret");
        function.advanceClock(Duration.ofMinutes(1));
        assertRejected(token);
        assertAccepted(third);
    }

    @Test
    void acceptsTokenOfNewSecretAtOnce() {
        assertAccepted(token);
        function.aws().signingSecret().setValue("second-signing-secret");

        assertAccepted(new MinterUnderTest(function.aws(), function.clock()).token("{'tasks':['price']}"));
    }

    @Test
    void readsSecretOnceInTenSecondsForForgedTokens() {
        assertAccepted(token);
        assertRejected(encoded("{\"alg\":\"none\"}") + ".e30.");
        int before = function.aws().signingSecret().reads();

        for (int i = 0; i < 50; i++) {
            assertRejected(encoded("{\"alg\":\"none\",\"kid\":\"" + i + "\"}") + ".e30.");
        }

        assertEquals(before, function.aws().signingSecret().reads());
        assertAccepted(token);
    }

    @Test
    void rejectsSecretThatIsTooShort() {
        function.aws().signingSecret().setValue("short");

        assertEquals(
                "SecretUnreadable",
                new MinterUnderTest(function.aws(), function.clock())
                        .invoke("{'tasks':['price']}")
                        .get("error"));
        assertEquals("SecretUnreadable", function.sendWithToken(token, PRICE).error());
    }

    @Test
    void neitherSignsNorVerifiesWithJsonSecret() {
        for (String json : List.of("{\"ids\":{},\"until\":\"2026-01-01T00:00:00Z\"}", " [\"guessed\",\"guessed\"]")) {
            function.aws().signingSecret().setValue(json);
            String forged = signed(
                    "{\"alg\":\"HS256\",\"kid\":\"" + KeyDerivation.name(json, "token", FakeEc2.SERVICE)
                            + "\",\"typ\":\"JWT\"}",
                    decoded(token.split("\\.", -1)[1]),
                    KeyDerivation.key(json, "token", FakeEc2.SERVICE));

            assertEquals(
                    "SecretUnreadable",
                    function.newProcess().sendWithToken(forged, PRICE).error());
            assertEquals(
                    "SecretUnreadable",
                    new MinterUnderTest(function.aws(), function.clock())
                            .invoke("{'tasks':['price']}")
                            .get("error"));
            // It is not a key as the previous value, either.
            function.aws().signingSecret().setValue("another-random-text");
            assertEquals(
                    "TokenRejected",
                    function.newProcess().sendWithToken(forged, PRICE).error());
        }
    }

    @Test
    void leavesSigningSecretUnchangedWhenRevoking() {
        int before = function.aws().signingSecret().versions();

        minter.invoke("{'revoke':'" + MinterUnderTest.id(token) + "'}");
        minter.invoke("{'revoke':'all'}");

        assertEquals(before, function.aws().signingSecret().versions());
        assertEquals(3, function.aws().revocationsSecret().versions());
    }

    @Test
    void rejectsTokensWhenRevocationListIsUnreadable() {
        function.aws().revocationsSecret().setValue("nothing that the minter wrote");

        assertEquals(
                "SecretUnreadable",
                function.newProcess().sendWithToken(token, PRICE).error());
        assertEquals("SecretUnreadable", minter.invoke("{'revoke':'all'}").get("error"));
    }

    @Test
    void rejectsRevokedTokenWithinAMinute() {
        String other = minter.token("{'tasks':['price']}");
        assertAccepted(token);
        minter.invoke("{'revoke':'" + MinterUnderTest.id(token) + "'}");

        assertEquals(
                "TokenRejected",
                function.newProcess().sendWithToken(token, PRICE).error(),
                "a new process rejects it at once");
        function.advanceClock(Duration.ofSeconds(59));
        assertRejected(token);
        assertAccepted(other);
    }

    @Test
    void acceptsNewTokensAfterAllAreRevoked() {
        String other = minter.token("{'tasks':['price']}");
        minter.invoke("{'revoke':'" + MinterUnderTest.id(token) + "'}");
        assertEquals("all", minter.invoke("{'revoke':'all'}").get("revoked"));
        function.advanceClock(Duration.ofMillis(1));
        String later = minter.token("{'tasks':['price']}");
        function.advanceClock(Duration.ofSeconds(59));

        assertRejected(token);
        assertRejected(other);
        assertAccepted(later);
        assertAccepted(minter.token("{'tasks':['price']}"));
    }

    @Test
    void keepsBothOfTwoConcurrentRevocations() {
        String other = minter.token("{'tasks':['price']}");
        function.aws()
                .revocationsSecret()
                .beforeNextPut(() -> new MinterUnderTest(function.aws(), function.clock())
                        .invoke("{'revoke':'" + MinterUnderTest.id(other) + "'}"));

        minter.invoke("{'revoke':'" + MinterUnderTest.id(token) + "'}");

        assertRejected(token);
        assertRejected(other);
    }

    @Test
    void keepsRevocationsWhenAClockIsBehind() {
        FakeClock ahead = new FakeClock();
        ahead.sleep(Duration.ofSeconds(5));
        MinterUnderTest later = new MinterUnderTest(function.aws(), ahead);
        String one = later.token("{'tasks':['price']}");
        later.invoke("{'revoke':'" + MinterUnderTest.id(one) + "'}");
        minter.invoke("{'revoke':'all'}");
        assertRejected(one);

        String other = later.token("{'tasks':['price']}");
        later.invoke("{'revoke':'all'}");
        minter.invoke("{'revoke':'all'}");
        function.advanceClock(Duration.ofSeconds(30));
        assertRejected(one);
        assertRejected(other);
    }

    @Test
    void keepsRevocationsAfterASecretChange() {
        function.aws().signingSecret().setValue("second-signing-secret");
        String other = minter.token("{'tasks':['price']}");
        minter.invoke("{'revoke':'" + MinterUnderTest.id(token) + "'}");

        assertRejected(token);
        assertAccepted(other);
    }

    @Test
    void dropsRevocationsOfExpiredTokens() {
        for (int i = 0; i < 5; i++) {
            assertFalse(minter.invoke("{'revoke':" + ids(100 * i, 100) + "}").containsKey("error"));
        }
        assertEquals(
                "TooManyRevoked",
                minter.invoke("{'revoke':" + ids(500, 1) + "}").get("error"));

        function.advanceClock(Duration.ofDays(7).plusSeconds(1));
        assertFalse(minter.invoke("{'revoke':" + ids(500, 1) + "}").containsKey("error"));
    }

    private static String ids(int from, int count) {
        StringBuilder ids = new StringBuilder("[");
        for (int i = from; i < from + count; i++) {
            ids.append(i == from ? "'" : ",'").append(new java.util.UUID(7, i)).append('\'');
        }
        return ids.append(']').toString();
    }

    @Test
    void recordsTheTokensIdButNeverTheToken() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        String launching = minter.token("{'tasks':['launch','instances']}");
        String launch =
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,'isLogging':true}";

        FunctionUnderTest.Answer launched = function.sendWithToken(launching, launch);

        assertEquals(200, launched.status(), launched.body());
        assertEquals(
                "token:" + MinterUnderTest.id(launching),
                function.sendWithToken(launching, "{'task':'instances'}")
                        .column("Caller")
                        .getFirst());
        assertTrue(
                function.log().contains("\"caller\":\"token:" + MinterUnderTest.id(launching) + "\""), function.log());
        assertTrue(minter.log().contains(MinterUnderTest.id(launching)), minter.log());
        function.sendUnsigned(PRICE, Map.of(), Map.of("token", launching + "A"));
        for (String part : launching.split("\\.", -1)) {
            for (String seen : List.of(
                    function.log(),
                    minter.log(),
                    launched.body(),
                    function.aws().calls().toString())) {
                assertFalse(seen.contains(part), seen);
            }
        }
    }

    @Test
    void rejectsMfaSessionOfAnotherToken() {
        function.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"s\",\"serialNumber\":\""
                        + io.github.spotspec.function.fake.FakeSts.DEVICE + "\"}");
        String one = minter.token("{'tasks':['end']}");
        String other = minter.token("{'tasks':['end']}");
        String end = "{'task':'end','all':true";
        assertEquals("MfaRequired", function.sendWithToken(one, end + "}").error());

        FunctionUnderTest.Answer opened = function.sendWithToken(one, end + ",'mfaCode':'123456'}");
        assertEquals(200, opened.status(), opened.body());
        String session = ",'session':'" + opened.meta().get("session") + "'}";

        assertEquals(200, function.sendWithToken(one, end + session).status());
        assertEquals(
                "SessionRejected", function.sendWithToken(other, end + session).error());
    }

    @Test
    void neitherMintsNorRevokesThroughTheUrl() {
        String all = minter.token("{'tasks':['price','launch','extend','end','instances']}");
        for (String body : List.of(
                "{'tasks':['price']}",
                "{'revoke':'all'}",
                "{'task':'mint','tasks':['price']}",
                "{'source':'aws.events','detail-type':'Scheduled Event'}",
                "{'task':'price','revoke':'all'}")) {
            FunctionUnderTest.Answer answer = function.sendWithToken(all, body);
            assertEquals(400, answer.status(), answer.body());
            assertFalse(answer.body().contains("\"token\""), answer.body());
        }
        assertAccepted(token);
    }
}
