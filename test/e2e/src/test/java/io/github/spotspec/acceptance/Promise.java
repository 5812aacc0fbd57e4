package io.github.spotspec.acceptance;

import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/**
 * A row of the report: a promise or an open question, and the check that settles it.
 *
 * @param words what is promised or asked
 */
record Promise(String words, Check check) {
    private static final Set<String> SHORTAGES = Set.of(
            "InstanceLimitExceeded",
            "InsufficientCapacity",
            "InsufficientInstanceCapacity",
            "MaxSpotInstanceCountExceeded",
            "UnfulfillableCapacity",
            "VcpuLimitExceeded");

    /** Settles a promise. An exception means that it did not hold, except one for a shortage. */
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
        } catch (Ec2Exception e) {
            return isShortage(e) ? Result.notSettled(words(e)) : Result.notHeld(words(e));
        } catch (Exception e) {
            return Result.notHeld(words(e));
        }
    }

    /**
     * Returns whether the account's quota or EC2's capacity was too small for a launch of the run, which says nothing
     * about the service.
     */
    static boolean isShortage(Ec2Exception e) {
        return e.awsErrorDetails() != null
                && SHORTAGES.contains(e.awsErrorDetails().errorCode());
    }

    /** Returns AWS's own words. */
    static String words(Exception e) {
        return e instanceof AwsServiceException aws && aws.awsErrorDetails() != null
                ? aws.awsErrorDetails().errorCode() + ": "
                        + aws.awsErrorDetails().errorMessage()
                : e.toString();
    }
}
