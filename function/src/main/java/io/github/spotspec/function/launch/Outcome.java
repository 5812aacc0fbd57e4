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

    /** It launched nothing, and no other pool would help. */
    record Refused(Refusal why) implements Outcome {}

    /** Returns what a failed call that was to launch from an image means. */
    static Outcome of(String region, Image image, SdkException e) {
        if (Ec2Errors.isDryRunSuccess(e)) {
            return new Rehearsed();
        }
        if (image.marketplace() && Ec2Errors.isOfSubscription(e)) {
            return new Refused(notSubscribed(region, image));
        }
        Refusal why = Ec2Errors.refusal("ec2:RunInstances", region, e);
        return switch (Ec2Errors.code(e)) {
            case "IdempotentParameterMismatch" -> new TokenUsed();
            case "IdempotentInstanceTerminated" -> new Ended();
            case String code when Ec2Errors.isOfType(e) -> new Unfit(code, why, What.TYPE);
            case String code when Ec2Errors.isOfZone(e) -> new Unfit(code, why, What.ZONE);
            case "SpotMaxPriceTooLow", "Unsupported" -> new Unfit(Ec2Errors.code(e), why, What.POOL);
            // A quota is of a family of types.
            case "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded" -> new Unfit(Ec2Errors.code(e), why, What.TYPE);
            case String code when why.reason() == Reason.NO_CAPACITY -> new NoRoom(code);
            // Throttled calls were not carried out, but may be repeated like those of which one cannot tell.
            case String code when why.reason() == Reason.THROTTLED || Ec2Errors.isAmbiguous(e) -> new Unknown(why);
            default -> new Refused(why);
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
