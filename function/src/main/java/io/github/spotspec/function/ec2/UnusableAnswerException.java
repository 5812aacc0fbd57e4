package io.github.spotspec.function.ec2;

import software.amazon.awssdk.core.exception.SdkClientException;

/** An answer of AWS's that came whole, and that nothing can be done with. The message completes "AWS gave …". */
final class UnusableAnswerException extends SdkClientException {
    private static final long serialVersionUID = 1L;

    UnusableAnswerException(String what) {
        super(SdkClientException.builder().message(what));
    }
}
