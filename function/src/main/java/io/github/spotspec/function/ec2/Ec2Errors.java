package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsErrors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/**
 * The one table of EC2's error codes, based on "Error codes for the Amazon EC2 API" in its API reference. It maps each
 * code to its meaning for the caller and for the other pools of a launch. A code that is not in the table is reported
 * as a rejection in EC2's own words, or as a failure if its status is 500 or above.
 */
public final class Ec2Errors {
    /** What an error says about a launch and its other pools. */
    public enum Verdict {
        /** The call was a dry run and would have launched. */
        DRY_RUN_SUCCEEDED,
        /** EC2 launched nothing, and no other pool would help. */
        REJECTED,
        /** This pool has no capacity now; another may have some. */
        NO_CAPACITY,
        /** The maximum price is below the spot price of this pool; another pool may cost less. */
        PRICE_TOO_LOW,
        /** This pool cannot be used; another pool may be usable. */
        POOL_INCOMPATIBLE,
        /** This type cannot be used in any zone. */
        TYPE_INCOMPATIBLE,
        /** This zone cannot be used for any type. */
        ZONE_INCOMPATIBLE,
        /** This region cannot be used for any type, because it lacks a resource or its quota is used up. */
        REGION_INCOMPATIBLE,
        /** EC2 does not see a new resource yet; the same call may succeed in some seconds. */
        NOT_YET_VISIBLE,
        /** The client token was used for a different call. */
        CLIENT_TOKEN_CONFLICT,
        /** The instances that the client token launched before have ended. */
        CLIENT_TOKEN_ENDED,
        /** EC2 may have launched something, or throttled the call; the identical call may be repeated. */
        REPEATABLE
    }

    /** The meaning of an error code; the sentence follows the action and region. */
    private record Meaning(ErrorCode errorCode, Verdict verdict, String sentence) {
        String sentence(AwsServiceException e) {
            return sentence.replace("{code}", AwsErrors.code(e)).replace("{message}", message(e));
        }
    }

    /** The meaning of an error code if its message contains these words; the code also stands for other errors. */
    private record Special(String words, Verdict verdict) {}

    /**
     * The code of a 401 without a body. EC2 answers AuthFailure and OptInRequired with 401, and the JDK's HTTP client
     * does not expose the body of a 401.
     */
    private static final String UNNAMED_UNAUTHORIZED = "HTTP 401";

    /** The codes of a launch template that EC2 does not know, or does not show yet. */
    private static final List<String> TEMPLATE_UNKNOWN =
            List.of("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound");

    private static final String EC2S_OWN_WORDS = "was refused: {code}: {message}";
    private static final String FAILED = "failed ({code}); the same request may succeed in a few seconds.";
    private static final String NO_CAPACITY_SENTENCE =
            "found no capacity ({code}); try another type or zone, or try again later.";
    private static final String OVER_QUOTA =
            "would exceed a quota of the account ({code}); end instances, or request an increase in Service Quotas.";

    private static final Meaning OUT_OF_CAPACITY =
            new Meaning(ErrorCode.NO_CAPACITY, Verdict.NO_CAPACITY, NO_CAPACITY_SENTENCE);
    private static final Meaning FAILURE = new Meaning(ErrorCode.EC2_UNAVAILABLE, Verdict.REPEATABLE, FAILED);
    private static final Meaning REJECTION = new Meaning(ErrorCode.EC2_REFUSED, Verdict.REJECTED, EC2S_OWN_WORDS);

    private static final Map<String, Meaning> MEANINGS = new HashMap<>();

