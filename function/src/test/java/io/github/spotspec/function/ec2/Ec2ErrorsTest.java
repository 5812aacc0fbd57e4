package io.github.spotspec.function.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.answer.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

final class Ec2ErrorsTest {
    @ParameterizedTest
    @CsvSource({
        "UnauthorizedOperation,403,NotAuthorized,403",
        "AuthFailure,401,OperatorRejected,502",
        "RequestLimitExceeded,503,Throttled,429",
        "Unavailable,503,Ec2Unavailable,502",
        "SomethingNew,500,Ec2Unavailable,502",
        "InvalidParameterValue,400,Ec2Refused,400",
        "SomethingNew,400,Ec2Refused,400"
    })
    void everyCodeHasAReason(String code, int status, String word, int answered) {
        Refusal refusal = refusal(error(code, "the message", status));

        assertEquals(word, refusal.reason().word());
        assertEquals(answered, refusal.reason().status());
        assertTrue(refusal.details().startsWith("ec2:X in us-west-2 "), refusal.details());
    }

    @Test
    void aRefusalByIamDoesNotRepeatItsEncodedMessage() {
        assertFalse(refusal(error("UnauthorizedOperation", "encoded message", 403))
                .details()
                .contains("encoded"));
    }

    @Test
    void aStatusAloneIsEnough() {
        assertEquals(
                "OperatorRejected",
                refusal(Ec2Exception.builder().statusCode(401).build()).reason().word());
        assertEquals(
                "Ec2Unavailable",
                refusal(Ec2Exception.builder().statusCode(502).build()).reason().word());
        assertEquals(
                "Ec2Refused",
                refusal(Ec2Exception.builder().statusCode(418).build()).reason().word());
    }

    @Test
    void noAnswerIsNotARefusal() {
        assertEquals(
                "Ec2Unavailable",
                refusal(SdkClientException.create("connection reset")).reason().word());
        assertEquals(
                "TimedOut",
                refusal(ApiCallTimeoutException.create(20_000)).reason().word());
    }

    private static Refusal refusal(SdkException e) {
        return Ec2Errors.refusal("ec2:X", "us-west-2", e);
    }

    private static SdkException error(String code, String message, int status) {
        return Ec2Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }
}
