package io.github.spotspec.function.launch;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.OwnInstance;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;

/** What came of one call of EC2's RunInstances. */
sealed interface Outcome {
    /** It launched these, perhaps fewer than asked. */
    record Launched(List<OwnInstance> instances) implements Outcome {}

    /** It was a rehearsal, and would have succeeded. */
    record Rehearsed() implements Outcome {}

    /** This pool has no room now; another may. */
    record NoRoom(String code) implements Outcome {}

    /**
     * This pool is not to be had for another reason than its room; another may be.
     *
     * @param what what does not fit
     */
    record Unfit(String code, Refusal why, What what) implements Outcome {}

    /** What of a pool does not fit, and so need not be tried again. */
    enum What {
        POOL,
        TYPE,
        ZONE
    }

    /** The token stands for another call, made before or at the same time. */
    record TokenUsed() implements Outcome {}

    /** What the token once launched has ended. */
    record Ended() implements Outcome {}

    /** No one can tell if it launched anything; the very same call may be repeated. */
    record Unknown(Refusal why) implements Outcome {}

    /**
     * It launched nothing, and no other pool would help.
     *
     * @param mayPassSoon whether the same call may succeed in some seconds, because EC2 does not yet see something new
     */
    record Refused(Refusal why, boolean mayPassSoon) implements Outcome {
        Refused(Refusal why) {
            this(why, false);
        }
    }

    /** Returns what a failed call that was to launch from an image means. */
    static Outcome of(String region, Image image, SdkException e) {
        if (image.marketplace() && Ec2Errors.isOfSubscription(e)) {
            return new Refused(notSubscribed(region, image));
        }
        String code = Ec2Errors.code(e);
        Refusal why = Ec2Errors.refusal("ec2:RunInstances", region, e);
        return switch (Ec2Errors.verdict(e)) {
            case DRY_RUN_SUCCEEDED -> new Rehearsed();
            case REFUSED -> new Refused(why);
            case NO_CAPACITY -> new NoRoom(code);
            case PRICE_TOO_LOW, POOL_UNFIT -> new Unfit(code, why, What.POOL);
            case TYPE_UNFIT -> new Unfit(code, why, What.TYPE);
            case ZONE_UNFIT -> new Unfit(code, why, What.ZONE);
            case NOT_YET_VISIBLE -> new Refused(why, true);
            case TOKEN_USED -> new TokenUsed();
            case TOKEN_ENDED -> new Ended();
            case REPEATABLE -> new Unknown(why);
        };
    }

    private static Refusal notSubscribed(String region, Image image) {
        return new Refusal(
                Reason.EC2_REFUSED,
                "ec2:RunInstances in " + region
                        + " was refused by EC2, most likely since the account has not subscribed to"
                        + " the AWS Marketplace product of image " + image.id()
                        + "; accept its terms at https://aws.amazon.com/marketplace, or name another image.");
    }
}