    /** By error code: errors of RunInstances for which only the message says what is incompatible. */
    private static final Map<String, List<Special>> SPECIALS = Map.of(
            "InvalidParameterValue",
            List.of(
                    new Special("Invalid IAM Instance Profile", Verdict.NOT_YET_VISIBLE),
                    new Special("instance type", Verdict.TYPE_INCOMPATIBLE)),
            "InvalidParameterCombination",
            List.of(new Special("instance type", Verdict.TYPE_INCOMPATIBLE)),
            "UnsupportedOperation",
            List.of(new Special("instance type", Verdict.TYPE_INCOMPATIBLE)),
            "Unsupported",
            List.of(new Special("architecture", Verdict.TYPE_INCOMPATIBLE)),
            "InvalidInput",
            List.of(new Special("No default subnet for availability zone", Verdict.ZONE_INCOMPATIBLE)),
            "MissingInput",
            List.of(new Special("No default subnet for availability zone", Verdict.ZONE_INCOMPATIBLE)));

    static {
        define(
                ErrorCode.NOT_AUTHORIZED,
                Verdict.REJECTED,
                "was denied, because IAM does not allow the operator to do this.",
                "UnauthorizedOperation",
                "AccessDenied",
                "AccessDeniedException",
                "AuthException");
        // Of EC2 Instance Connect.
        define(
                ErrorCode.INSTANCE_NOT_READY,
                Verdict.REJECTED,
                "needs an instance that runs and that EC2 can reach ({code}); try again in a few seconds.",
                "EC2InstanceStateInvalidException",
                "EC2InstanceUnavailableException");
        define(
                ErrorCode.ID_NOT_FOUND,
                Verdict.REJECTED,
                "does not know the instance ({code}); check the id and the region, and try again in a few seconds.",
                "EC2InstanceNotFoundException");
        define(
                ErrorCode.OPERATOR_REJECTED,
                Verdict.REJECTED,
                "rejected the operator's key ({code}); the secret must contain an active access key, and the region"
                        + " must be enabled for the account.",
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
        define(
                ErrorCode.THROTTLED,
                Verdict.REPEATABLE,
                "was throttled ({code}); try again in a few seconds.",
                "RequestLimitExceeded",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException");
        define(
                FAILURE.errorCode(),
                FAILURE.verdict(),
                FAILURE.sentence(),
                "InternalError",
                "InternalFailure",
                "ServiceException",
                "ServerInternal",
                "ServiceUnavailable",
                "Unavailable");
        // Codes that say so in their name are recognized by the name: see isOutOfCapacity.
        define(
                OUT_OF_CAPACITY.errorCode(),
                OUT_OF_CAPACITY.verdict(),
                OUT_OF_CAPACITY.sentence(),
                "InsufficientFreeAddressesInSubnet",
                "ReservationCapacityExceeded",
                "UnfulfillableCapacity");
        define(
                ErrorCode.NO_CAPACITY,
                Verdict.POOL_INCOMPATIBLE,
                NO_CAPACITY_SENTENCE,
                "Unsupported",
                // EC2 Fleet's code for a type that a zone does not offer.
                "InvalidFleetConfiguration");
        define(
                ErrorCode.PRICE_BELOW_SPOT,
                Verdict.PRICE_TOO_LOW,
                "was refused, because the maximum price is below the spot price ({code}); raise or omit 'price'.",
                "SpotMaxPriceTooLow");
        define(
                ErrorCode.ACCOUNT_LIMIT,
                Verdict.REGION_INCOMPATIBLE,
                OVER_QUOTA,
                "MaxSpotFleetRequestCountExceeded",
                "InstanceLimitExceeded",
                "VolumeLimitExceeded",
                "MaxIOPSLimitExceeded",
                "MaxTemplateLimitExceeded");
        // A quota for a family of types.
        define(
                ErrorCode.ACCOUNT_LIMIT,
                Verdict.TYPE_INCOMPATIBLE,
                OVER_QUOTA,
                "MaxSpotInstanceCountExceeded",
                "VcpuLimitExceeded");
        define(
                ErrorCode.SPOT_ROLE_MISSING,
                Verdict.REJECTED,
                "needs the service-linked role AWSServiceRoleForEC2Spot; an administrator must create it once with"
                        + " 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com'.",
                "AuthFailure.ServiceLinkedRoleCreationNotPermitted");
        define(
                ErrorCode.SCORE_LIMIT,
                Verdict.REJECTED,
                "accepts only a limited number of new configurations in 24 hours ({code}); repeat an earlier"
                        + " request, or wait.",
                "MaxConfigLimitExceeded",
                "MaxConfigLimitExceededException");
        define(ErrorCode.EC2_REFUSED, Verdict.TYPE_INCOMPATIBLE, EC2S_OWN_WORDS, "EncryptedVolumesNotSupported");
        define(ErrorCode.EC2_REFUSED, Verdict.ZONE_INCOMPATIBLE, EC2S_OWN_WORDS, "VolumeTypeNotAvailableInZone");
        // Key pairs, groups, subnets and private images exist in one region each.
        define(
                ErrorCode.EC2_REFUSED,
                Verdict.REGION_INCOMPATIBLE,
                EC2S_OWN_WORDS,
                "InvalidAMIID.NotFound",
                "InvalidGroup.NotFound",
                "InvalidKeyPair.NotFound",
                "InvalidSubnetID.NotFound",
                "VPCIdNotSpecified");
        define(ErrorCode.EC2_REFUSED, Verdict.NOT_YET_VISIBLE, EC2S_OWN_WORDS, TEMPLATE_UNKNOWN.toArray(String[]::new));
        define(ErrorCode.EC2_REFUSED, Verdict.CLIENT_TOKEN_CONFLICT, EC2S_OWN_WORDS, "IdempotentParameterMismatch");
        define(ErrorCode.EC2_REFUSED, Verdict.CLIENT_TOKEN_ENDED, EC2S_OWN_WORDS, "IdempotentInstanceTerminated");
        define(ErrorCode.EC2_REFUSED, Verdict.DRY_RUN_SUCCEEDED, EC2S_OWN_WORDS, "DryRunOperation");
    }

    private Ec2Errors() {}

    /** Returns whether EC2 says that the call would have succeeded without the dry run. */
    public static boolean isDryRunSuccess(SdkException e) {
        return verdict(e) == Verdict.DRY_RUN_SUCCEEDED;
    }

    /**
     * Returns whether it is unknown if the call was carried out: EC2 did not answer, or reported a failure on its side.
     */
    public static boolean isAmbiguous(SdkException e) {
        return !(e instanceof AwsServiceException service) || meaning(service).errorCode() == ErrorCode.EC2_UNAVAILABLE;
    }

    /** Returns what a failed RunInstances call says about the launch and its other pools. */
    public static Verdict verdict(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return Verdict.REPEATABLE;
        }
        return SPECIALS.getOrDefault(AwsErrors.code(e), List.of()).stream()
                .filter(special -> message(service).contains(special.words()))
                .findFirst()
                .map(Special::verdict)
                .orElseGet(() -> meaning(service).verdict());
    }

    /**
     * Returns whether EC2 may be saying that the account lacks a subscription. A rejected key results in the same
     * codes.
     */
    public static boolean concernsSubscription(SdkException e) {
        return List.of("OptInRequired", UNNAMED_UNAUTHORIZED).contains(AwsErrors.code(e));
    }

    /** Returns whether a launch template of the name exists already. */
    static boolean isTemplateNameUsed(SdkException e) {
        return AwsErrors.code(e).equals("InvalidLaunchTemplateName.AlreadyExistsException");
    }

    /** Returns whether EC2 does not know the launch template that the call names, or does not show it yet. */
    public static boolean isTemplateUnknown(SdkException e) {
        return TEMPLATE_UNKNOWN.contains(AwsErrors.code(e));
    }

    /** Returns the exception for an error that EC2 Fleet reports for one pool. */
    public static SdkException ofFleet(CreateFleetError error) {
        return Ec2Exception.builder()
                .statusCode(400)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .serviceName("Ec2")
                        .errorCode(error.errorCode())
                        .errorMessage(error.errorMessage())
                        .build())
                .build();
    }

