package io.github.spotspec.function.runtime;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Reads the errors of AWS services. */
public final class AwsErrors {
    private AwsErrors() {}

    /**
     * Returns the error code, {@code HTTP} and the status if there is no code, or an empty string if there was no
     * answer.
     */
    public static String code(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return "";
        }
        return service.awsErrorDetails() == null || service.awsErrorDetails().errorCode() == null
                ? "HTTP " + service.statusCode()
                : service.awsErrorDetails().errorCode();
    }

    /** Returns the error message of the service, or an empty string if there is none. */
    public static String message(SdkException e) {
        String message = e instanceof AwsServiceException service && service.awsErrorDetails() != null
                ? service.awsErrorDetails().errorMessage()
                : null;
        return message == null ? "" : message;
    }
}
