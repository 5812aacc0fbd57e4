package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The one table of EC2's error codes, after "Error codes for the Amazon EC2 API" in its API reference: what a code means for
 * the caller of the service, and what it says about the other pools of a launch. A code that is not in the table is a refusal
 * in EC2's own words, or, with status 500 and above, a failure.
 */
public final class Ec2Errors {
    /** What an error says about a launch and its other pools. */
    public enum Verdict {
        /** It was a dry run, and would have launched. */
        DRY_RUN_SUCCEEDED,
        /** Nothing was launched, and no other pool would help. */
        REFUSED,
        /** This pool has no capacity now; another may have some. */
        NO_CAPACITY,
        /** The maximum price is below the spot price of this pool; another may cost less. */
        PRICE_TOO_LOW,
        /** This pool cannot be used; another may. */
        POOL_UNFIT,
        /** This type cannot be used in any zone. */
        TYPE_UNFIT,
        /** This zone cannot be used for any type. */
        ZONE_UNFIT,
        /** Something that was made a moment ago is not yet visible to EC2; the same call may succeed in some seconds. */
        NOT_YET_VISIBLE,
        /** The client token stands for another call. */
        TOKEN_USED,
        /** What the client token once launched has ended. */
        TOKEN_ENDED,
        /** It may have launched something, or was throttled; the very same call may be repeated. */
        REPEATABLE
    }

    /** What a code means; the sentence follows the action and region. */
    private record Meaning(ErrorCode reason, Verdict verdict, String sentence) {
        String sentence(AwsServiceException e) {
            return sentence.replace("{code}", code(e)).replace("{message}", message(e));
        }
    }

    /** What a code means if its message has these words; it stands for other faults, too. */
    private record Special(String words, Verdict verdict) {}

    /** EC2 answers AuthFailure and OptInRequired with 401, and of a 401 the JDK's HTTP client does not give out the body. */
    private static final String UNNAMED_UNAUTHORIZED = "HTTP 401";

    private static final String IN_EC2S_WORDS = "was refused by EC2: {code}: {message}";
    private static final String FAILED = "failed ({code}); the same request may succeed in some seconds.";
    private static final String NO_ROOM =
            "found no room ({code}); another type or zone may have some, or the same one later.";
    private static final String OVER_QUOTA =
            "would pass a quota of the account ({code}); end something, or have Service Quotas raise it.";

    private static final Meaning OUT_OF_CAPACITY = new Meaning(ErrorCode.NO_CAPACITY, Verdict.NO_CAPACITY, NO_ROOM);
    private static final Meaning FAILURE = new Meaning(ErrorCode.EC2_UNAVAILABLE, Verdict.REPEATABLE, FAILED);
    private static final Meaning REFUSAL = new Meaning(ErrorCode.EC2_REFUSED, Verdict.REFUSED, IN_EC2S_WORDS);

    private static final Map<String, Meaning> MEANINGS = new HashMap<>();

    /** By code; what RunInstances answers where only the message tells what does not fit. */
    private static final Map<String, List<Special>> SPECIALS = Map.of(
            "InvalidParameterValue",
            List.of(
                    new Special("Invalid IAM Instance Profile", Verdict.NOT_YET_VISIBLE),
                    new Special("instance type", Verdict.TYPE_UNFIT)),
            "InvalidParameterCombination",
            List.of(new Special("instance type", Verdict.TYPE_UNFIT)),
            "UnsupportedOperation",
            List.of(new Special("instance type", Verdict.TYPE_UNFIT)),
            "Unsupported",
            List.of(new Special("architecture", Verdict.TYPE_UNFIT)),
            "InvalidInput",
            List.of(new Special("No default subnet for availability zone", Verdict.ZONE_UNFIT)),
            "MissingInput",
            List.of(new Special("No default subnet for availability zone", Verdict.ZONE_UNFIT)));

