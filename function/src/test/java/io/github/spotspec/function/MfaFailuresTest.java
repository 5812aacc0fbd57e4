package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeSts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests unusual answers of STS to a code. */
final class MfaFailuresTest {
    private final FunctionUnderTest function =
            FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");

    MfaFailuresTest() {
        function.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\",\"serialNumber\":\""
                        + FakeSts.DEVICE + "\"}");
    }

    private FunctionUnderTest.Answer end(AwsResponse answer) {
        function.aws().next("GetSessionToken", (call, sts) -> answer);
        return function.send("{'task':'end','all':true,'mfaCode':'123456'}");
    }

    @Test
    void cutsLongMessage() {
        FunctionUnderTest.Answer answer = end(FakeSts.error(
                403, "AccessDenied", "MultiFactorAuthentication failed " + "x".repeat(2_000) + "the end"));

        assertEquals("MfaRejected", answer.error(), answer.body());
        assertTrue(answer.details().contains("x".repeat(200)), answer.details());
        assertTrue(answer.details().length() < 600, answer.details());
    }

    @ParameterizedTest
    @CsvSource({"'',Ec2Refused", "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>,NotAuthorized"
    })
    void rejectionWithoutMessageDoesNotBlameTheCode(String body, String error) {
        FunctionUnderTest.Answer answer = end(new AwsResponse(403, body));

        assertEquals(error, answer.error(), answer.body());
    }
}
