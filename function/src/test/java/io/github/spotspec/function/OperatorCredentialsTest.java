package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OperatorCredentialsTest {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"]}";
    private static final String SECOND = "{\"accessKeyId\":\"AKIASECOND\",\"secretAccessKey\":\"second-secret\"}";

    private static final AwsResponse A_PRICE = AwsResponse.prices(
            "", AwsResponse.priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z"));

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    @Test
    void cachesSecretForFiveMinutes() {
        function.post(PRICE);
        function.advanceClock(Duration.ofSeconds(299));
        function.post(PRICE);
        assertEquals(1, function.aws().secret().reads());

        function.advanceClock(Duration.ofSeconds(1));
        function.post(PRICE);
        assertEquals(2, function.aws().secret().reads());
    }

    @Test
    void usesTheFunctionsRoleAsOperator() {
        FunctionUnderTest ofRole = FunctionUnderTest.withRoleAsOperator();

        FunctionUnderTest.Answer answer = ofRole.post(PRICE);

        assertEquals(200, answer.status(), answer.body());
        assertTrue(ofRole.aws().calls().stream()
                .allMatch(call -> call.accessKeyId().equals("AKIAROLE")));
        assertEquals(0, ofRole.aws().secret().reads());
    }

    @Test
    void doesNotRetryWithRejectedRole() {
        FunctionUnderTest ofRole = FunctionUnderTest.withRoleAsOperator();
        ofRole.aws().ec2((call, ec2) -> AwsResponse.error(401, "AuthFailure", "no"));

        FunctionUnderTest.Answer answer = ofRole.post(PRICE);

        assertEquals("OperatorRejected", answer.error());
        assertEquals(1, ofRole.aws().calls().size());
        assertFalse(answer.body().contains("role-secret") || ofRole.log().contains("role-secret"));
    }

    @Test
    void readsNoSecretForInvalidRequest() {
        function.post("{\"task\":\"price\",\"types\":7}");

        assertEquals(0, function.aws().secret().reads());
    }

    @ParameterizedTest
    @ValueSource(strings = {"AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch"})
    void readsSecretAgainWhenKeyIsRejected(String code) {
        function.aws()
                .ec2((call, ec2) ->
                        call.accessKeyId().equals("AKIAFIRST") ? AwsResponse.error(401, code, "no") : A_PRICE);
        function.post(PRICE);
        function.aws().secret().setValue(SECOND);

        FunctionUnderTest.Answer answer = function.post(PRICE);

        assertEquals(200, answer.status(), answer.body());
        assertEquals("AKIASECOND", function.aws().calls().getLast().accessKeyId());
    }

    @Test
    void usesPreviousKeyWhileNewOneIsRejected() {
        function.aws().secret().setValue(SECOND);
        function.aws()
                .ec2((call, ec2) -> call.accessKeyId().equals("AKIASECOND")
                        ? AwsResponse.error(401, "AuthFailure", "no")
                        : A_PRICE);

        FunctionUnderTest.Answer answer = function.post(PRICE);

        assertEquals(200, answer.status(), answer.body());
        assertEquals("AKIAFIRST", function.aws().calls().getLast().accessKeyId());
    }

    @Test
    void reportsRejectedKeyWithoutRepeatingIt() {
        function.aws().ec2((call, ec2) -> AwsResponse.error(401, "AuthFailure", "no"));

        FunctionUnderTest.Answer answer = function.post(PRICE);

        assertEquals(502, answer.status());
        assertEquals("OperatorRejected", answer.error());
        assertEquals(1, function.aws().calls().size(), "the same key is not tried twice");
        assertNothingSecret(answer);
    }

    @Test
    void returnsOtherRegionsWhenOneIsNotEnabled() {
        function.aws()
                .ec2((call, ec2) ->
                        call.region().equals("us-east-1") ? AwsResponse.error(401, "AuthFailure", "no") : A_PRICE);

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"regions\":\"all\"}");

        assertEquals(200, answer.status());
        assertTrue(answer.body().contains("\"OperatorRejected\""), answer.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "first-secret",
                "[\"first-secret\"]",
                "{\"accessKeyId\":\"AKIAFIRST\"}",
                "{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"\"}",
                "{\"secretAccessKey\":\"first-secret\"}",
                "{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":[\"first-secret\"]}"
            })
    void reportsMalformedSecretWithoutRepeatingIt(String secret) {
        function.aws().secret().setValue(secret);

        FunctionUnderTest.Answer answer = function.post(PRICE);

        assertEquals(502, answer.status());
        assertEquals("SecretUnreadable", answer.error());
        assertEquals(List.of(), function.aws().calls());
        assertNothingSecret(answer);
    }

    @Test
    void neitherReturnsNorLogsSecrets() {
        FunctionUnderTest.Answer answer = function.post(
                "{\"task\":\"price\",\"types\":[\"m7g.large\"],\"mfaCode\":\"314159\",\"isLogging\":true}");

        assertEquals(200, answer.status());
        assertNothingSecret(answer);
        assertTrue(
                function.log().contains("\"fields\":[\"task\",\"types\",\"mfaCode\",\"isLogging\"]"), function.log());
    }

    private void assertNothingSecret(FunctionUnderTest.Answer answer) {
        assertFalse(function.log().isEmpty());
        for (String text : List.of(function.log(), answer.body())) {
            for (String secret : List.of("first-secret", "AKIAFIRST", "314159", "role-secret")) {
                assertFalse(text.contains(secret), text);
            }
        }
    }
}