    /** Returns whether EC2 does not know a resource that the call names. */
    static boolean isNotFound(SdkException e) {
        return AwsErrors.code(e).endsWith(".NotFound");
    }

    /** Returns whether EC2 has the latest console output only of other instance types. */
    static boolean lacksLatestOutput(SdkException e) {
        return AwsErrors.code(e).equals("UnsupportedOperation");
    }

    /** Returns which of these ids EC2 does not know, or an empty list if the error is a different one. */
    static List<String> notFound(SdkException e, List<String> ids) {
        if (!isNotFound(e)) {
            return List.of();
        }
        // The message is the only place in which EC2 names the ids.
        Set<String> words = new HashSet<>(List.of(String.valueOf(e.getMessage()).split("[^A-Za-z0-9-]+", -1)));
        return ids.stream().filter(words::contains).toList();
    }

    /** Returns whether Systems Manager has no parameter of the name that the call asks for. */
    static boolean isParameterNotFound(SdkException e) {
        return AwsErrors.code(e).equals("ParameterNotFound");
    }

    /** Returns whether the error is about single resources, so that the same call may succeed for others. */
    static boolean mayConcernOneResource(ServiceException failure) {
        return failure.errorCode() == ErrorCode.NOT_AUTHORIZED || failure.errorCode() == ErrorCode.EC2_REFUSED;
    }

