package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsErrors;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;

/** The outcome of one call of EC2's RunInstances, or of what EC2 Fleet called in one pool. */
sealed interface RunInstancesOutcome {
    /** The IAM action of a launch without a fleet, and of a fleet's own launch in each pool. */
    String RUN_INSTANCES = "ec2:RunInstances";

    /** EC2 launched these instances, perhaps fewer than the call asked for. */
    record Launched(List<ManagedInstance> instances) implements RunInstancesOutcome {}

    /** The call was a dry run and would have succeeded. */
    record DryRunSucceeded() implements RunInstancesOutcome {}

    /**
     * This pool has no capacity now; another pool may have some.
     *
     * @param message what EC2 said
     */
    record NoCapacity(String code, String message) implements RunInstancesOutcome {}

    /**
     * This pool cannot be used for a reason other than capacity; another pool may be usable.
     *
     * @param message what EC2 said
     * @param part the part of the pool that is incompatible
     */
    record Incompatible(String code, String message, ServiceException exception, Part part)
            implements RunInstancesOutcome {}

    /** The part of a pool that is incompatible, so that the launch skips all pools that share it. */
    enum Part {
        POOL,
        TYPE,
        ZONE,
        REGION
    }

    /** The client token was used for a different call, either before or at the same time. */
    record ClientTokenConflict() implements RunInstancesOutcome {}

    /** The instances that the client token launched before have ended. */
    record InstancesTerminated() implements RunInstancesOutcome {}

    /** It is unknown whether EC2 launched anything; the identical call may be repeated. */
    record Unknown(ServiceException exception) implements RunInstancesOutcome {}

    /**
     * EC2 launched nothing, and no other pool would help.
     *
     * @param isRetryable whether the same call may succeed in some seconds, because EC2 does not see a new resource yet
     */
    record Rejected(ServiceException exception, boolean isRetryable) implements RunInstancesOutcome {
        Rejected(ServiceException exception) {
            this(exception, false);
        }
    }

    /**
     * Returns the outcome of a failed call that would launch in a pool.
     *
     * @param action the IAM action of the call
     * @param onlyRegion whether the launch has no other region to try
     */
    static RunInstancesOutcome of(String action, CapacityPool pool, boolean onlyRegion, SdkException e) {
        String region = pool.region();
        Image image = pool.image();
        if (image.marketplace() && Ec2Errors.concernsSubscription(e)) {
            return new Rejected(notSubscribed(region, image));
        }
        String code = AwsErrors.code(e);
        ServiceException why = Ec2Errors.toException(action, region, e);
        String words = Ec2Errors.words(e);
        return switch (Ec2Errors.verdict(e)) {
            case DRY_RUN_SUCCEEDED -> new DryRunSucceeded();
            case REJECTED -> new Rejected(why);
            case NO_CAPACITY -> new NoCapacity(code, words);
            case PRICE_TOO_LOW, POOL_INCOMPATIBLE -> new Incompatible(code, words, why, Part.POOL);
            case TYPE_INCOMPATIBLE -> new Incompatible(code, words, why, Part.TYPE);
            case ZONE_INCOMPATIBLE -> new Incompatible(code, words, why, Part.ZONE);
            case REGION_INCOMPATIBLE ->
                onlyRegion ? new Rejected(why) : new Incompatible(code, words, why, Part.REGION);
            case NOT_YET_VISIBLE -> new Rejected(why, true);
            case CLIENT_TOKEN_CONFLICT -> new ClientTokenConflict();
            case CLIENT_TOKEN_ENDED -> new InstancesTerminated();
            case REPEATABLE -> new Unknown(why);
        };
    }

    /**
     * Returns the outcome of a pool in which EC2 Fleet launched nothing. An error that makes the outcome of a call
     * unknown is known here to have launched nothing, because the fleet lists what it launched.
     */
    static RunInstancesOutcome ofFleet(CapacityPool pool, boolean onlyRegion, SdkException e) {
        RunInstancesOutcome outcome = of(RUN_INSTANCES, pool, onlyRegion, e);
        return switch (outcome) {
            case NoCapacity none -> outcome;
            case Incompatible incompatible -> outcome;
            case Rejected rejected -> outcome;
            default ->
                new Incompatible(
                        AwsErrors.code(e),
                        Ec2Errors.words(e),
                        Ec2Errors.toException(RUN_INSTANCES, pool.region(), e),
                        Part.POOL);
        };
    }

    private static ServiceException notSubscribed(String region, Image image) {
        return new ServiceException(
                ErrorCode.EC2_REFUSED,
                RUN_INSTANCES + " in " + region
                        + " was refused, most likely because the account has not subscribed to"
                        + " the AWS Marketplace product of image " + image.id()
                        + "; accept its terms at https://aws.amazon.com/marketplace, or choose another image.");
    }
}
