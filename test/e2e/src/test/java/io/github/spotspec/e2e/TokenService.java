package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities.AccessKey;
import java.util.List;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;

/**
 * A deployed service whose URL takes tokens.
 *
 * @param stack the stack, with the outputs {@code Url} and {@code MinterName}
 */
record TokenService(LocalDeployment service, String stack) {
    /** A user without rights. */
    static final String STRANGER = "token-stranger";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Returns the service of {@link TokenApp}, and deploys it if necessary. */
    static TokenService in(LocalDeployment service) throws Exception {
        if (service.cloud().stacks().find(LocalDeployment.HOME, TokenApp.STACK) == null) {
            service.deployOther(TokenApp::stacks, service.callerArn());
            service.cloud().state().identities().createUser(STRANGER);
        }
        return new TokenService(service, TokenApp.STACK);
    }

    /** Makes or revokes tokens as the caller with {@code grantMint}. */
    JsonNode mint(String event) throws Exception {
        return JSON.readTree(invoke("MinterName", event, service.caller()));
    }

    /** Sends a request with a token. */
    SpotUrl.Answer ask(String body, JsonNode minted) throws Exception {
        return url().unsigned(
                        body,
                        List.of(
                                "authorization",
                                "Bearer " + minted.path("token").asText()));
    }

    /** Returns the signing secret. */
    String signingSecret() throws Exception {
        return service.cloud()
                .state()
                .secrets()
                .find(service.secretArn(stack, "SpotSigningSecret"), LocalDeployment.HOME)
                .current()
                .value();
    }

    SpotUrl url() {
        return new SpotUrl(service.output(stack, "Url"), LocalDeployment.HOME);
    }

    /**
     * Invokes a function directly.
     *
     * @param output the output of the stack that contains the function name
     */
    String invoke(String output, String event, AccessKey key) {
        try (LambdaClient lambda = service.client(LambdaClient.builder(), LocalDeployment.HOME, key)
                .build()) {
            return lambda.invoke(request ->
                            request.functionName(service.output(stack, output)).payload(SdkBytes.fromUtf8String(event)))
                    .payload()
                    .asUtf8String();
        }
    }
}
