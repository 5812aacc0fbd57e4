package io.github.spotspec.function.ec2;

import software.amazon.awssdk.core.exception.SdkClientException;

/** Thrown when AWS returns a complete answer that cannot be used. The message completes "AWS returned …". */
final class UnusableAnswerException extends SdkClientException {
    private static final long serialVersionUID = 1L;

    UnusableAnswerException(String what) {
        super(SdkClientException.builder().message(what));
    }
}
