package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The one table from EC2's error codes to the service's reason words and sentences, after the error codes of EC2's API
 * reference. A code that is not in it is a refusal with EC2's own message, or, with status 500 and above, a failure.
 */
public final class Ec2Errors {
    /** What a code means; the sentence follows the action and region. */
    private record Meaning(Reason reason, String sentence) {}

    /** EC2 answers AuthFailure and OptInRequired with 401, and of a 401 the JDK's HTTP client does not give out the body. */
    private static final String UNTOLD = "HTTP 401";

    private static final Map<String, Meaning> MEANINGS = new HashMap<>();

    static {
        mean(
                Reason.NOT_AUTHORIZED,
                "is not allowed to the operator by IAM.",
                "UnauthorizedOperation",
                "AccessDenied",
                "AccessDeniedException");
        mean(
                Reason.OPERATOR_REJECTED,
                "does not accept the operator's key ({code}); the secret must hold an active access key, and the region must be"
                        + " enabled for the account.",
                "AuthFailure",
                UNTOLD,
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "SignatureDoesNotMatch",
                "InvalidSignatureException",
                "ExpiredToken",
                "ExpiredTokenException",
                "RequestExpired",
                "Blocked",
                "OptInRequired");
        mean(
                Reason.THROTTLED,
                "is throttled ({code}); try again in some seconds.",
                "RequestLimitExceeded",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException");
        mean(
                Reason.EC2_UNAVAILABLE,
                "failed ({code}); the same request may succeed in some seconds.",
                "InternalError",
                "InternalFailure",
                "ServerInternal",
                "ServiceUnavailable",
                "Unavailable");
        mean(
                Reason.NO_CAPACITY,
                "found no room ({code}); another type or zone may have some, or the same one later.",
                "InsufficientInstanceCapacity",
                "InsufficientHostCapacity",
                "InsufficientReservedInstanceCapacity",
                "InsufficientFreeAddressesInSubnet",
                "InsufficientCapacity",
                "UnfulfillableCapacity",
                "SpotMaxPriceTooLow",
                "Unsupported");
        mean(
                Reason.ACCOUNT_LIMIT,
                "would pass a quota of the account ({code}); end something, or have Service Quotas raise it.",
                "MaxSpotInstanceCountExceeded",
                "MaxSpotFleetRequestCountExceeded",
                "InstanceLimitExceeded",
                "VcpuLimitExceeded",
                "VolumeLimitExceeded",
                "MaxIOPSLimitExceeded");
        mean(
                Reason.SPOT_ROLE_MISSING,
                "needs the service-linked role AWSServiceRoleForEC2Spot; an administrator makes it once with"
                        + " 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com'.",
                "AuthFailure.ServiceLinkedRoleCreationNotPermitted");
        mean(
                Reason.SCORE_LIMIT,
                "answers only so many new questions in 24 hours ({code}); questions asked before may be asked again.",
                "MaxConfigLimitExceeded");
    }

    private Ec2Errors() {}

    /** Returns whether EC2 says that the call would have succeeded, had it not been a dry run. */
    public static boolean isDryRunSuccess(SdkException e) {
        return "DryRunOperation".equals(code(e));
    }

    /** Returns whether no one can tell if the call was carried out: no answer came, or a failure without a meaning. */
    public static boolean isAmbiguous(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return true;
        }
        Meaning meaning = MEANINGS.get(code(e));
        return meaning == null ? service.statusCode() >= 500 : meaning.reason() == Reason.EC2_UNAVAILABLE;
    }

    /**
     * Returns whether EC2 refuses a launch since the type does not fit: the image, its volumes, or another setting. Its codes
     * for that stand for other faults, too; the message tells that it is the type.
     */
    public static boolean isOfType(SdkException e) {
        return e instanceof AwsServiceException service
                && switch (code(e)) {
                    case "EncryptedVolumesNotSupported" -> true;
                    case "InvalidParameterValue", "InvalidParameterCombination", "UnsupportedOperation" ->
                        message(service).contains("instance type");
                    case "Unsupported" -> message(service).contains("architecture");
                    default -> false;
                };
    }

    /** Returns whether EC2 refuses a launch since the zone does not have what any type would need there. */
    public static boolean isOfZone(SdkException e) {
        return e instanceof AwsServiceException service
                && (code(e).equals("VolumeTypeNotAvailableInZone")
                        || message(service).startsWith("No default subnet for availability zone"));
    }

    /** Returns whether EC2 may say that the account has not subscribed to something; a key that is not accepted looks alike. */
    public static boolean isOfSubscription(SdkException e) {
        return List.of("OptInRequired", UNTOLD).contains(code(e));
    }

    /** Returns the error code, {@code HTTP 5xx} if there is none but a status, or nothing if there was no answer. */
    public static String code(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return "";
        }
        return service.awsErrorDetails() == null || service.awsErrorDetails().errorCode() == null
                ? "HTTP " + service.statusCode()
                : service.awsErrorDetails().errorCode();
    }

    /** Returns what a failed call means for the caller of the service. */
    public static Refusal refusal(String action, String region, SdkException e) {
        String where = action + " in " + region + " ";
        return switch (e) {
            case ApiCallTimeoutException late -> timedOut(where);
            case ApiCallAttemptTimeoutException late -> timedOut(where);
            case AwsServiceException service -> refusal(where, service);
            default ->
                new Refusal(
                        Reason.EC2_UNAVAILABLE,
                        where + "could not be reached; the same request may succeed in some seconds.");
        };
    }

    private static void mean(Reason reason, String sentence, String... codes) {
        for (String code : codes) {
            MEANINGS.put(code, new Meaning(reason, sentence));
        }
    }

    private static Refusal timedOut(String where) {
        return new Refusal(
                Reason.TIMED_OUT, where + "did not answer in time; the same request may succeed in some seconds.");
    }

    private static Refusal refusal(String where, AwsServiceException e) {
        String code = code(e);
        Meaning meaning = MEANINGS.get(code);
        if (meaning != null) {
            return new Refusal(meaning.reason(), where + meaning.sentence().replace("{code}", code));
        }
        return e.statusCode() >= 500
                ? new Refusal(
                        Reason.EC2_UNAVAILABLE,
                        where + "failed (" + code + "); the same request may succeed in some seconds.")
                : new Refusal(Reason.EC2_REFUSED, where + "was refused by EC2: " + code + ": " + message(e));
    }

    private static String message(AwsServiceException e) {
        String message =
                e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
        if (message == null || message.isEmpty()) {
            return "no reason given.";
        }
        return message.endsWith(".") ? message : message + ".";
    }
}
