package io.github.spotspec.acceptance;

import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * A row of the report: a promise or an open question, and the check that settles it.
 *
 * @param words what is promised or asked
 */
record Promise(String words, Check check) {
    /** Settles a promise. An exception means that it did not hold. */
    @FunctionalInterface
    interface Check {
        Result in(Run run) throws Exception;
    }

    /** Runs the check. */
    Result settle(Run run) throws InterruptedException {
        try {
            return check.in(run);
        } catch (Result.Early early) {
            return early.result();
        } catch (InterruptedException interrupted) {
            throw interrupted;
        } catch (Exception e) {
            return Result.notHeld(words(e));
        }
    }

    /** Returns AWS's own words. */
    static String words(Exception e) {
        return e instanceof AwsServiceException aws && aws.awsErrorDetails() != null
                ? aws.awsErrorDetails().errorCode() + ": "
                        + aws.awsErrorDetails().errorMessage()
                : e.toString();
    }
}
