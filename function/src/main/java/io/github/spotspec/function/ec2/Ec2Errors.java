package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** EC2's error codes in the service's words, after the error code table of EC2's API reference. */
final class Ec2Errors {
    private static final Map<String, Reason> REASONS = Map.ofEntries(
            Map.entry("UnauthorizedOperation", Reason.NOT_AUTHORIZED),
            Map.entry("AuthFailure", Reason.OPERATOR_REJECTED),
            // EC2 answers AuthFailure with 401, and of a 401 the JDK's HTTP client does not give out the body.
            Map.entry("HTTP 401", Reason.OPERATOR_REJECTED),
            Map.entry("InvalidClientTokenId", Reason.OPERATOR_REJECTED),
            Map.entry("SignatureDoesNotMatch", Reason.OPERATOR_REJECTED),
            Map.entry("ExpiredToken", Reason.OPERATOR_REJECTED),
            Map.entry("RequestExpired", Reason.OPERATOR_REJECTED),
            Map.entry("Blocked", Reason.OPERATOR_REJECTED),
            Map.entry("OptInRequired", Reason.OPERATOR_REJECTED),
            Map.entry("RequestLimitExceeded", Reason.THROTTLED),
            Map.entry("Throttling", Reason.THROTTLED),
            Map.entry("InternalError", Reason.EC2_UNAVAILABLE),
            Map.entry("InternalFailure", Reason.EC2_UNAVAILABLE),
            Map.entry("ServiceUnavailable", Reason.EC2_UNAVAILABLE),
            Map.entry("Unavailable", Reason.EC2_UNAVAILABLE));

    private Ec2Errors() {}

    /** Returns whether EC2 says that the call would have succeeded, had it not been a dry run. */
    static boolean isDryRunSuccess(SdkException e) {
        return e instanceof AwsServiceException service && "DryRunOperation".equals(code(service));
    }

    /** Returns what a failed call means for the caller of the service. */
    static Refusal refusal(String action, String region, SdkException e) {
        String where = action + " in " + region;
        return switch (e) {
            case ApiCallTimeoutException late -> timedOut(where);
            case ApiCallAttemptTimeoutException late -> timedOut(where);
            case AwsServiceException service -> refusal(where, service);
            default ->
                new Refusal(
                        Reason.EC2_UNAVAILABLE,
                        where + " could not be reached; the same request may succeed in some seconds.");
        };
    }

    private static Refusal timedOut(String where) {
        return new Refusal(
                Reason.TIMED_OUT, where + " did not answer in time; the same request may succeed in some seconds.");
    }

    private static Refusal refusal(String where, AwsServiceException e) {
        String code = code(e);
        Reason reason = REASONS.getOrDefault(code, e.statusCode() >= 500 ? Reason.EC2_UNAVAILABLE : Reason.EC2_REFUSED);
        String details = switch (reason) {
            case NOT_AUTHORIZED -> where + " is not allowed to the operator by IAM.";
            case OPERATOR_REJECTED ->
                where + " does not accept the operator's key (" + code
                        + "); the secret must hold an active access key, and the region must be enabled for the account.";
            case THROTTLED -> where + " is throttled (" + code + "); try again in some seconds.";
            case EC2_UNAVAILABLE -> where + " failed (" + code + "); the same request may succeed in some seconds.";
            default -> where + " was refused by EC2: " + code + ": " + message(e);
        };
        return new Refusal(reason, details);
    }

    private static String code(AwsServiceException e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? "HTTP " + e.statusCode()
                : e.awsErrorDetails().errorCode();
    }

    private static String message(AwsServiceException e) {
        String message =
                e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
        return message == null ? "no reason given." : message;
    }
}
