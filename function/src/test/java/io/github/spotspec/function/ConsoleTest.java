package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.ImageNames;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Tests the console: who gets it, and what it may do. */
final class ConsoleTest {
    private static final FunctionUnderTest TOKENS = FunctionUnderTest.with(FunctionUnderTest.TOKENS);

    @Test
    void servesPageWithoutTokenWhereTokensAreUsed() {
        FunctionUnderTest.Answer page = page();

        assertEquals(200, page.status());
        assertEquals("text/html; charset=utf-8", page.headers().get("content-type"));
        assertEquals("no-referrer", page.headers().get("referrer-policy"));
        assertEquals("nosniff", page.headers().get("x-content-type-options"));
        assertTrue(page.body().startsWith("<!doctype html>"), page.body().substring(0, 40));
        assertFalse(page.body().contains("sourceMappingURL"), "browsers would ask for what the page does not have");
        assertEquals(0, TOKENS.aws().calls().size());
    }

    @Test
    void servesNoPageWhereRequestsAreSigned() {
        FunctionUnderTest.Answer answer = new FunctionUnderTest("us-west-2")
                .handle(FunctionUnderTest.event("GET", "/", FunctionUnderTest.CALLER, "", false));

        assertEquals("MethodNotAllowed", answer.error());
    }

    @Test
    void servesNothingElseWithoutToken() {
        for (String method : new String[] {"POST", "HEAD", "PUT"}) {
            assertEquals(
                    "TokenMissing",
                    TOKENS.handle(FunctionUnderTest.event(method, "/", null, "{\"task\":\"price\"}", false))
                            .error(),
                    method);
        }
        assertEquals(
                "TokenMissing",
                TOKENS.handle(FunctionUnderTest.event("GET", "/page.js", null, "", false))
                        .error());
    }

    @Test
    void allowsOnlyItsOwnScriptAndStyle() throws Exception {
        String body = page().body();

        assertEquals(
                "default-src 'none'; script-src '" + hashOf("script", body) + "'; style-src '" + hashOf("style", body)
                        + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                        + " frame-ancestors 'none'",
                page().headers().get("content-security-policy"));
        assertFalse(
                Pattern.compile("\\s(style|on[a-z]+)=\"").matcher(body).find(), "the policy forbids inline attributes");
        assertFalse(
                Pattern.compile("(src|href)=\"(?!data:,\"|#)").matcher(body).find(),
                "the page fetches nothing from other hosts");
        assertFalse(
                Pattern.compile("@import|url\\([\"']?+(?!data:)|\\beval\\(|new Function\\b")
                        .matcher(body)
                        .find(),
                "the policy forbids other hosts and code in texts");
    }

    @Test
    void offersEveryImageName() {
        String body = page().body();

        assertEquals(
                List.of(),
                ImageNames.names().stream()
                        .filter(name -> !body.contains("['" + name + "', '"))
                        .toList());
    }

    @Test
    void staysBelowSizeLimit() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(page().body().getBytes(StandardCharsets.UTF_8));
        }

        assertTrue(packed.size() < 100_000, packed.size() + " bytes");
    }

    @Test
    void compressesPageWhenAccepted() {
        FunctionUnderTest.Answer packed = TOKENS.handle(
                FunctionUnderTest.event("GET", "/", null, "", false, Map.of("accept-encoding", "gzip, br")));

        assertEquals("gzip", packed.headers().get("content-encoding"));
        assertEquals(page().body(), packed.body());
    }

    private static FunctionUnderTest.Answer page() {
        return TOKENS.handle(FunctionUnderTest.event("GET", "/", null, "", false));
    }

    private static String hashOf(String element, String page) throws Exception {
        Matcher found = Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                .matcher(page);
        assertTrue(found.find(), element);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(found.group(1).getBytes(StandardCharsets.UTF_8));
        assertFalse(found.find(), "another " + element);
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
    }
}
