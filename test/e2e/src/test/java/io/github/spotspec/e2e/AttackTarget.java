package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Identities.AccessKey;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The deployment of {@link TokenApp} as the target of attacks. */
final class AttackTarget {
    static final String PRICE =
            RequestBody.to("price").with("types", List.of("m7g.large")).toString();

    private static final String EVERYTHING = "{\"tasks\":[\"price\",\"history\",\"score\",\"requests\",\"instances\","
            + "\"launch\",\"extend\",\"cancel\",\"terminate\",\"end\",\"check\"]}";

    private final LocalDeployment service;
    private final TokenService tokenService;

    private AttackTarget(TokenService tokenService) {
        this.service = tokenService.service();
        this.tokenService = tokenService;
    }

    /** Returns the target, and deploys it if necessary. */
    static AttackTarget in(LocalDeployment service) throws Exception {
        TokenService tokenService = TokenService.in(service);
        service.clear();
        return new AttackTarget(tokenService);
    }

    /** Deploys it again, optionally with reserved concurrency. */
    void deploy(String... reserved) throws Exception {
        service.deployOther(
                TokenApp::stacks,
                Stream.concat(Stream.of(service.callerArn()), Stream.of(reserved))
                        .toArray(String[]::new));
    }

    SpotUrl url() {
        return tokenService.url();
    }

    String output(String name) {
        return service.output(tokenService.stack(), name);
    }

    /** Makes or revokes tokens with the minter. Then clears the record of AWS calls. */
    String token(String event) throws Exception {
        JsonNode minted = tokenService.mint(event);
        assertEquals("", minted.path("details").asText());
        service.cloud().state().authorizer().auditTrail().forgetRequests();
        return minted.path("token").asText();
    }

    /** Returns a header with a token for all tasks. */
    List<String> bearer() throws Exception {
        return List.of("authorization", "Bearer " + token(EVERYTHING));
    }

    /** Concatenates two lists. */
    static List<String> joined(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    /** Asserts that a request was rejected with a 4xx status and a documented error code. */
    static void assertRejected(SpotUrl.Answer answer, Object what) {
        assertTrue(answer.status() >= 400 && answer.status() < 500, () -> what + ": " + answer.text());
        assertTrue(ErrorTable.codes().contains(answer.error()), () -> what + ": " + answer.text());
        assertEquals("", answer.json().path("token").asText(), "no token may be minted");
    }

    /** Invokes one of its functions. The output of the stack names it. */
    String invoke(String function, String event, AccessKey key) {
        return tokenService.invoke(function, event, key);
    }

    /** Returns the signing secret. */
    String signingSecret() throws Exception {
        return tokenService.signingSecret();
    }

    /** Returns the AWS actions called since the last token was made. */
    Set<String> actions() {
        return service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                .map(AuditTrail.ApiCall::action)
                .filter(action -> !action.equals(LocalDeployment.HANDSHAKE))
                .collect(Collectors.toSet());
    }
}
