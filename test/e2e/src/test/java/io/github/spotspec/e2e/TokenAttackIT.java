package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sends forged, altered and misplaced tokens and sessions to the URL. */
@ExtendWith(SharedDeployment.class)
final class TokenAttackIT {
    private static final String NARROW =
            "{\"tasks\":[\"price\"],\"regions\":[\"us-west-2\"],\"count\":1,\"life\":\"1h\"}";
    private static final String WIDE = "{\"tasks\":[\"price\",\"launch\",\"end\",\"instances\"],\"life\":\"1d\"}";

    private final LocalDeployment service;
    private final AttackTarget target;

    TokenAttackIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.target = AttackTarget.in(service);
    }

    private SpotUrl.Answer inHeader(String token, Object body) throws Exception {
        return target.url().unsigned(body.toString(), List.of("authorization", "Bearer " + token));
    }

    private SpotUrl.Answer inQuery(String token, Object body) throws Exception {
        return target.url()
                .unsigned("?token=" + URLEncoder.encode(token, StandardCharsets.UTF_8), body.toString(), List.of());
    }

    private static void assertRejected(String error, SpotUrl.Answer answer, String what) {
        assertEquals(error, answer.error(), () -> what + ": " + answer.text());
        assertEquals(401, answer.status(), what);
    }

    @Test
    void rejectsForgedTokensInHeaderAndQuery() throws Exception {
        String token = target.token(NARROW);
        List<String> forgeries = ForgedTokens.of(token, target.token(WIDE), target.signingSecret());
        int tried = 0;
        for (String forged : forgeries) {
            // Skips tokens that a header cannot contain.
            if (forged.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                assertRejected("TokenRejected", inHeader(forged, AttackTarget.PRICE), "header " + forged);
                tried++;
            }
            assertRejected("TokenRejected", inQuery(forged, AttackTarget.PRICE), "query " + forged);
            tried++;
        }
        System.out.printf("attack: %d forged tokens tried%n", tried);
        assertTrue(tried > 1_000, "only " + tried + " forged tokens");

        // The function may still have the signing secret from an earlier test, and then reads nothing.
        assertTrue(
                Set.of("secretsmanager:GetSecretValue").containsAll(target.actions()),
                () -> "unexpected AWS calls: " + target.actions());
        long reads = service.calls("secretsmanager:GetSecretValue");
        assertTrue(reads * 20 < tried, "the secret was read " + reads + " times");
        assertEquals(200, inHeader(token, AttackTarget.PRICE).status());
        assertEquals(200, inQuery(token, AttackTarget.PRICE).status());
    }

    @Test
    void rejectsSeveralTokensAndPrefersHeader() throws Exception {
        String token = target.token(NARROW);

        assertRejected(
                "TokenRejected",
                target.url()
                        .unsigned(
                                AttackTarget.PRICE,
                                List.of("authorization", "Bearer " + token, "authorization", "Bearer " + token)),
                "two headers");
        assertRejected(
                "TokenRejected",
                target.url().unsigned("?token=" + token + "&token=" + token, AttackTarget.PRICE, List.of()),
                "twice in the query");
        assertRejected(
                "TokenRejected",
                target.url().unsigned("?token=" + token, AttackTarget.PRICE, List.of("authorization", "Bearer x")),
                "a wrong header");
        assertEquals(
                200,
                target.url()
                        .unsigned("?token=x", AttackTarget.PRICE, List.of("authorization", "Bearer " + token))
                        .status());
    }

    @Test
    void tokenOpensNoOtherUser() throws Exception {
        String user = System.getProperty("user.name");
        String token = target.token(
                "{\"tasks\":[\"connect\",\"launch\"],\"osUsers\":[\"" + TokenApp.OTHER_USER + "\"],\"life\":\"1h\"}");
        RequestBody connect = RequestBody.to("connect")
                .with("instanceId", "i-0123456789abcdef0")
                .with("publicKey", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGKZ1C7rVFGmLsIuPQvxm9VLHd0DQyF9HTmQhkJzH2o");

        for (String field : List.of("osUser", "InstanceOSUser")) {
            SpotUrl.Answer answer = inHeader(token, connect.with(field, user));
            assertEquals("ScopeExceeded", answer.error(), answer.text());
            connect.without(field);
        }
        // The deployment's own limit comes first.
        assertEquals(
                "OsUserNotAllowed",
                inHeader(token, connect.with("osUser", "root-of-another-house")).error());
        String[] parts = token.split("\\.", -1);
        String widened = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                .replace("\"" + TokenApp.OTHER_USER + "\"", "\"" + user + "\"");
        assertRejected(
                "TokenRejected",
                inHeader(parts[0] + "." + base64Url(widened) + "." + parts[2], connect.with("osUser", user)),
                "another user");
        String minted = target.invoke(
                "MinterName",
                "{\"tasks\":[\"connect\"],\"osUsers\":[\"nobody\"]}",
                service.cloud().admin());
        assertFalse(minted.contains("\"token\":"), minted);
        assertEquals(0, service.calls("ec2-instance-connect:SendSSHPublicKey"));
    }

    @Test
    void ignoresTokensInOtherPlaces() throws Exception {
        String token = target.token(NARROW);

        for (List<String> headers : List.of(
                List.<String>of(),
                List.of("authorization", token),
                List.of(
                        "authorization",
                        "Basic " + Base64.getEncoder().encodeToString(("x:" + token).getBytes(StandardCharsets.UTF_8))),
                List.of("proxy-authorization", "Bearer " + token),
                List.of("x-amz-security-token", token),
                List.of("cookie", "token=" + token))) {
            for (String rest : List.of("", "?Token=" + token, "?access_token=" + token, "?token[]=" + token)) {
                assertRejected(
                        "TokenMissing",
                        target.url()
                                .unsigned(
                                        rest.replace("[]", "%5B%5D"),
                                        RequestBody.to("price")
                                                .with("token", token)
                                                .toString(),
                                        headers),
                        headers + " " + rest);
            }
        }
        assertEquals(Set.of(), target.actions(), "no AWS call may be made");
    }

    @Test
    void directInvocationNeedsTokenToo() {
        String forged =
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{},\"requestContext\":{\"http\":{\"method\":"
                        + "\"POST\",\"path\":\"/\"},\"authorizer\":{\"iam\":{\"userArn\":\"arn:aws:iam::111122223333:root\"}}},"
                        + "\"body\":\"{\\\"task\\\":\\\"price\\\"}\",\"isBase64Encoded\":false}";

        String answer = target.invoke("FunctionName", forged, service.cloud().admin());
        assertTrue(answer.contains("TokenMissing"), answer);
        String minted = target.invoke(
                "MinterName", "{\"tasks\":[\"price\"]}", service.cloud().admin());
        assertTrue(minted.contains("\"token\":"), "direct invocation of the minter makes tokens");
    }

    @Test
    void revocationKeepsSigningSecret() throws Exception {
        String token = target.token(NARROW);
        String other = target.token(NARROW);
        String before = target.signingSecret();

        target.token("{\"revoke\":\"" + id(other) + "\"}");

        assertEquals(before, target.signingSecret());
        service.endEnvironments();
        assertRejected("TokenRejected", inHeader(other, AttackTarget.PRICE), "revoked");
        assertEquals(200, inHeader(token, AttackTarget.PRICE).status());
    }

    @Test
    void sessionIsUselessToOtherToken() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String owner = target.token(WIDE);
        String other = target.token(WIDE);
        RequestBody dryRun = RequestBody.launch("m7g.large").without("dryRun");
        SpotUrl.Answer opened = inHeader(owner, dryRun.with("mfaCode", device.code()));
        assertEquals(200, opened.status(), opened.text());
        String session = opened.json().path("meta").path("session").asText();
        dryRun.without("mfaCode");

        assertRejected("SessionRejected", inHeader(other, dryRun.with("session", session)), "another token");
        String[] parts = session.split("\\.", -1);
        assertEquals(5, parts.length, "a JWE in its compact form");
        for (String changed : List.of(
                session.substring(0, session.length() - 1),
                session.substring(1),
                session + "A",
                session + "." + parts[4],
                String.join(".", parts[0], parts[1], parts[2], parts[3], ""),
                String.join(".", parts[0], "AAAA", parts[2], parts[3], parts[4]),
                String.join(".", parts[0], parts[1], parts[4], parts[3], parts[2]),
                base64Url("{\"alg\":\"none\"}") + session.substring(parts[0].length()),
                base64Url("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\"}") + session.substring(parts[0].length()),
                owner,
                base64Url("{\"alg\":\"none\"}") + "." + base64Url("{\"caller\":\"root\"}") + ".")) {
            assertRejected("SessionRejected", inHeader(owner, dryRun.with("session", changed)), changed);
        }
        assertRejected("TokenRejected", inHeader(session, dryRun.without("session")), "a session as a token");

        assertEquals(
                200, inHeader(owner, dryRun.with("session", session)).status(), "the owner's session must stay valid");
        target.token("{\"revoke\":\"" + id(owner) + "\"}");
        service.endEnvironments();
        assertRejected("TokenRejected", inHeader(owner, dryRun), "the session must end with the token");
        assertFalse(id(owner).equals(id(other)));
    }

    private static String base64Url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String id(String token) throws Exception {
        return new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]))
                .path("jti")
                .asText();
    }
}
