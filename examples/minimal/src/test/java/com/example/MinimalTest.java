package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.junit.LocalAwsExtension;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awscdk.App;

/** Deploys the stack to a local cloud and calls its URL. It needs no AWS account, but JDK 25. */
final class MinimalTest {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"]}";

    @RegisterExtension
    static final LocalAwsExtension aws = new LocalAwsExtension();

    private static Map<String, String> outputs;

    @BeforeAll
    static void deploy() {
        aws.createRole("developers");
        outputs = aws.deploy(Minimal.stack(new App()));
    }

    @Test
    void developersGetPrices() throws Exception {
        HttpResponse<String> answer = ask("developers", PRICE);

        assertEquals(200, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("us-west-2a"), answer.body());
    }

    @Test
    void otherRolesAreRejected() throws Exception {
        aws.createRole("visitors");

        assertEquals(403, ask("visitors", PRICE).statusCode());
    }

    @Test
    void launchNeedsCodeOfOperatorsDevice() throws Exception {
        String launch = "{\"task\":\"launch\",\"types\":[\"m7g.large\"],\"dryRun\":false";
        HttpResponse<String> refused = ask("developers", launch + "}");
        assertTrue(refused.body().contains("\"MfaRequired\""), refused.body());

        String code = aws.mfaCode(outputs.get("Operator"));
        HttpResponse<String> launched = ask("developers", launch + ",\"mfaCode\":\"" + code + "\"}");
        assertEquals(200, launched.statusCode(), launched.body());
    }

    private static HttpResponse<String> ask(String role, String request) throws Exception {
        return aws.post(outputs.get("SpotUrl"), request, aws.roleCredentials(role));
    }
}
