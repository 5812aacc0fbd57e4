package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities.AccessKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.lambda.model.LambdaException;

/** Tests a URL that takes tokens, and the minter. */
@ExtendWith(SharedDeployment.class)
final class TokenIT {
    private static final String PRICE =
            RequestBody.to("price").with("types", List.of("m7g.large")).toString();

    private final LocalDeployment service;
    private final TokenService tokenService;

    TokenIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.tokenService = TokenService.in(service);
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void mintedUrlPricesWithOneCurl() throws Exception {
        JsonNode minted = tokenService.mint("{\"tasks\":[\"price\"],\"life\":\"+10\"}");

        assertEquals(
                service.output(TokenApp.STACK, "Url"),
                minted.path("url").asText(),
                minted.path("details").asText());
        SpotUrl.Answer answer = tokenService.ask(PRICE, minted);
        assertEquals(200, answer.status(), answer.text());
        assertEquals("priced", answer.json().path("event").asText());

        // Sends what curl -d sends: another content type, and the token in the query.
        HttpResponse<String> curl = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(minted.path("url").asText() + "?token="
                                        + minted.path("token").asText()))
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(PRICE))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(200, curl.statusCode(), curl.body());
    }

    @Test
    void documentedCommandsMintAndUseToken() throws Exception {
        assumeTrue(AwsCli.isInstalled(), AwsCli.MISSING);
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        Consumer<ProcessBuilder> caller = service.as(service.caller());
        String printed = AwsCli.adapt(DocumentedCommand.of("aws lambda invoke"))
                .with("MINTER", service.output(TokenApp.STACK, "MinterName"))
                .run(caller);
        // The CLI prints its own output after the response.
        JsonNode minted = new ObjectMapper().readTree(printed);

        String answers = DocumentedCommand.of("curl -s -H \"Authorization: Bearer $TOKEN\"")
                .run(process -> process.environment()
                        .putAll(Map.of(
                                "URL", minted.path("url").asText(),
                                "TOKEN", minted.path("token").asText())));
        assertTrue(answers.matches("\\{\"event\":\"priced\",.*}\\{\"event\":\"priced\",.*}"), answers);
    }

    @Test
    void minterRejectsEmptyAndNonObjectEvents() throws Exception {
        assertEquals("MissingField", tokenService.mint("").path("error").asText(), "an empty payload");
        assertEquals("InvalidRequestContentException", invokeErrorCode("MinterName", "price", service.caller()));
    }

    @Test
    void rejectsMissingAndAlteredTokens() throws Exception {
        SpotUrl url = tokenService.url();
        String token =
                tokenService.mint("{\"tasks\":[\"price\"]}").path("token").asText();

        assertEquals("TokenMissing", url.unsigned(PRICE, List.of()).error());
        assertEquals("TokenMissing", url.post(PRICE, service.caller()).error(), "a signature does not replace a token");
        SpotUrl.Answer changed = url.unsigned(
                PRICE, List.of("authorization", "Bearer " + token.substring(0, token.length() - 3) + "AAA"));
        assertEquals("TokenRejected", changed.error());
        assertEquals(401, changed.status());
        assertEquals(0, service.calls("ec2:DescribeSpotPriceHistory"));
    }

    @Test
    void tokenLaunchesWithinItsScope() throws Exception {
        JsonNode minted = tokenService.mint("{\"tasks\":[\"launch\",\"end\"],\"count\":1,\"lease\":\"1h\"}");
        String code = MfaDevice.enrol(service, TokenApp.STACK).code();

        SpotUrl.Answer priced = tokenService.ask(PRICE, minted);
        assertEquals("ScopeExceeded", priced.error(), priced.text());
        assertEquals(403, priced.status());
        assertEquals(
                "MfaRequired",
                tokenService
                        .ask(RequestBody.launch("m7g.large").toString(), minted)
                        .error());
        SpotUrl.Answer launched = tokenService.ask(
                RequestBody.launch("m7g.large").with("mfaCode", code).toString(), minted);
        assertEquals(200, launched.status(), launched.text());
        assertEquals(
                "token:" + minted.path("id").asText(),
                launched.json().path("data").path(0).path("Caller").asText());
        assertEquals(
                "ScopeExceeded",
                tokenService
                        .ask(
                                RequestBody.launch("m7g.large")
                                        .with(
                                                "session",
                                                launched.json().path("meta").path("session"))
                                        .toString(),
                                minted)
                        .error());
        assertEquals(1, service.alive().size());
    }

    @Test
    void rejectsRevokedTokenOnly() throws Exception {
        JsonNode one = tokenService.mint("{\"tasks\":[\"price\"]}");
        JsonNode other = tokenService.mint("{\"tasks\":[\"price\"]}");
        assertEquals(200, tokenService.ask(PRICE, one).status());

        JsonNode revoked = tokenService.mint("{\"revoke\":\"" + one.path("id").asText() + "\"}");
        assertEquals(one.path("id"), revoked.path("revoked").path(0), revoked.toString());
        // A new environment has no cached revocations.
        service.endEnvironments();
        assertEquals("TokenRejected", tokenService.ask(PRICE, one).error());
        assertEquals(200, tokenService.ask(PRICE, other).status());

        assertEquals(
                "all", tokenService.mint("{\"revoke\":\"all\"}").path("revoked").asText());
        service.endEnvironments();
        assertEquals("TokenRejected", tokenService.ask(PRICE, other).error());
    }

    @Test
    void limitsInvokersOfMinterAndFunction() {
        AccessKey stranger = service.cloud().state().identities().createAccessKey(TokenService.STRANGER);

        assertEquals(
                "AccessDeniedException",
                invokeErrorCode("MinterName", "{\"tasks\":[\"price\"]}", stranger),
                "the minter");
        assertEquals("AccessDeniedException", invokeErrorCode("FunctionName", "{}", service.caller()), "the function");
        service.cloud().state().identities().deleteAccessKey(TokenService.STRANGER, stranger.id());
    }

    private String invokeErrorCode(String function, String event, AccessKey key) {
        return assertThrows(LambdaException.class, () -> tokenService.invoke(function, event, key))
                .awsErrorDetails()
                .errorCode();
    }

    @Test
    void neverLogsTokens() throws Exception {
        JsonNode minted = tokenService.mint("{\"tasks\":[\"price\"]}");
        tokenService.ask(PRICE, minted);
        service.awaitLogged("\"caller\":\"token:" + minted.path("id").asText() + "\"");

        List<String> lines = service.cloud().state().logs().lines();
        assertTrue(
                lines.stream().anyMatch(line -> line.contains(minted.path("id").asText())));
        for (String part : minted.path("token").asText().split("\\.", -1)) {
            lines.forEach(line -> assertFalse(line.contains(part), line));
        }
    }
}
