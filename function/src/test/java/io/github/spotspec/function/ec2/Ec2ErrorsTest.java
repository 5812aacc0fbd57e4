package io.github.spotspec.function.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
        "SomethingNew,400,Ec2Refused,400",
        "SpotMaxPriceTooLow,400,PriceBelowSpot,400",
        "MaxConfigLimitExceededException,400,ScoreLimit,429"
    })
    void mapsEveryCodeToAnErrorCode(String code, int status, String errorCode, int answered) {
        ServiceException exception = exception(error(code, "the message", status));

        assertEquals(errorCode, exception.errorCode().code());
        assertEquals(answered, exception.errorCode().status());
        assertTrue(exception.details().contains("ec2:X in us-west-2"), exception.details());
    }

    /** The codes of EC2's reference, and a future one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "InsufficientAddressCapacity",
                "InsufficientCapacity",
                "InsufficientCapacityOnHost",
                "InsufficientFreeAddressesInSubnet",
                "InsufficientHostCapacity",
                "InsufficientInstanceCapacity",
                "InsufficientReservedInstanceCapacity",
                "InsufficientReservedInstancesCapacity",
                "InsufficientVolumeCapacity",
                "InsufficientSomethingNewCapacity",
                "ReservationCapacityExceeded",
                "UnfulfillableCapacity"
            })
    void mapsEveryCapacityCodeToNoCapacity(String code) {
        for (int status : new int[] {400, 500, 503}) {
            SdkException error = error(code, "the message", status);

            assertEquals("NoCapacity", exception(error).errorCode().code());
            assertEquals(Ec2Errors.Verdict.NO_CAPACITY, Ec2Errors.verdict(error));
            assertFalse(Ec2Errors.isAmbiguous(error));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "InvalidParameterValue,the message,REJECTED",
        "InvalidParameterValue,Invalid IAM Instance Profile name,NOT_YET_VISIBLE",
        "InvalidParameterValue,the specified instance type,TYPE_INCOMPATIBLE",
        "Unsupported,the message,POOL_INCOMPATIBLE",
        "Unsupported,another architecture,TYPE_INCOMPATIBLE",
        "InvalidInput,No default subnet for availability zone: 'us-west-2a'.,ZONE_INCOMPATIBLE",
        "SpotMaxPriceTooLow,the message,PRICE_TOO_LOW",
        "IdempotentParameterMismatch,the message,CLIENT_TOKEN_CONFLICT",
        "RequestLimitExceeded,the message,REPEATABLE",
        "SomethingNew,the message,REJECTED"
    })
    void classifiesErrorsForOtherPools(String code, String message, Ec2Errors.Verdict verdict) {
        assertEquals(verdict, Ec2Errors.verdict(error(code, message, 400)));
    }

    @Test
    void classifiesMissingResponseAsRepeatable() {
        assertEquals(Ec2Errors.Verdict.REPEATABLE, Ec2Errors.verdict(SdkClientException.create("connection reset")));
        assertEquals(Ec2Errors.Verdict.REPEATABLE, Ec2Errors.verdict(error("SomethingNew", "the message", 500)));
    }

    @Test
    void omitsEncodedMessageOfIamDenial() {
        assertFalse(exception(error("UnauthorizedOperation", "encoded message", 403))
                .details()
                .contains("encoded"));
    }

    @Test
    void mapsStatusWithoutCode() {
        assertEquals(
                "OperatorRejected",
                exception(Ec2Exception.builder().statusCode(401).build())
                        .errorCode()
                        .code());
        assertEquals(
                "Ec2Unavailable",
                exception(Ec2Exception.builder().statusCode(502).build())
                        .errorCode()
                        .code());
        assertEquals(
                "Ec2Refused",
                exception(Ec2Exception.builder().statusCode(418).build())
                        .errorCode()
                        .code());
    }

    @Test
    void mapsMissingResponse() {
        assertEquals(
                "Ec2Unavailable",
                exception(SdkClientException.create("connection reset"))
                        .errorCode()
                        .code());
        assertEquals(
                "TimedOut",
                exception(ApiCallTimeoutException.create(20_000)).errorCode().code());
    }

    private static ServiceException exception(SdkException e) {
        return Ec2Errors.toException("ec2:X", "us-west-2", e);
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