    static {
        mean(
                ErrorCode.NOT_AUTHORIZED,
                Verdict.REFUSED,
                "is not allowed to the operator by IAM.",
                "UnauthorizedOperation",
                "AccessDenied",
                "AccessDeniedException");
        mean(
                ErrorCode.OPERATOR_REJECTED,
                Verdict.REFUSED,
                "does not accept the operator's key ({code}); the secret must hold an active access key, and the region must be"
                        + " enabled for the account.",
                "AuthFailure",
                UNNAMED_UNAUTHORIZED,
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
                ErrorCode.THROTTLED,
                Verdict.REPEATABLE,
                "is throttled ({code}); try again in some seconds.",
                "RequestLimitExceeded",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException");
        mean(
                FAILURE.reason(),
                FAILURE.verdict(),
                FAILURE.sentence(),
                "InternalError",
                "InternalFailure",
                "ServerInternal",
                "ServiceUnavailable",
                "Unavailable");
        // Those that say so by their name are found by it: see isOutOfCapacity.
        mean(
                OUT_OF_CAPACITY.reason(),
                OUT_OF_CAPACITY.verdict(),
                OUT_OF_CAPACITY.sentence(),
                "InsufficientFreeAddressesInSubnet",
                "ReservationCapacityExceeded",
                "UnfulfillableCapacity");
        mean(ErrorCode.NO_CAPACITY, Verdict.POOL_UNFIT, NO_ROOM, "Unsupported");
        mean(
                ErrorCode.PRICE_BELOW_SPOT,
                Verdict.PRICE_TOO_LOW,
                "was refused, because the maximum price is below the spot price ({code}); raise 'price', or leave it out.",
                "SpotMaxPriceTooLow");
        mean(
                ErrorCode.ACCOUNT_LIMIT,
                Verdict.REFUSED,
                OVER_QUOTA,
                "MaxSpotFleetRequestCountExceeded",
                "InstanceLimitExceeded",
                "VolumeLimitExceeded",
                "MaxIOPSLimitExceeded");
        // A quota of a family of types.
        mean(
                ErrorCode.ACCOUNT_LIMIT,
                Verdict.TYPE_UNFIT,
                OVER_QUOTA,
                "MaxSpotInstanceCountExceeded",
                "VcpuLimitExceeded");
        mean(
                ErrorCode.SPOT_ROLE_MISSING,
                Verdict.REFUSED,
                "needs the service-linked role AWSServiceRoleForEC2Spot; an administrator makes it once with"
                        + " 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com'.",
                "AuthFailure.ServiceLinkedRoleCreationNotPermitted");
        mean(
                ErrorCode.SCORE_LIMIT,
                Verdict.REFUSED,
                "answers only so many new questions in 24 hours ({code}); questions asked before may be asked again.",
                "MaxConfigLimitExceeded",
                "MaxConfigLimitExceededException");
        mean(ErrorCode.EC2_REFUSED, Verdict.TYPE_UNFIT, IN_EC2S_WORDS, "EncryptedVolumesNotSupported");
        mean(ErrorCode.EC2_REFUSED, Verdict.ZONE_UNFIT, IN_EC2S_WORDS, "VolumeTypeNotAvailableInZone");
        mean(ErrorCode.EC2_REFUSED, Verdict.TOKEN_USED, IN_EC2S_WORDS, "IdempotentParameterMismatch");
        mean(ErrorCode.EC2_REFUSED, Verdict.TOKEN_ENDED, IN_EC2S_WORDS, "IdempotentInstanceTerminated");
        mean(ErrorCode.EC2_REFUSED, Verdict.DRY_RUN_SUCCEEDED, IN_EC2S_WORDS, "DryRunOperation");
    }

    private Ec2Errors() {}

    /** Returns whether EC2 says that the call would have succeeded, had it not been a dry run. */
    public static boolean isDryRunSuccess(SdkException e) {
        return verdict(e) == Verdict.DRY_RUN_SUCCEEDED;
    }

    /** Returns whether no one can tell if the call was carried out: no answer came, or a failure without a meaning. */
    public static boolean isAmbiguous(SdkException e) {
        return !(e instanceof AwsServiceException service) || meaning(service).reason() == ErrorCode.EC2_UNAVAILABLE;
    }

    /** Returns what a failed RunInstances says about the launch and its other pools. */
    public static Verdict verdict(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return Verdict.REPEATABLE;
        }
        return SPECIALS.getOrDefault(code(e), List.of()).stream()
                .filter(special -> message(service).contains(special.words()))
                .findFirst()
                .map(Special::verdict)
                .orElseGet(() -> meaning(service).verdict());
    }

    /** Returns whether EC2 may say that the account has not subscribed to something; a key that is not accepted looks alike. */
    public static boolean concernsSubscription(SdkException e) {
        return List.of("OptInRequired", UNNAMED_UNAUTHORIZED).contains(code(e));
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
    public static ServiceException toException(String action, String region, SdkException e) {
        String where = action + " in " + region + " ";
        return switch (e) {
            case ApiCallTimeoutException late -> timedOut(where);
            case ApiCallAttemptTimeoutException late -> timedOut(where);
            case AwsServiceException service ->
                new ServiceException(
                        meaning(service).reason(), where + meaning(service).sentence(service));
            case UnusableAnswerException unusable ->
                new ServiceException(
                        ErrorCode.EC2_UNAVAILABLE,
                        where + "gave " + unusable.getMessage() + "; the same request may succeed in some seconds.");
            default ->
                new ServiceException(
                        ErrorCode.EC2_UNAVAILABLE,
                        where + "could not be reached; the same request may succeed in some seconds.");
        };
    }

    private static void mean(ErrorCode reason, Verdict verdict, String sentence, String... codes) {
        for (String code : codes) {
            MEANINGS.put(code, new Meaning(reason, verdict, sentence));
        }
    }

    private static Meaning meaning(AwsServiceException e) {
        String code = code(e);
        Meaning meaning = MEANINGS.get(code);
        if (meaning != null) {
            return meaning;
        }
        if (isOutOfCapacity(code)) {
            return OUT_OF_CAPACITY;
        }
        return e.statusCode() >= 500 ? FAILURE : REFUSAL;
    }

    /**
     * Returns whether a code says by its name that something has no capacity, as eight in EC2's reference do, from
     * InsufficientInstanceCapacity to InsufficientCapacityOnHost; some of them come with status 500.
     */
    private static boolean isOutOfCapacity(String code) {
        return code.startsWith("Insufficient") && code.contains("Capacity");
    }

    private static ServiceException timedOut(String where) {
        return new ServiceException(
                ErrorCode.TIMED_OUT, where + "did not answer in time; the same request may succeed in some seconds.");
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
