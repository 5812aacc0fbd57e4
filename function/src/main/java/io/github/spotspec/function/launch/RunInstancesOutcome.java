package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;

/** What came of one call of EC2's RunInstances. */
sealed interface RunInstancesOutcome {
    /** It launched these, perhaps fewer than asked. */
    record Launched(List<ManagedInstance> instances) implements RunInstancesOutcome {}

    /** It was a rehearsal, and would have succeeded. */
    record DryRunSucceeded() implements RunInstancesOutcome {}

    /** This pool has no room now; another may. */
    record NoCapacity(String code) implements RunInstancesOutcome {}

    /**
     * This pool is not to be had for another reason than its room; another may be.
     *
     * @param what what does not fit
     */
    record Incompatible(String code, ServiceException why, Part what) implements RunInstancesOutcome {}

    /** What of a pool does not fit, and so need not be tried again. */
    enum Part {
        POOL,
        TYPE,
        ZONE
    }

    /** The token stands for another call, made before or at the same time. */
    record ClientTokenConflict() implements RunInstancesOutcome {}

    /** What the token once launched has ended. */
    record InstancesTerminated() implements RunInstancesOutcome {}

    /** No one can tell if it launched anything; the very same call may be repeated. */
    record Unknown(ServiceException why) implements RunInstancesOutcome {}

    /**
     * It launched nothing, and no other pool would help.
     *
     * @param mayPassSoon whether the same call may succeed in some seconds, because EC2 does not yet see something new
     */
    record Refused(ServiceException why, boolean mayPassSoon) implements RunInstancesOutcome {
        Refused(ServiceException why) {
            this(why, false);
        }
    }

    /** Returns what a failed call that was to launch from an image means. */
    static RunInstancesOutcome of(String region, Image image, SdkException e) {
        if (image.marketplace() && Ec2Errors.concernsSubscription(e)) {
            return new Refused(notSubscribed(region, image));
        }
        String code = Ec2Errors.code(e);
        ServiceException why = Ec2Errors.toException("ec2:RunInstances", region, e);
        return switch (Ec2Errors.verdict(e)) {
            case DRY_RUN_SUCCEEDED -> new DryRunSucceeded();
            case REFUSED -> new Refused(why);
            case NO_CAPACITY -> new NoCapacity(code);
            case PRICE_TOO_LOW, POOL_UNFIT -> new Incompatible(code, why, Part.POOL);
            case TYPE_UNFIT -> new Incompatible(code, why, Part.TYPE);
            case ZONE_UNFIT -> new Incompatible(code, why, Part.ZONE);
            case NOT_YET_VISIBLE -> new Refused(why, true);
            case TOKEN_USED -> new ClientTokenConflict();
            case TOKEN_ENDED -> new InstancesTerminated();
            case REPEATABLE -> new Unknown(why);
        };
    }

    private static ServiceException notSubscribed(String region, Image image) {
        return new ServiceException(
                ErrorCode.EC2_REFUSED,
                "ec2:RunInstances in " + region
                        + " was refused by EC2, most likely since the account has not subscribed to"
                        + " the AWS Marketplace product of image " + image.id()
                        + "; accept its terms at https://aws.amazon.com/marketplace, or name another image.");
    }
}