    /** Returns the exception that says what a failed call means for the caller. */
    public static ServiceException toException(String action, String region, SdkException e) {
        String where = action + " in " + region + " ";
        return switch (e) {
            case ApiCallTimeoutException late -> timedOut(where);
            case ApiCallAttemptTimeoutException late -> timedOut(where);
            case AwsServiceException service ->
                new ServiceException(
                        meaning(service).errorCode(), where + meaning(service).sentence(service));
            case UnusableAnswerException unusable ->
                new ServiceException(
                        ErrorCode.EC2_UNAVAILABLE,
                        where + "returned " + unusable.getMessage()
                                + "; the same request may succeed in a few seconds.");
            default ->
                new ServiceException(
                        ErrorCode.EC2_UNAVAILABLE,
                        where + "could not be reached; the same request may succeed in a few seconds.");
        };
    }

    /** Returns what EC2 said, without the advice that follows in some of its messages. */
    public static String words(SdkException e) {
        String message = AwsErrors.message(e).strip();
        if (message.isEmpty()) {
            return "EC2 gave no reason other than the code.";
        }
        String first = message.split("(?<=\\.)\\s", 2)[0];
        return first.endsWith(".") ? first : first + ".";
    }

    private static void define(ErrorCode errorCode, Verdict verdict, String sentence, String... codes) {
        for (String code : codes) {
            MEANINGS.put(code, new Meaning(errorCode, verdict, sentence));
        }
    }

    private static Meaning meaning(AwsServiceException e) {
        String code = AwsErrors.code(e);
        Meaning meaning = MEANINGS.get(code);
        if (meaning != null) {
            return meaning;
        }
        if (isOutOfCapacity(code)) {
            return OUT_OF_CAPACITY;
        }
        return e.statusCode() >= 500 ? FAILURE : REJECTION;
    }

    /**
     * Returns whether the name of a code says that something has no capacity. EC2's reference has eight such codes,
     * from InsufficientInstanceCapacity to InsufficientCapacityOnHost; some of them have status 500.
     */
    private static boolean isOutOfCapacity(String code) {
        return code.startsWith("Insufficient") && code.contains("Capacity");
    }

    private static ServiceException timedOut(String where) {
        return new ServiceException(
                ErrorCode.TIMED_OUT, where + "did not answer in time; the same request may succeed in a few seconds.");
    }

    private static String message(AwsServiceException e) {
        String message = AwsErrors.message(e);
        if (message.isEmpty()) {
            return "no reason given.";
        }
        return message.endsWith(".") ? message : message + ".";
    }
}
